"""conda is led to a repository the wrong way, so that anaconda-client cannot agree with it (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause
from aen_tui.model.severity import Severity


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, "condarc-alias"):
            if root.severity is not Severity.UNKNOWN:  # that it was not read leads nobody anywhere
                yield cause_of(root, scene.told(node.name, "client-url", "condarc-channels"))


CAUSE = Rule("condarc-alias", _find)

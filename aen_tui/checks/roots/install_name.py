"""A gateway that was registered with a wrong name: that name leads nowhere either (seed 004)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause

_REGISTERED = re.compile(r"it was registered as (\S+), but ")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, "install-name"):
            if registered := _REGISTERED.match(root.words):
                names = scene.told(node.name, "name-resolution")
                yield cause_of(root, (one for one in names if one.words.startswith(f"{registered.group(1)} ")))


CAUSE = Rule("install-name", _find)

"""Why a mongod that is down does not come back: no room for its journal, or the lock file of an unclean end."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause

_WHY = ("mongo-unclean-lock", "mongo-journal-space")


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        down = list(scene.told(node.name, "mongod-answers"))
        root = next(scene.told(node.name, *_WHY), None)
        if down and root is not None:
            yield cause_of(root, down)


CAUSE = Rule("mongod-cannot-start", _find)

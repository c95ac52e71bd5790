"""A program that supervisor does not know: its URL is dead, and so is what stands before it (seed 002)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.checks.roots.program_down import told_of
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import NodeState

_URLS = {"wk-server": ("server", "wk-server"), "wk-gateway": ("gateway",), "wk-compute": ("compute",)}


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, "program-missing"):
            yield cause_of(root, _follows(scene, node, root))


def _follows(scene: Scene, node: NodeState, root: Trouble) -> Iterator[Trouble]:
    for program, urls in _URLS.items():
        if f"does not manage {program}," in root.words:
            yield from scene.answers(node, *urls)
            yield from told_of(scene, node, urls)


CAUSE = Rule("program-missing", _find)

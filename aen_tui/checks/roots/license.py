"""Without a license the server may refuse whatever it is asked, its status too (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aen_tui.checks.roots import Rule, Scene, cause_of
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import NodeState
from aen_tui.model.severity import Severity

_REFUSED = 503
"""502 and 504 are nginx's own: no program behind it said anything."""


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for root in scene.told(node.name, "license"):
            if root.severity is Severity.CRITICAL:
                yield cause_of(root, _follows(scene, node))


def _follows(scene: Scene, node: NodeState) -> Iterator[Trouble]:
    yield from scene.answers(node, "server", "wk-server", wanted=lambda one: one.status_code == _REFUSED)
    for one in scene.told(node.name, "server-page"):
        if f"answers {_REFUSED}:" in one.words:
            yield one


CAUSE = Rule("license", _find)

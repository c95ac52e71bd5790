"""wk-server takes connections and says nothing: so does nginx before it, and no page is seen (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aen_tui.checks.roots import Rule, Scene, cause_of, http_trouble
from aen_tui.checks.roots.program_down import is_refused
from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.facts import HttpState, NodeState
from aen_tui.model.severity import Severity

_WAITED = (502, 504)


def _find(scene: Scene) -> Iterable[Cause]:
    for node in scene.bad:
        for answer in node.http:
            if answer.name == "wk-server" and _is_silent(answer):
                message = f"wk-server does not answer: {answer.error}"
                yield cause_of(http_trouble(node.name, answer), _follows(scene, node), check="http", message=message)


def _is_silent(answer: HttpState) -> bool:
    """Whether it was asked and said nothing, though something took the connection."""
    asked = answer.seen_at is not None and answer.error is not None
    return asked and answer.status_code is None and not is_refused(answer)


def _follows(scene: Scene, node: NodeState) -> Iterator[Trouble]:
    yield from scene.answers(node, "server", wanted=lambda one: _is_silent(one) or one.status_code in _WAITED)
    for one in scene.told(node.name, "server-page", "license"):
        if one.severity is Severity.UNKNOWN or any(f"answers {code}:" in one.words for code in _WAITED):
            yield one


CAUSE = Rule("server-hangs", _find)

"""URLs that stop answering as they should, and answer again. What nobody can ask is not told."""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.checks.roots import http_trouble
from aen_tui.model.facts import HttpState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.answer_findings import Said, said_by
from aen_tui.state.event import Event

KIND = "http"


class AnswersSeen:
    """What each URL of one node came to last."""

    __slots__ = ("_states",)

    def __init__(self) -> None:
        self._states: dict[str, str] = {}

    def changes(self, node: NodeState, wall: float, away: frozenset[NodeName]) -> Iterator[Event]:
        """What became of them.

        Args:
            node: as it is.
            wall: now, epoch seconds.
            away: nodes that are not up, so that nothing can be asked there.
        """
        for answer in node.http:
            if answer.seen_at is None or answer.asked_on in away or answer.severity is Severity.UNKNOWN:
                continue
            said = said_by(answer)
            state = _state(answer, said)
            before = self._states.get(answer.name)
            self._states[answer.name] = state
            if before is not None and before != state:
                yield _event(node, answer, said, wall)


def _state(answer: HttpState, said: Said) -> str:
    """How bad it is, and in what way: what complained and is dead is news, what complains of one more is not."""
    if answer.severity is Severity.OK:
        return answer.severity.word
    return f"{answer.severity.word}:{said.words}"


def _event(node: NodeState, answer: HttpState, said: Said, wall: float) -> Event:
    is_ok = answer.severity is Severity.OK
    detail = "" if is_ok else visible_line(said.detail, 300)
    short = f"{visible_line(answer.name, 80)} {'answers again' if is_ok else visible_line(said.words, 80)}"
    return Event(
        at_wall=wall,
        node=node.name,
        kind=KIND,
        severity=answer.severity,
        text=f"{short} on {visible_line(node.name, 100)}" + (f": {detail}" if detail else ""),
        source=f"{answer.name}:{_state(answer, said)}",
        about=f"{KIND}:{answer.name}",
        trouble=None if is_ok else http_trouble(node.name, answer),
        short=short,
        detail=detail,
        is_planned=node.planned is not None and node.planned.covers_answer(answer.name),
    )

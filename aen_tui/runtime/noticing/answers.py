"""URLs that stop answering as they should, and answer again. What nobody can ask is not told."""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.model.facts import HttpState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.state.event import Event

KIND = "http"


class AnswersSeen:
    """The last severity of each answer of one node."""

    __slots__ = ("_severities",)

    def __init__(self) -> None:
        self._severities: dict[str, Severity] = {}

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
            before = self._severities.get(answer.name)
            self._severities[answer.name] = answer.severity
            if before is not None and before is not answer.severity:
                yield _event(node, answer, wall)


def _event(node: NodeState, answer: HttpState, wall: float) -> Event:
    detail = "" if answer.severity is Severity.OK else visible_line(_words(answer), 300)
    short = f"{visible_line(answer.name, 80)} {'answers again' if not detail else 'does not answer as it should'}"
    return Event(
        at_wall=wall,
        node=node.name,
        kind=KIND,
        severity=answer.severity,
        text=f"{short} on {visible_line(node.name, 100)}" + (f": {detail}" if detail else ""),
        source=f"{answer.name}:{answer.severity.word}",
        short=short,
        detail=detail,
        is_planned=node.planned is not None and node.planned.covers_answer(answer.name),
    )


def _words(answer: HttpState) -> str:
    if answer.error is not None:
        return answer.error
    if answer.document is not None:
        return f"{answer.document.status}: {'; '.join(answer.document.messages)}"
    return f"{answer.status_code}"

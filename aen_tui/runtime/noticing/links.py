"""A node's connection: up, lost, back. All that lose theirs together are one row, whatever the words for it."""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.checks.roots import connection_trouble
from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.state.event import Event

KIND = "link"


class LinkSeen:
    """The last state of one node's connection that was neither a try nor the beginning."""

    __slots__ = ("_state", "_was_ever_up")

    def __init__(self) -> None:
        self._state: LinkState | None = None
        self._was_ever_up = False

    def changes(self, node: NodeState, wall: float, *, is_carrier: bool) -> Iterator[Event]:
        """What became of it.

        Args:
            node: as it is.
            wall: now, epoch seconds.
            is_carrier: whether other nodes are reached through this one.
        """
        link, before = node.connection, self._state
        if link.state is LinkState.CONNECTING or link.state is before:
            return
        self._state = link.state
        is_up, was_up = link.state is LinkState.UP, before is LinkState.UP
        if before is not None and not is_up and not was_up:
            return  # lost is lost: the next try says in other words why
        short = _short(is_up=is_up, is_first=not self._was_ever_up)
        self._was_ever_up |= is_up
        name = visible_line(node.name, 100)
        error = visible_line(link.error or link.state.value, 300)
        yield Event(
            at_wall=min(wall, link.since) if link.since else wall,
            node=node.name,
            kind=KIND,
            severity=Severity.OK if is_up else Severity.CRITICAL,
            text=f"{name} is up" if is_up else f"{name} is {link.state.value}: {error}",
            source=short,
            about=KIND,
            trouble=None if is_up else connection_trouble(node),
            short=short,
            detail="" if is_up else error,
            is_cause=is_carrier and not is_up,
            is_planned=node.is_uncounted,
        )


def _short(*, is_up: bool, is_first: bool) -> str:
    if is_up:
        return "connected" if is_first else "connected again"
    return "not connected" if is_first else "connection lost"

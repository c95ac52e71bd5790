"""Logs that fell silent, or began to say many errors, in a maintenance, and still are so when that has ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.noticing.overdue import told_after
from aen_tui.state.event import Event


class OverdueLogs:
    """What was told of logs as planned and did not end since."""

    def __init__(self) -> None:
        self._planned: dict[tuple[str, LogKey], Event] = {}
        """By what it is about."""

    def note(self, event: Event) -> None:
        """An event of a log, which replaces the one before about the same."""
        if event.log is None:
            return
        self._planned.pop((event.about, event.log), None)
        if event.is_planned and event.severity > Severity.OK:
            self._planned[event.about, event.log] = event

    def due(self, wall: float, planned: Collection[NodeName], lasts: Callable[[Event], bool]) -> Iterator[Event]:
        """What is planned no more and still so; each once.

        Args:
            wall: now, epoch seconds.
            planned: nodes under maintenance.
            lasts: whether an event still holds; what is not known at the moment is asked again.
        """
        for place, event in list(self._planned.items()):
            if place[1].node not in planned and lasts(event):
                del self._planned[place]
                yield told_after(event, place[1].node, wall)

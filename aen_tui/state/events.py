"""What happened, as people would tell it: a small ring, the oldest leave. Log lines are not events."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator

from aen_tui.model.node import NodeName
from aen_tui.state.event import Event, Mark
from aen_tui.state.timeline import Timeline

__all__ = ["Event", "Events", "Mark"]

KEPT_EVENTS = 1000


class Events:
    """The last events, in the order in which they were noticed. They are numbered from 0, for ever."""

    def __init__(self, limit: int = KEPT_EVENTS) -> None:
        self._kept: deque[Event] = deque(maxlen=limit)
        self._marks: deque[tuple[NodeName | None, Mark]] = deque(maxlen=limit)
        self.count = 0
        """How many there ever were."""
        self.timeline = Timeline(limit)
        """The same, folded, as view 6 shows them."""

    def add(self, event: Event) -> None:
        """Keep an event."""
        self._kept.append(event)
        if event.mark is not None:  # a source that flaps pushes no restart out of the charts
            self._marks.append((event.node, event.mark))
        self.timeline.add(event)
        self.count += 1

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._kept)

    def since(self, number: int) -> tuple[Event, ...]:
        """The kept events from a number on: what a view that knew `count` has not seen."""
        new = min(len(self._kept), max(0, self.count - number))
        return tuple(self._kept)[len(self._kept) - new :]

    def marks(self, nodes: Collection[NodeName], since: float) -> list[Mark]:
        """The marks of some nodes since a monotonic second, in the order in which they were noticed."""
        return [mark for node, mark in self._marks if node in nodes and mark.at_monotonic >= since]

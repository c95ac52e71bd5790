"""What happened, as people would tell it: a small ring, the oldest leave. Log lines are not events."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity

KEPT_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    at_wall: float
    """Epoch seconds of the jump host."""
    node: NodeName | None
    """None where it concerns the whole installation, or this program."""
    kind: str
    """A short word that groups events of one sort: `silence`, `speech`, `memory` …"""
    severity: Severity
    text: str
    """One line for people; safe to show."""
    log: LogKey | None = None
    """The log it was seen in."""


class Events:
    """The last events, in the order in which they were noticed. They are numbered from 0, for ever."""

    def __init__(self, limit: int = KEPT_EVENTS) -> None:
        self._kept: deque[Event] = deque(maxlen=limit)
        self.count = 0
        """How many there ever were."""

    def add(self, event: Event) -> None:
        """Keep an event."""
        self._kept.append(event)
        self.count += 1

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._kept)

    def since(self, number: int) -> tuple[Event, ...]:
        """The kept events from a number on: what a view that knew `count` has not seen."""
        new = min(len(self._kept), max(0, self.count - number))
        return tuple(self._kept)[len(self._kept) - new :]

"""What happened, as people would tell it: a small ring, the oldest leave. Log lines are not events."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity

KEPT_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """What an event leaves in the node's charts: a restart, or a boot of the whole machine."""

    at_monotonic: float
    """When it happened."""
    service: str | None = None
    """Of a restart; None for a boot."""
    pid_before: int | None = None
    """None where it was down before."""
    pid_after: int | None = None
    by: str | None = None
    """Who, where it was done by this program; None: somebody else, or nobody."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    at_wall: float
    """Epoch seconds of the jump host."""
    node: NodeName | None
    """None where it concerns the whole installation, or this program."""
    kind: str
    """A short word that groups events of one sort: `silence`, `speech`, `memory`, `restart`, `boot`, `after` …"""
    severity: Severity
    text: str
    """One line for people; safe to show."""
    log: LogKey | None = None
    """The log it was seen in."""
    mark: Mark | None = None
    """Where it is one that charts show."""


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

    def marks(self, nodes: Collection[NodeName], since: float) -> list[Mark]:
        """The marks of some nodes since a monotonic second, in the order in which they were noticed."""
        return [
            event.mark
            for event in self._kept
            if event.mark is not None and event.node in nodes and event.mark.at_monotonic >= since
        ]

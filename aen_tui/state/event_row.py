"""A row of events: one thing that happened, on some nodes at once, or on one node some times."""

from __future__ import annotations

from aen_tui.model.causes import Trouble
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.event import Event

RowKey = tuple[str, str, Severity, bool]
"""What events have in common that may be one row."""


def key_of(event: Event) -> RowKey:
    """The sort that an event is of."""
    return event.kind, event.source or event.text, event.severity, event.is_planned


class EventRow:
    """One thing that happened. Read only but for the timeline."""

    __slots__ = (
        "_cause", "_newest", "abouts", "acknowledged", "changed", "first", "followers", "is_closed", "key", "last",
        "latest", "nodes", "number", "over", "total", "troubles", "under",
    )  # fmt: skip

    def __init__(self, number: int, event: Event) -> None:
        self.number = number
        """From 0, for ever; it names the row."""
        self.key = key_of(event)
        self.first = self.last = event.at_wall
        """Epoch seconds of the jump host."""
        self.nodes: dict[NodeName, int] = {}
        """How often on each node, in the order in which they were noticed; empty where it is nobody's own."""
        self.latest: dict[NodeName | None, int] = {}
        """The number of the last event of each node."""
        self.over: set[NodeName | None] = set()
        """Nodes on which something else became of it since: it was lost, and is up again."""
        self.troubles: dict[NodeName, Trouble] = {}
        """What is not well, where that is known."""
        self.abouts: set[str] = set()
        """What of its nodes it is about."""
        self.total = 0
        """Events in it."""
        self.acknowledged = False
        self.is_closed = False
        """Whether no other node joins it any more."""
        self.under: int | None = None
        """The row that this one follows from."""
        self.followers: set[int] = set()
        """The rows that follow from this one."""
        self.changed = 0
        """The timeline's revision when it last grew."""
        self._newest = event
        self._cause: Event | None = None

    def take(self, event: Event, number: int) -> None:
        """One more of the same.

        Args:
            event: the event.
            number: its number, for ever.
        """
        self.total += 1
        self.first, self.last = min(self.first, event.at_wall), max(self.last, event.at_wall)
        if event.node is not None:
            self.nodes[event.node] = self.nodes.get(event.node, 0) + 1
            if event.trouble is not None:
                self.troubles[event.node] = event.trouble
        if event.about:
            self.abouts.add(event.about)
        self.latest[event.node] = number
        self.over.discard(event.node)
        self._newest = event
        if event.is_cause:
            self._cause = event

    def take_in(self, earlier: EventRow) -> None:
        """The same on the same nodes, some time before: it is counted here."""
        self.total += earlier.total
        self.first, self.last = min(self.first, earlier.first), max(self.last, earlier.last)
        for node, times in earlier.nodes.items():
            self.nodes[node] += times
        self.followers |= earlier.followers

    @property
    def event(self) -> Event:
        """The one that the row is told by: what caused the others where that is known, else the newest."""
        return self._cause or self._newest

    @property
    def times(self) -> int:
        """How often, on the node that had it most often."""
        return max(self.nodes.values()) if self.nodes else self.total

    @property
    def words(self) -> str:
        """What happened, without the nodes; safe to show."""
        event = self.event
        if not event.short:
            return event.text
        if event.detail and (len(self.nodes) < 2 or event is self._cause):
            return f"{event.short}: {event.detail}"
        return event.short

    @property
    def is_problem(self) -> bool:
        """Whether it is worse than ok, and was not planned."""
        return self.event.severity > Severity.OK and not self.event.is_planned

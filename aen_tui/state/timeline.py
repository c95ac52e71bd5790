"""Events as people read them: one row where the same comes again, and where several nodes have the same at once.

The same from the same node within ten minutes is the row ×n, moved to the end: a source that flaps costs a row for
each of its states, however long it flaps. The same from another node within half a minute joins the row's nodes:
a gateway and the computes behind it are one row. A row that was acknowledged is closed: what comes later is another.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.event import Event

KEPT_ROWS = 1000
KEPT_NODES = 20_000
"""Over all rows."""
AGAIN_SECONDS = 600.0
TOGETHER_SECONDS = 30.0

_Key = tuple[str, str, Severity, bool]


class EventRow:
    """One thing that happened, on some nodes, some times. Read only but for the timeline."""

    __slots__ = ("_cause", "_newest", "acknowledged", "first", "last", "nodes", "number", "total")

    def __init__(self, number: int, event: Event) -> None:
        self.number = number
        """From 0, for ever; it names the row."""
        self.first = self.last = event.at_wall
        """Epoch seconds of the jump host."""
        self.nodes: dict[NodeName, int] = {}
        """How often on each node, in the order in which they were noticed; empty where it is nobody's own."""
        self.total = 0
        """Events in it."""
        self.acknowledged = False
        self._newest = event
        self._cause: Event | None = None

    def take(self, event: Event) -> None:
        """One more of the same."""
        self.total += 1
        self.first, self.last = min(self.first, event.at_wall), max(self.last, event.at_wall)
        if event.node is not None:
            self.nodes[event.node] = self.nodes.get(event.node, 0) + 1
        self._newest = event
        if event.is_cause:
            self._cause = event

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


class Timeline:
    """The rows, in the order in which they last grew."""

    def __init__(self, kept_rows: int = KEPT_ROWS, kept_nodes: int = KEPT_NODES) -> None:
        self._rows: OrderedDict[int, EventRow] = OrderedDict()
        self._open: dict[_Key, EventRow] = {}
        """The row that the next of a sort may join."""
        self._kept_rows, self._kept_nodes = kept_rows, kept_nodes
        self._node_count = 0
        self._next = 0
        self.revision = 0
        """Grows with every change."""

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[EventRow]:
        return iter(self._rows.values())

    def row(self, number: int) -> EventRow | None:
        """A row by its number; None where it has left."""
        return self._rows.get(number)

    def newest(self) -> Iterator[EventRow]:
        """The rows, the one that grew last first."""
        return reversed(self._rows.values())

    def add(self, event: Event) -> EventRow:
        """Put an event into the row that it belongs to."""
        key = (event.kind, event.source or event.text, event.severity, event.is_planned)
        row = self._open.get(key)
        if row is None or not _joins(row, event):
            row = EventRow(self._next, event)
            self._next += 1
            self._open[key] = self._rows[row.number] = row
        before = len(row.nodes)
        row.take(event)
        self._node_count += len(row.nodes) - before
        self._rows.move_to_end(row.number)
        self.revision += 1
        while len(self._rows) > self._kept_rows or (self._node_count > self._kept_nodes and len(self._rows) > 1):
            self._drop_oldest()
        return row

    def _drop_oldest(self) -> None:
        _number, gone = self._rows.popitem(last=False)
        self._node_count -= len(gone.nodes)
        for key in [key for key, row in self._open.items() if row is gone]:
            del self._open[key]

    def acknowledge(self, numbers: Iterable[int], acknowledged: bool = True) -> None:
        """Somebody has read these rows, or takes that back; kept for this run."""
        for number in numbers:
            if (row := self._rows.get(number)) is not None and row.acknowledged is not acknowledged:
                row.acknowledged = acknowledged
                self.revision += 1


def _joins(row: EventRow, event: Event) -> bool:
    if row.acknowledged:
        return False
    apart = abs(event.at_wall - row.last)
    is_known = event.node is None or event.node in row.nodes
    return apart <= (AGAIN_SECONDS if is_known else TOGETHER_SECONDS)

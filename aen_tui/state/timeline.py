"""Events as people read them: one row where the same comes again, and where several nodes have the same at once.

What comes within half a minute of the last joins the row, whatever its node: a gateway and the computes behind it
are one row. As soon as something else becomes of one of them (it is up again) the row is closed: who is lost later is
another row, and no row says of nodes that are well that they are not. A row of one node takes that node's next within
ten minutes, as ×n; a row that closes takes in the last one of the same nodes: what flaps, alone or together, costs a
row for each of its states, however long it flaps. A row that was acknowledged takes nothing more.

What follows from another row's trouble stands under that row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from aen_tui.model.node import NodeName
from aen_tui.state.event import Event
from aen_tui.state.event_row import EventRow, RowKey, key_of

KEPT_ROWS = 1000
KEPT_NODES = 20_000
"""Over all rows."""
AGAIN_SECONDS = 600.0
TOGETHER_SECONDS = 30.0

_About = tuple[NodeName | None, str]


class Timeline:
    """The rows, in the order in which they last grew."""

    def __init__(self, kept_rows: int = KEPT_ROWS, kept_nodes: int = KEPT_NODES) -> None:
        self._rows: OrderedDict[int, EventRow] = OrderedDict()
        self._open: dict[RowKey, EventRow] = {}
        """The row that the next of a sort may join, whatever its node."""
        self._alone: dict[tuple[RowKey, NodeName], EventRow] = {}
        """The last row of a sort that is one node's only."""
        self._closed: dict[RowKey, list[EventRow]] = {}
        """Rows of several nodes that may be taken in by one of the same nodes."""
        self._state: dict[_About, EventRow] = {}
        """The row that says how something is."""
        self._kept_rows, self._kept_nodes = kept_rows, kept_nodes
        self._node_count = 0
        self._next = self._events = 0
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

    def above(self, row: EventRow) -> EventRow | None:
        """The row that another follows from; None where it stands for itself."""
        return None if row.under is None else self._rows.get(row.under)

    def is_told_above(self, row: EventRow) -> bool:
        """Whether the row that another follows from is as bad: then that one tells it."""
        above = self.above(row)
        return above is not None and above.event.severity >= row.event.severity

    # -- growing -------------------------------------------------------------------------------------

    def add(self, event: Event) -> EventRow:
        """Put an event into the row that it belongs to."""
        self.revision += 1
        row = self._row_for(event)
        self._turn(event, row)
        before = len(row.nodes)
        row.take(event, self._events)
        self._events += 1
        self._node_count += len(row.nodes) - before
        if event.node is not None:
            if len(row.nodes) == 1:
                self._alone[row.key, event.node] = row
            elif before == 1:  # of two from here on
                self._no_longer_alone(row)
        row.changed = self.revision
        self._rows.move_to_end(row.number)
        while len(self._rows) > self._kept_rows or (self._node_count > self._kept_nodes and len(self._rows) > 1):
            self._leave(next(iter(self._rows.values())))
        return row

    def _row_for(self, event: Event) -> EventRow:
        key = key_of(event)
        row = self._open.get(key)
        if row is not None and _joins(row, event):
            return row
        alone = self._alone.get((key, event.node)) if event.node is not None else None
        if alone is not None and not alone.acknowledged and abs(event.at_wall - alone.last) <= AGAIN_SECONDS:
            return alone
        if row is not None:
            self._close(row)
        row = self._open[key] = self._rows[self._next] = EventRow(self._next, event)
        self._next += 1
        return row

    def _turn(self, event: Event, row: EventRow) -> None:
        """What was said of the same before is over."""
        if not event.about:
            return
        about = (event.node, event.about)
        before = self._state.get(about)
        self._state[about] = row
        if before is not None and before is not row:
            before.over.add(event.node)
            self._close(before)

    def _close(self, row: EventRow) -> None:
        if row.is_closed:
            return
        row.is_closed = True
        if self._open.get(row.key) is row:
            del self._open[row.key]
        if len(row.nodes) < 2 or row.acknowledged:
            return
        kept = [one for one in self._closed.get(row.key, ()) if row.first - one.last <= AGAIN_SECONDS]
        same = next((one for one in kept if not one.acknowledged and one.nodes.keys() == row.nodes.keys()), None)
        if same is not None:
            kept.remove(same)
            self._take_in(row, same)
        self._closed[row.key] = [*kept, row]

    def _take_in(self, row: EventRow, earlier: EventRow) -> None:
        row.take_in(earlier)
        for number in earlier.followers:
            if (follower := self._rows.get(number)) is not None:
                follower.under = row.number
        earlier.followers = set()
        if row.under == earlier.number:
            row.under = None
        self._leave(earlier)

    def _no_longer_alone(self, row: EventRow) -> None:
        for node in row.nodes:
            if self._alone.get((row.key, node)) is row:
                del self._alone[row.key, node]

    def _leave(self, row: EventRow) -> None:
        del self._rows[row.number]
        self._node_count -= len(row.nodes)
        self._no_longer_alone(row)
        if self._open.get(row.key) is row:
            del self._open[row.key]
        if (above := self.above(row)) is not None:
            above.followers.discard(row.number)
        for number in row.followers:
            if (follower := self._rows.get(number)) is not None:
                follower.under = None
        if row in (closed := self._closed.get(row.key, [])):
            closed.remove(row)
        if not closed:
            self._closed.pop(row.key, None)
        for about in [(node, about) for about in row.abouts for node in row.latest]:
            if self._state.get(about) is row:
                del self._state[about]

    # -- what is done with rows ------------------------------------------------------------------------

    def acknowledge(self, numbers: Iterable[int], acknowledged: bool = True) -> None:
        """Somebody has read these rows, or takes that back; kept for this run."""
        for number in numbers:
            if (row := self._rows.get(number)) is not None and row.acknowledged is not acknowledged:
                row.acknowledged = acknowledged
                self.revision += 1

    def put_under(self, row: EventRow, above: EventRow | None) -> None:
        """Say what a row follows from; None: from nothing that is told here."""
        number = None if above is None or above is row else above.number
        if row.under == number:
            return
        if (before := self.above(row)) is not None:
            before.followers.discard(row.number)
        row.under = number
        if above is not None and number is not None:
            above.followers.add(row.number)
        self.revision += 1


def _joins(row: EventRow, event: Event) -> bool:
    """Whether an event is of the burst that a row tells of, or the same again of its only node."""
    if row.acknowledged or row.is_closed:
        return False
    apart = abs(event.at_wall - row.last)
    is_only = not row.nodes if event.node is None else row.nodes.keys() == {event.node}
    if is_only:
        return apart <= AGAIN_SECONDS
    return apart <= TOGETHER_SECONDS

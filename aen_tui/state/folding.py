"""The same warning from many nodes as one row: counts, times and who said it, never the lines themselves.

Fed by one look a second, which takes what is new of each book in turn and in slices, so that neither
a flood nor a thousand books hold the screen up. What was left out is counted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aen_tui.model.logs import Level, LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.zones import NodeTime
from aen_tui.state.error_bursts import ErrorBursts
from aen_tui.state.fold_scan import Found, WarningScan
from aen_tui.state.known_templates import KnownTemplates
from aen_tui.state.logbook import LogBook

WINDOW_SECONDS = 60.0
"""Lines of one template no further apart than this are one row; a later one begins it anew."""
KEPT_ROWS = 400
KEPT_SOURCES = 40_000
"""Over all rows: what bounds memory where a thousand nodes say everything."""
LINES_A_SECOND = 1000
"""Warnings that are looked at in a second over all logs: some 25 ms of work."""
BYTES_A_SECOND = 8 * 1024 * 1024
SLICE_LINES = 100
SLICE_BYTES = 1024 * 1024
"""What one slice looks at: some 3 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """A message and who said it within the window. The same object while nothing changes."""

    template: bytes
    """Names the row; hostile."""
    level: Level
    """The worst."""
    lines: int
    first: float
    """When the first of them was written, epoch seconds of the jump host."""
    last: float
    sources: tuple[LogKey, ...]
    """The logs that said it, in the order in which they began to."""
    sample: bytes
    """One of the lines, as it stands in the file: hostile."""
    said: int
    """Where in it the message begins, behind the time."""
    earlier: int
    """Lines with this template that were written longer before; they are not counted in the rest."""
    begin: tuple[LogKey, int]
    """The log and the number of the line that was written first."""
    new_until: float | None
    """Until when (epoch seconds) it counts as never seen before; None = it does not."""

    @property
    def nodes(self) -> frozenset[NodeName]:
        """Who said it."""
        return frozenset(key.node for key in self.sources)

    def is_new(self, wall: float) -> bool:
        """Whether it is marked."""
        return self.new_until is not None and wall < self.new_until


class _Row:
    """A fold in the making."""

    __slots__ = ("at", "earlier", "first", "fold", "last", "level", "lines", "new_until", "said", "sample", "sources")

    def __init__(self, found: Found, new_until: float | None) -> None:
        self.earlier = 0
        self.new_until = new_until
        self.begin(found)

    def begin(self, found: Found) -> None:
        self.level, self.sample, self.said = found.level, found.text, found.said
        self.lines = 1
        self.first = self.last = found.written
        self.at = (found.key, found.number)
        self.sources: dict[LogKey, None] = {found.key: None}
        self.fold: Fold | None = None

    def add(self, found: Found) -> bool:
        """Take a line; whether the row began anew with it."""
        self.fold = None
        if found.written > self.last + WINDOW_SECONDS:
            self.earlier += self.lines
            self.begin(found)
            return True
        if found.written < self.first - WINDOW_SECONDS:
            self.earlier += 1
            return False
        self.lines += 1
        self.last = max(self.last, found.written)
        if found.written < self.first:
            self.first, self.at = found.written, (found.key, found.number)
        self.sources[found.key] = None
        if found.level > self.level:
            self.level, self.sample, self.said = found.level, found.text, found.said
        return False

    def shown(self, template: bytes) -> Fold:
        if self.fold is None:
            self.fold = Fold(template, self.level, self.lines, self.first, self.last, tuple(self.sources),
                             self.sample, self.said, self.earlier, self.at, self.new_until)  # fmt: skip
        return self.fold


class Folding:
    """All rows, and how far each book was looked at.

    Args:
        known: what this installation has said before.
    """

    def __init__(self, known: KnownTemplates | None = None) -> None:
        self.known = KnownTemplates() if known is None else known
        self.bursts = ErrorBursts()
        """Fed with the same lines."""
        self.revision = 0
        """Grows with each change of a row."""
        self._rows: OrderedDict[bytes, _Row] = OrderedDict()
        self._sources = 0
        self._scans: dict[LogKey, WarningScan] = {}
        self._waiting: list[WarningScan] = []
        self._lines_left = self._bytes_left = 0

    @property
    def left_out(self) -> int:
        """Lines that nobody looked at: they came faster than they could be."""
        return sum(scan.left_out for scan in self._scans.values())

    @property
    def behind(self) -> bool:
        """Whether something waits to be looked at."""
        return any(scan.has_news for scan in self._scans.values())

    @property
    def rows(self) -> tuple[Fold, ...]:
        """Every row, the one that changed last at the end."""
        return tuple(row.shown(template) for template, row in self._rows.items())

    def scan(self, book: LogBook) -> WarningScan:
        """How far a book was looked at."""
        scan = self._scans.get(book.key)
        if scan is None:
            scan = self._scans[book.key] = WarningScan(book)
        return scan

    def begin(self, times: Mapping[NodeName, NodeTime]) -> None:
        """A second has passed: every log may be looked at again."""
        self._lines_left, self._bytes_left = LINES_A_SECOND, BYTES_A_SECOND
        # Who had no turn in the last second comes first.
        news = (scan for scan in self._scans.values() if scan.has_news)
        self._waiting = list(dict.fromkeys((*self._waiting, *news)))
        for scan in self._waiting:
            scan.renew(times.get(scan.book.key.node))

    def step(self, wall: float) -> bool:
        """Look at a slice of what waits; whether there is more for this second.

        Args:
            wall: epoch seconds.
        """
        lines, size = min(SLICE_LINES, self._lines_left), min(SLICE_BYTES, self._bytes_left)
        # Each in its turn, so that a message of fifty nodes is seen of fifty nodes, whatever one of them floods.
        share = max(4, lines // max(1, len(self._waiting)))
        while self._waiting and lines > 0 and size > 0:
            turn, self._waiting = self._waiting, []
            for at, scan in enumerate(turn):
                found, looked_at = scan.take(min(share, lines), size)
                for one in found:
                    self._add(one, wall)
                    if scan.is_dated(one):
                        self.bursts.add(one, wall, scan.known_since())
                lines -= len(found)
                size -= looked_at
                self._lines_left -= len(found)
                self._bytes_left -= looked_at
                if scan.has_news and scan.left > 0:
                    self._waiting.append(scan)
                if lines <= 0 or size <= 0:
                    self._waiting = turn[at + 1 :] + self._waiting
                    break
        return bool(self._waiting) and self._lines_left > 0 and self._bytes_left > 0

    def _add(self, found: Found, wall: float) -> None:
        row = self._rows.get(found.template)
        self.revision += 1
        if row is None:
            row = self._rows[found.template] = _Row(found, self.known.see(found.template, wall))
            self._sources += 1
        else:
            before = len(row.sources)
            if row.add(found):
                row.new_until = self.known.see(found.template, wall)
            self._sources += len(row.sources) - before
            self._rows.move_to_end(found.template)
        while len(self._rows) > KEPT_ROWS or (self._sources > KEPT_SOURCES and len(self._rows) > 1):
            _template, gone = self._rows.popitem(last=False)
            self._sources -= len(gone.sources)

    def __iter__(self) -> Iterator[Fold]:
        return iter(self.rows)

"""The part of a stream that is on screen: follow and freeze, cursor, scrolling; no widget, no key.

A line is named by its source and number, so lines that come or go above the window do not move it.
While it is paused and full, its rows are not even built again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.strip import Strip

from aen_tui.state.filtered import FilteredStream
from aen_tui.state.merge import LineRef, MergedStream, Stream
from aen_tui.ui.widgets.log_rows import RowPainter

EDGE: LineRef = (-1, -1)
"""The name of what stands above the first line: how far back the stream reaches."""


class Row(NamedTuple):
    """A row of the window."""

    at: int
    """Which line of the stream, when the row was built."""
    ref: LineRef
    """The line's name."""
    sub: int
    """Which row of a wrapped line."""
    strip: Strip


class LogWindow:
    """What is seen of a stream, and where the cursor stands.

    Args:
        base: all lines.
        painter: makes rows of lines.
    """

    def __init__(self, base: MergedStream, painter: RowPainter) -> None:
        self.base = base
        self.painter = painter
        self.stream: Stream = base
        """What is shown: the base, or the lines of it that match."""
        self.height = 1
        self.rows: list[Row] = []
        self.follow = True
        """New lines scroll in at the bottom."""
        self.frozen = False
        """Nothing is taken from the books at all."""
        self.cursor = 0
        """Index of the current line in the stream."""
        self.anchor: LineRef | None = None
        """Where a selection began; it reaches to the cursor. None where nothing is selected."""
        self.edge: Sequence[Strip] = ()
        """Rows above the first line; none where nobody asked what is there."""
        self._home: tuple[LineRef, int] | None = None
        """Where the reader stood, and in which row, when other lines began to be shown."""
        self._top: tuple[int, int] = (0, 0)
        self._top_ref: LineRef | None = None
        self._cursor_ref: LineRef | None = None
        self._moves, self._wall = 0, 0.0
        self._is_kept = self._is_held = False
        self._stands = False
        """Whether nobody has scrolled since the rows were drawn."""
        self._arrived_at_pause = 0

    @property
    def _first(self) -> int:
        """The index of what stands first: the edge's is -1."""
        return -1 if self.edge else 0

    @property
    def is_at_top(self) -> bool:
        """Whether nothing of the stream stands above what is seen."""
        return self._top <= (0, 0)

    @property
    def is_live(self) -> bool:
        """Whether new lines are shown as they come."""
        return self.follow and not self.frozen

    @property
    def arrived(self) -> int:
        """Lines that ever came; frozen, with those that were not taken yet."""
        if self.frozen:
            came = sum(source.book.next_line for source in self.base.sources)
            return came - self.base.hidden + self.base.hidden_older
        return self.base.arrived

    @property
    def unseen(self) -> int:
        """Lines that came since the window was paused."""
        return 0 if self.is_live else max(0, self.arrived - self._arrived_at_pause)

    def take(self, wall: float) -> None:
        """Take what the books have, so that the counts are true; draws nothing."""
        if not self.frozen:
            self.base.sync(wall)

    @property
    def cursor_ref(self) -> LineRef | None:
        """The current line's name."""
        return self._cursor_ref

    @property
    def needs_rows(self) -> bool:
        """Whether new lines would change what is seen."""
        return not self.frozen and (self.follow or len(self.rows) < self.height)

    def draw(self, wall: float) -> list[Row]:
        """Take what is new and build the rows.

        Args:
            wall: epoch seconds.
        """
        self.take(wall)
        self._wall = wall
        if self.follow and not (self.frozen and self._is_kept and self.rows):
            self.rows = self._until(self.stream.line_count - 1, self.height, wall)
            self.cursor = max(0, self.stream.line_count - 1)
            self._pin()
        elif not self._is_kept or len(self.rows) < self.height:
            if self._home is not None:
                self._go_home(*self._home)
            else:
                self._settle()
            self.rows = self._from(*self._top, self.height, wall)
            if len(self.rows) < self.height and self._top > (self._first, 0):
                self.rows = self._until(self.stream.line_count - 1, self.height, wall)
            self._pin()
        self._is_kept = self._stands = True
        return self.rows

    def rebuild(self, *, is_asked_for: bool = True) -> None:
        """The next `draw` builds all rows anew: a key, size, style or stream changed."""
        if is_asked_for or not self._is_held:
            self._is_kept = self._is_held = False

    def show(self, stream: Stream) -> None:
        """Show the base or a filtered stream; the current line stays current where it is in there."""
        if stream is not self.stream:
            if self._home is None and not self.follow and self._cursor_ref is not None:
                self._home = self._cursor_ref, self._row_of_cursor()
            self.stream = stream
            self.rows = []
            self._moves = -1
            self.rebuild()

    def widen(self, base: MergedStream, stream: Stream) -> None:
        """More sources came, after the others; what is on screen stays until the lines around it are found again."""
        rows, self.base = self.rows, base
        self.show(stream)
        self.rows, self._is_kept, self._is_held = rows, not self.follow, not self.follow

    def arrive(self) -> None:
        """All lines that are to be shown were found: the reader's place moves no more."""
        self._home = None

    def _go_home(self, ref: LineRef, y: int) -> None:
        """Make the line current where the reader stood, or the next one by time, in the row where it was."""
        count = self.stream.line_count
        at = self.stream.index_of(ref) if count else 0
        if count and self.stream.ref(min(at, count - 1)) != ref:
            moment = self.stream.sources[ref[0]].written(ref[1])
            at = at if moment is None else min(count - 1, self.stream.index_at(moment))
        self.cursor = at
        self._top = self._above(at, y)

    def _row_of_cursor(self) -> int:
        """In which row the current line begins; a third down where it is not seen."""
        return next((y for y, row in enumerate(self.rows) if row.ref == self._cursor_ref), self.height // 3)

    def _above(self, index: int, rows: int) -> tuple[int, int]:
        """What stands so many rows above a line, or the first thing there is."""
        above = self._until(index - 1, rows, self._wall) if rows and self.stream.line_count else []
        return (above[0].at, above[0].sub) if above else (index, 0)

    def _pin(self) -> None:
        if self.rows:
            self._top = self.rows[0].at, self.rows[0].sub
            self._top_ref = self.rows[0].ref
        count = self.stream.line_count
        self.cursor = min(self.cursor, max(0, count - 1))
        self._cursor_ref = self.stream.ref(self.cursor) if count else None
        self._moves = self.stream.moves

    def _settle(self) -> None:
        """Find the current line again where lines came or went above it: it stays in its row."""
        count = self.stream.line_count
        if (
            self._moves == self.stream.moves
            and self.cursor < count
            and self.stream.ref(self.cursor) == self._cursor_ref
        ):
            return
        self._moves = self.stream.moves
        rows = self.rows if self._stands else ()
        seen = next((y for y, row in enumerate(rows) if row.ref == self._cursor_ref), None)
        if self._cursor_ref is not None:
            self.cursor = self.stream.index_of(self._cursor_ref)
        if seen is not None:
            sub = rows[seen].sub
            self._top = (self.cursor, sub) if sub else self._above(self.cursor, seen)
        elif self._top_ref is not None and self._top_ref != EDGE:
            self._top = self.stream.index_of(self._top_ref), self._top[1]

    def _rows_of(self, index: int, wall: float) -> list[Row]:
        if index < 0:
            return [Row(-1, EDGE, sub, strip) for sub, strip in enumerate(self.edge)]
        ref = self.stream.ref(index)
        source = self.stream.sources[ref[0]]
        dim = isinstance(self.stream, FilteredStream) and self.stream.is_context(ref)
        strips = self.painter.known(source.book.key, ref[1], dim=dim)
        if strips is None:
            line = source.drawn(ref[1])
            strips = [self.painter.gone()] if line is None else self.painter.rows(line, wall, dim=dim)
        return [Row(index, ref, sub, strip) for sub, strip in enumerate(strips)]

    def _until(self, last: int, height: int, wall: float) -> list[Row]:
        """Rows that end with a line."""
        blocks: list[list[Row]] = []
        have, index = 0, last
        while index >= self._first and have < height:
            block = self._rows_of(index, wall)
            blocks.append(block)
            have += len(block)
            index -= 1
        rows = [row for block in reversed(blocks) for row in block]
        return rows[-height:] if height else []

    def _from(self, top: int, sub: int, height: int, wall: float) -> list[Row]:
        """Rows that begin with a row of a line."""
        rows: list[Row] = []
        count = self.stream.line_count
        index = max(self._first, top)
        while index < count and len(rows) < height + sub:
            rows.extend(self._rows_of(index, wall))
            index += 1
        return rows[sub : sub + height]

    def pause(self) -> None:
        """Leave follow; nothing on screen moves."""
        self._home = None
        if self.follow:
            self.follow = False
            if not self.frozen:
                self._arrived_at_pause = self.arrived

    def resume(self) -> None:
        """Follow again."""
        self._home = None
        self.follow = True
        self.frozen = False
        self.edge = ()
        self.rebuild()

    def thaw(self) -> None:
        """Take lines from the books again, and stay paused."""
        if self.frozen:
            self.pause()
            self.frozen = False

    def show_edge(self, rows: Sequence[Strip]) -> None:
        """Say above the first line what lies before it; what is on screen does not move."""
        if rows or self.edge:
            self.edge = () if self.follow else rows
            self._moves = -1
            self.rebuild()

    def go_top(self) -> None:
        """The first line is current, and what stands above it is seen."""
        self.go_to(0)
        self._top = self._first, 0
        if self.stream.line_count:
            self._name_top()
        self.rebuild()

    def look_above(self) -> None:
        """What stands above the first line is seen; the current line stays current."""
        self.pause()
        self._settle()
        if self._top[0] >= 0:
            self._top = self._first, 0
        self._keep_cursor(self._wall)

    def freeze(self) -> None:
        """Stop or go on taking lines from the books."""
        self.frozen = not self.frozen
        if self.frozen and self.follow:
            self._arrived_at_pause = self.arrived
        self.rebuild()

    def step(self, lines: int, wall: float) -> None:
        """Move the cursor by lines; beyond the last line is follow again."""
        self.pause()
        self._settle()
        wanted = self.cursor + lines
        if lines > 0 and wanted >= self.stream.line_count and not self.frozen:
            self.resume()
            return
        self.cursor = max(0, min(wanted, self.stream.line_count - 1))
        self._reveal(wall)

    def _reveal(self, wall: float) -> None:
        """Scroll no more than needed to have the cursor on screen."""
        count = self.stream.line_count
        if not count:
            return
        self._cursor_ref = self.stream.ref(self.cursor)
        shown = [row for row in self.rows if row.ref == self._cursor_ref]
        if shown:
            return
        if self.cursor <= self._top[0]:
            self._top = self.cursor, 0
        else:
            rows = self._until(self.cursor, self.height, wall)
            self._top = rows[0].at, rows[0].sub
        self._name_top()
        self.rebuild()

    def _name_top(self) -> None:
        self._stands = False
        self._top_ref = self.stream.ref(self._top[0]) if self._top[0] >= 0 else EDGE

    def scroll(self, rows: int, wall: float) -> None:
        """Move the window by rows, the cursor stays in it; beyond the end is follow again."""
        if rows > 0 and self.follow:
            return
        self.pause()
        self._settle()
        top, sub = self._top
        if rows < 0:
            above = self._until(top - 1, -rows + 1, wall) if top > self._first else []
            above += self._rows_of(top, wall)[:sub] if sub and self.stream.line_count > top else []
            seen = above[rows:] if len(above) >= -rows else above
            if seen:
                self._top = seen[0].at, seen[0].sub
        else:
            ahead = self._from(top, sub, self.height + rows, wall)
            if len(ahead) < self.height + rows and not self.frozen:
                self.resume()
                return
            if len(ahead) > rows:
                self._top = ahead[rows].at, ahead[rows].sub
        self._keep_cursor(wall)

    def _keep_cursor(self, wall: float) -> None:
        if not self.stream.line_count:
            return
        rows = self._from(*self._top, self.height, wall)
        if rows:
            self.cursor = max(0, rows[0].at, min(self.cursor, rows[-1].at))
        self._name_top()
        self._cursor_ref = self.stream.ref(self.cursor)
        self.rebuild()

    def go_to(self, index: int) -> None:
        """Make a line current, a third down the window."""
        self.pause()
        count = self.stream.line_count
        if not count:
            return
        self._settle()
        self.cursor = max(0, min(index, count - 1))
        self._cursor_ref = self.stream.ref(self.cursor)
        if not any(row.ref == self._cursor_ref for row in self.rows):
            self._top = max(0, self.cursor - self.height // 3), 0
            self._name_top()
            self.rebuild()

    def selected(self) -> range:
        """Indexes of the selected lines, whole records; those of the current one where nothing is selected."""
        count = self.stream.line_count
        if not count:
            return range(0)
        self._settle()
        other = self.cursor if self.anchor is None else self.stream.index_of(self.anchor)
        begin, end = sorted((other, self.cursor))
        return range(self.stream.record_edge(begin, -1), self.stream.record_edge(end, 1) + 1)

    def point_at(self, y: int) -> None:
        """Make the line of a row current."""
        if 0 <= y < len(self.rows) and self.rows[y].ref != EDGE:
            self.pause()
            self._settle()
            self._cursor_ref = self.rows[y].ref
            self.cursor = self.stream.index_of(self._cursor_ref)

    @property
    def top(self) -> int:
        """Index of the first line that is seen."""
        return max(0, self._top[0])

    @property
    def has_filter(self) -> bool:
        """Whether lines are left out."""
        return isinstance(self.stream, FilteredStream)

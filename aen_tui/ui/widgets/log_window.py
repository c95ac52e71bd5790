"""The part of a stream that is on screen: follow and freeze, cursor, scrolling; no widget, no key.

A line is named by its source and number, so lines that come or go above the window do not move it.
While it is paused and full, its rows are not even built again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from aen_tui.state.filtered import FilteredStream
from aen_tui.state.merge import LineRef, MergedStream, Stream
from aen_tui.ui.widgets.log_rows import RowPainter
from aen_tui.ui.widgets.palette import Palette, Span


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
        self._home: LineRef | None = None
        """Where the reader stood when other lines began to be shown: found again while they are being found."""
        self._top: tuple[int, int] = (0, 0)
        self._top_ref: LineRef | None = None
        self._cursor_ref: LineRef | None = None
        self._moves = 0
        self._is_kept = False
        self._arrived_at_pause = 0

    @property
    def is_live(self) -> bool:
        """Whether new lines are shown as they come."""
        return self.follow and not self.frozen

    @property
    def arrived(self) -> int:
        """Lines that ever came; frozen, with those that were not taken yet."""
        if self.frozen:
            return sum(source.book.next_line for source in self.base.sources) - self.base.hidden
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
        if self.follow and not (self.frozen and self._is_kept and self.rows):
            self.rows = self._until(self.stream.line_count - 1, self.height, wall)
            self.cursor = max(0, self.stream.line_count - 1)
            self._pin()
        elif not self._is_kept or len(self.rows) < self.height:
            if self._home is not None:
                self._go_home(self._home)
            else:
                self._settle()
            self.rows = self._from(*self._top, self.height, wall)
            if len(self.rows) < self.height and self._top > (0, 0):
                self.rows = self._until(self.stream.line_count - 1, self.height, wall)
            self._pin()
        self._is_kept = True
        return self.rows

    def rebuild(self) -> None:
        """The next `draw` builds all rows anew: size, style or stream changed."""
        self._is_kept = False

    def show(self, stream: Stream) -> None:
        """Show the base or a filtered stream; the current line stays current where it is in there."""
        if stream is not self.stream:
            if self._home is None and not self.follow:
                self._home = self._cursor_ref
            self.stream = stream
            self.rows = []
            self._moves = -1
            self.rebuild()

    def arrive(self) -> None:
        """All lines that are to be shown were found: the reader's place moves no more."""
        self._home = None

    def _go_home(self, ref: LineRef) -> None:
        """Make the line current where the reader stood, or the next one by time."""
        count = self.stream.line_count
        at = self.stream.index_of(ref) if count else 0
        if count and self.stream.ref(min(at, count - 1)) != ref:
            moment = self.stream.sources[ref[0]].written(ref[1])
            at = at if moment is None else min(count - 1, self.stream.index_at(moment))
        self.cursor = at
        self._top = max(0, at - self.height // 3), 0

    def _pin(self) -> None:
        if self.rows:
            self._top = self.rows[0].at, self.rows[0].sub
            self._top_ref = self.rows[0].ref
        count = self.stream.line_count
        self.cursor = min(self.cursor, max(0, count - 1))
        self._cursor_ref = self.stream.ref(self.cursor) if count else None
        self._moves = self.stream.moves

    def _settle(self) -> None:
        """Find the pinned lines again where lines above them came or went."""
        if self._moves == self.stream.moves:
            return
        self._moves = self.stream.moves
        if self._top_ref is not None:
            self._top = self.stream.index_of(self._top_ref), self._top[1]
        if self._cursor_ref is not None:
            self.cursor = self.stream.index_of(self._cursor_ref)

    def _rows_of(self, index: int, wall: float) -> list[Row]:
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
        while index >= 0 and have < height:
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
        index = max(0, top)
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
        self.rebuild()

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
        self._top_ref = self.stream.ref(self._top[0])
        self.rebuild()

    def scroll(self, rows: int, wall: float) -> None:
        """Move the window by rows, the cursor stays in it; beyond the end is follow again."""
        if rows > 0 and self.follow:
            return
        self.pause()
        self._settle()
        top, sub = self._top
        if rows < 0:
            above = self._until(top - 1, -rows + 1, wall) if top > 0 else []
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
            self.cursor = max(rows[0].at, min(self.cursor, rows[-1].at))
        self._top_ref = self.stream.ref(self._top[0])
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
            self._top_ref = self.stream.ref(self._top[0])
            self.rebuild()

    def selected(self) -> range:
        """Indexes of the selected lines, whole records; those of the current one where nothing is selected."""
        count = self.stream.line_count
        if not count:
            return range(0)
        self._settle()
        begin = end = self.cursor
        if self.anchor is not None:
            other = self.stream.index_of(self.anchor)
            begin, end = min(other, end), max(other, end)
        return range(self._edge(begin, -1), self._edge(end, 1) + 1)

    def _edge(self, index: int, step: int) -> int:
        """The first or last line of the record at an index, where its lines stand together."""
        source, number = self.stream.ref(index)
        span = self.stream.sources[source].records.span(number)
        while 0 <= index + step < self.stream.line_count:
            ref = self.stream.ref(index + step)
            if ref[0] != source or ref[1] not in span:
                break
            index += step
        return index

    def point_at(self, y: int) -> None:
        """Make the line of a row current."""
        if 0 <= y < len(self.rows):
            self.pause()
            self._settle()
            self._cursor_ref = self.rows[y].ref
            self.cursor = self.stream.index_of(self._cursor_ref)

    def bar(self) -> tuple[int, int]:
        """First row and number of rows of the scroll bar's thumb; (0, 0) where everything is seen."""
        count = self.stream.line_count
        if count <= self.height or not self.height:
            return 0, 0
        size = max(1, self.height * self.height // count)
        top = self.height - size if self.follow else round(self._top[0] / (count - 1) * (self.height - size))
        return min(top, self.height - size), size

    @property
    def has_filter(self) -> bool:
        """Whether lines are left out."""
        return isinstance(self.stream, FilteredStream)


def blank(width: int) -> Strip:
    """A row with nothing in it."""
    return Strip([Segment(" " * width)], width)


def framed(
    window: LogWindow, palette: Palette, width: int, height: int, marks: Mapping[int, Span] | None = None
) -> list[Strip]:
    """The window's rows with the current line and the selection marked, and the scroll bar beside them.

    Args:
        window: what is seen.
        palette: colours.
        width: cells of a row, the scroll bar counted.
        height: rows.
        marks: row of the scroll bar -> a sign for what stands there and its colour role.
    """
    first, length = window.bar()
    cursor = None if window.is_live else window.cursor_ref
    chosen = window.selected() if window.anchor is not None else range(0)
    marked, selected = palette.style("text", "cursor"), palette.style("text", "selection")
    base = palette.style("text", "background").background_style
    empty = blank(width - 1)
    strips: list[Strip] = []
    for y in range(height):
        row = window.rows[y] if y < len(window.rows) else None
        strip = row.strip if row is not None else empty
        if row is not None and (row.ref == cursor or row.at in chosen):
            over = selected if row.at in chosen else marked
            strip = Strip([Segment(part.text, over + (part.style or over)) for part in strip], width - 1)
        else:
            strip = strip.apply_style(base)
        on = "selection" if first <= y < first + length else "background"
        text, role = (marks or {}).get(y, (" ", "text"))
        strips.append(Strip([*strip, Segment(text, palette.style(role, on))], width))
    return strips

"""Where a reader stands in a stream: at its end, or at a line that keeps its row whatever comes or goes around it.

A line is named by its source and number, so lines that come or go above the window do not move it.
"""

from __future__ import annotations

from aen_tui.state.filtered import FilteredStream
from aen_tui.state.merge import LineRef, MergedStream, Stream
from aen_tui.ui.widgets.log_rows import RowPainter
from aen_tui.ui.widgets.log_stream_rows import EDGE, Row, StreamRows


class LogPlace(StreamRows):
    """Follow and freeze, the current line and the first row.

    Args:
        base: all lines.
        painter: makes rows of lines.
    """

    def __init__(self, base: MergedStream, painter: RowPainter) -> None:
        super().__init__(base, painter)
        self.base = base
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

    @property
    def has_filter(self) -> bool:
        """Whether lines are left out."""
        return isinstance(self.stream, FilteredStream)

    @property
    def cursor_ref(self) -> LineRef | None:
        """The current line's name."""
        return self._cursor_ref

    def take(self, wall: float) -> None:
        """Take what the books have, so that the counts are true; draws nothing."""
        if not self.frozen:
            self.base.sync(wall)

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

    def freeze(self) -> None:
        """Stop or go on taking lines from the books."""
        self.frozen = not self.frozen
        if self.frozen and self.follow:
            self._arrived_at_pause = self.arrived
        self.rebuild()

"""The part of a stream that is on screen, and moving in it; no widget, no key.

While it is paused and full, its rows are not even built again.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from aen_tui.state.merge import MergedStream, Stream
from aen_tui.ui.widgets.log_place import LogPlace
from aen_tui.ui.widgets.log_stream_rows import EDGE, Row


class LogWindow(LogPlace):
    """What is seen of a stream; the keys move it."""

    @property
    def is_at_top(self) -> bool:
        """Whether nothing of the stream stands above what is seen."""
        return self._top <= (0, 0)

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

    def widen(self, base: MergedStream, stream: Stream) -> None:
        """More sources came, after the others; what is on screen stays until the lines around it are found again."""
        rows, self.base = self.rows, base
        self.show(stream)
        self.rows, self._is_kept, self._is_held = rows, not self.follow, not self.follow

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

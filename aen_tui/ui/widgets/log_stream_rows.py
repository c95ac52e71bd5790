"""Rows of the screen out of lines of a stream, from a line up or down; above the first line stands the edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.strip import Strip

from aen_tui.state.filtered import FilteredStream
from aen_tui.state.merge import LineRef, Stream
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


class StreamRows:
    """Makes rows of a stream's lines.

    Args:
        stream: the lines.
        painter: makes rows of them.
    """

    def __init__(self, stream: Stream, painter: RowPainter) -> None:
        self.painter = painter
        self.stream = stream
        """What is shown: all lines, or those of them that match."""
        self.edge: Sequence[Strip] = ()
        """Rows above the first line; none where nobody asked what is there."""

    @property
    def _first(self) -> int:
        """The index of what stands first: the edge's is -1."""
        return -1 if self.edge else 0

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

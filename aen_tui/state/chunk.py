"""A piece of a log as it came: whole lines as bytes, where in the file, when it arrived."""

from __future__ import annotations

from array import array
from bisect import bisect_right

from aen_tui.model.logs import Seam

ARRIVAL_STEP_SECONDS = 0.05
"""Arrivals closer together than this share one mark in a chunk."""


class Chunk:
    """Whole lines of one file, contiguous; or a seam, which is one line without bytes.

    Line numbers and positions belong to the book and never change while the chunk lives.
    Line starts are found when a line is looked at, and forgotten by the book afterwards.
    """

    __slots__ = ("_marks", "_walls", "data", "first_line", "lines", "monotonic", "offset", "position", "seam", "starts")

    def __init__(
        self,
        data: bytes,
        *,
        first_line: int,
        offset: int,
        position: int,
        monotonic: float,
        wall: float,
        seam: Seam | None = None,
    ) -> None:
        self.data = data
        """The bytes; they end in a newline but where the line was cut (file ended, rotated or too long)."""
        self.first_line = first_line
        """Number of the first line in the book."""
        self.lines = 1 if seam is not None else _line_count(data)
        self.offset = offset
        """Where the first byte stands in the file."""
        self.position = position
        """Where the first byte stands in the book's stream, all files of this name counted."""
        self.monotonic = monotonic
        """Arrival of the first byte, monotonic seconds of the jump host."""
        self.seam = seam
        self.starts: array[int] | None = None
        """Where lines begin, one more than there are lines; None while nobody looked."""
        self._marks = array("I", (0,))
        self._walls = array("d", (wall,))

    @property
    def end_line(self) -> int:
        """One past the number of the last line."""
        return self.first_line + self.lines

    @property
    def end_position(self) -> int:
        """One past the position of the last byte."""
        return self.position + len(self.data)

    def takes(self, size: int, offset: int, limit: int) -> bool:
        """Whether `size` bytes at a file offset can be joined to this chunk."""
        return (
            self.seam is None
            and len(self.data) + size <= limit
            and offset == self.offset + len(self.data)
            and self.data.endswith(b"\n")
        )

    def extend(self, data: bytes, wall: float) -> None:
        """Join more whole lines, which follow directly."""
        if wall - self._walls[-1] >= ARRIVAL_STEP_SECONDS:
            self._marks.append(self.lines)
            self._walls.append(wall)
        self.data += data
        self.lines += _line_count(data)
        self.starts = None

    def wall_of(self, number: int) -> float:
        """When a line arrived: epoch seconds of the jump host, to 50 ms."""
        return self._walls[bisect_right(self._marks, number - self.first_line) - 1]

    def span(self, number: int) -> tuple[int, int]:
        """Begin and end of a line in `data`, its newline left out."""
        if self.seam is not None:
            return 0, 0
        starts = self.starts
        if starts is None:
            starts = self.starts = _line_starts(self.data)
        index = number - self.first_line
        begin, end = starts[index], starts[index + 1]
        if end > begin and self.data[end - 1] == 10:
            end -= 1
        return begin, end

    def without(self, size: int) -> Chunk | None:
        """This chunk without its first lines, at least `size` bytes of them; None where nothing would be left."""
        cut = self.data.find(b"\n", max(0, size - 1)) + 1
        if self.seam is not None or not 0 < cut < len(self.data):
            return None
        gone = self.data.count(b"\n", 0, cut)
        rest = Chunk(
            self.data[cut:],
            first_line=self.first_line + gone,
            offset=self.offset + cut,
            position=self.position + cut,
            monotonic=self.monotonic,
            wall=self.wall_of(self.first_line + gone),
        )
        for mark, wall in zip(self._marks, self._walls, strict=True):
            if mark > gone:
                rest._marks.append(mark - gone)
                rest._walls.append(wall)
        return rest

    def line_at(self, begin: int) -> int:
        """The number of the line that holds a byte of `data`."""
        return self.first_line + self.data.count(b"\n", 0, begin)


def _line_count(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def _line_starts(data: bytes) -> array[int]:
    starts = array("I", (0,))
    find = data.find
    at = find(b"\n")
    while at >= 0:
        starts.append(at + 1)
        at = find(b"\n", at + 1)
    if starts[-1] != len(data):
        starts.append(len(data))
    return starts

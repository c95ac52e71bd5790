"""A piece of a log as it came: whole lines as bytes, where in the file, when it arrived."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from copy import copy

from lz4 import block

from aen_tui.model.logs import Seam

WORTH_PACKING_BYTES = 4096
MOST_PACKED = 16
"""A log of nothing but newlines shrinks to a 255th: what it costs is counted as a 16th."""
ARRIVAL_STEP_SECONDS = 0.05
"""Arrivals closer together than this share one mark in a chunk."""


class Chunk:
    """Whole lines of one file, contiguous; or a seam, which is one line without bytes.

    Line numbers and positions belong to the book and never change while the chunk lives.
    Line starts are found when a line is looked at, and forgotten by the book afterwards. A chunk that
    gets no more is packed by LZ4: logs shrink to a fifth and less, 256 KiB are packed in 0.1 ms and
    unpacked in 0.03 ms.
    """

    __slots__ = ("_data", "_marks", "_packed", "_walls", "first_line", "has_end", "lines", "monotonic", "offset",
                 "position", "seam", "size", "starts")  # fmt: skip

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
        self._data: bytes | None = data
        self._packed: bytes | None = None
        self.size = len(data)
        """How many bytes."""
        self.has_end = data.endswith(b"\n")
        """Whether the last line has its newline."""
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
        """Where lines begin, as far as somebody looked, and where the last of them ends; None: nobody did."""
        self._marks = array("I", (0,))
        self._walls = array("d", (wall,))

    @property
    def end_line(self) -> int:
        """One past the number of the last line."""
        return self.first_line + self.lines

    @property
    def end_position(self) -> int:
        """One past the position of the last byte."""
        return self.position + self.size

    @property
    def data(self) -> bytes:
        """The bytes; they end in a newline but where the line was cut (file ended, rotated or too long)."""
        data = self._data  # read once: a thread may look while the book packs
        if data is not None:
            return data
        assert self._packed is not None
        unpacked: bytes = block.decompress(self._packed)
        return unpacked

    @property
    def kept_bytes(self) -> int:
        """What the bytes cost while nobody looks: never less than a part of them, so that lines stay countable."""
        return self.size if self._packed is None else max(len(self._packed), self.size // MOST_PACKED)

    def opened(self) -> Chunk:
        """A twin to look at all of, here or in a thread: unpacked once, its line starts its own."""
        twin = copy(self)
        twin.unpack()
        return twin

    def unpack(self) -> None:
        """Keep the bytes as they are, and no line starts."""
        self._data, self.starts = self.data, None

    def pack(self) -> int:
        """Keep fewer bytes of what gets no more; how many fewer."""
        if self._packed is not None or self.size < WORTH_PACKING_BYTES:
            return 0
        packed: bytes = block.compress(self.data)
        if len(packed) > self.size * 3 // 4:
            return 0
        self._packed = packed
        if self.starts is None:
            self._data = None
        return self.size - self.kept_bytes

    def look(self) -> None:
        """Find the line starts: lines will be looked at, one by one."""
        self._data = self.data
        self.starts = _line_starts(self._data)

    def forget(self) -> None:
        """Nobody looks at lines of it any more."""
        self.starts = None
        if self._packed is not None:
            self._data = None

    def takes(self, size: int, offset: int, limit: int) -> bool:
        """Whether `size` bytes at a file offset can be joined to this chunk."""
        return (
            self.seam is None
            and self._packed is None
            and self.size + size <= limit
            and offset == self.offset + self.size
            and self.has_end
        )

    def extend(self, data: bytes, wall: float) -> None:
        """Join more whole lines, which follow directly."""
        if wall - self._walls[-1] >= ARRIVAL_STEP_SECONDS:
            self._marks.append(self.lines)
            self._walls.append(wall)
        self._data = self.data + data
        self.size = len(self._data)
        self.has_end = data.endswith(b"\n")
        self.lines += _line_count(data)

    def wall_of(self, number: int) -> float:
        """When a line arrived: epoch seconds of the jump host, to 50 ms."""
        return self._walls[bisect_right(self._marks, number - self.first_line) - 1]

    def span(self, number: int) -> tuple[int, int]:
        """Begin and end of a line in `data`, its newline left out."""
        if self.seam is not None:
            return 0, 0
        starts = self.starts
        if starts is None or starts[-1] < self.size:
            starts = self._grown_starts()
        index = number - self.first_line
        return starts[index], starts[index + 1] - (self.has_end or index < self.lines - 1)

    def _grown_starts(self) -> array[int]:
        """The line starts of all that is here: what a burst brings between two looks costs nothing by itself."""
        if self.starts is None:
            self.starts = _line_starts(self.data)
        else:
            self.starts.extend(_line_starts(self.data, self.starts[-1])[1:])
        return self.starts

    def without(self, size: int) -> Chunk | None:
        """This chunk without its first lines, at most `size` bytes of them; None where that is none or all."""
        data = self.data
        cut = data.rfind(b"\n", 0, size) + 1
        if self.seam is not None or not 0 < cut < len(data):
            return None
        gone = data.count(b"\n", 0, cut)
        rest = Chunk(
            data[cut:],
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


def _line_starts(data: bytes, begin: int = 0) -> array[int]:
    starts = array("I", (begin,))
    find = data.find
    at = find(b"\n", begin)
    while at >= 0:
        starts.append(at + 1)
        at = find(b"\n", at + 1)
    if starts[-1] != len(data):
        starts.append(len(data))
    return starts

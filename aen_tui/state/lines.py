"""A book read as lines with times: only for lines that are drawn, printed, or decide an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from aen_tui.model.log_formats import HEAD_BYTES, Recogniser
from aen_tui.model.logs import Level, LogKey, Seam
from aen_tui.model.zones import NodeTime
from aen_tui.state.chunk import Chunk
from aen_tui.state.logbook import LogBook
from aen_tui.state.records import Records

LATE_SECONDS = 2.0
"""A line that arrives this long after it was written is marked late."""
FUTURE_SECONDS = 1.0
"""A line cannot have been written later than it arrived; more than this is a lie and the arrival counts."""
_LOOK_AROUND_LINES = 24
"""How far a line without a time (a traceback's) may stand from its record when an order is decided."""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line that somebody looks at. Its text is as it stands in the file: hostile."""

    key: LogKey
    number: int
    """Its number in the book."""
    text: bytes
    time: float | None
    """When it was written: epoch seconds of the jump host; None where it does not say."""
    arrived: float
    """When it came, epoch seconds."""
    level: Level
    offset: int
    """Where it begins in its file."""
    late: bool = False
    """It came seconds after it was written, and so may stand above lines that were already there."""
    seam: Seam | None = None
    partial: bool = False
    """It has not ended yet."""
    stamp: tuple[int, int] = (0, 0)
    """Where the text of its time stands in `text`."""
    fine: bool = False
    """Its time is finer than a second."""
    is_cut: bool = False
    """It has no newline: it was longer than a line may be here, or its file ended so."""
    head: int | None = None
    """The first line of the record it belongs to, where that is another line: a traceback's frames."""


class TimedLog:
    """One book, its formats and its node's clock."""

    __slots__ = ("_recogniser", "_stamped", "book", "records", "time")

    def __init__(self, book: LogBook, time: NodeTime | None = None) -> None:
        self.book = book
        self.time = time or NodeTime()
        self.records = Records(book)
        self._recogniser = Recogniser()
        self._stamped = False

    def twin(self) -> TimedLog:
        """The same book for a reader in another thread, who must not share what is remembered of formats."""
        return TimedLog(self.book, self.time)

    def drawn(self, number: int) -> DrawnLine | None:
        """A line for the eye; None where it was dropped."""
        book = self.book
        text = book.line(number)
        if text is None:
            return None
        offset = book.offset_of(number) or 0
        chunk = book.chunk_of(number)
        if chunk is not None and chunk.seam is not None:
            return DrawnLine(book.key, number, b"", None, chunk.wall_of(number), Level.NONE, offset, seam=chunk.seam)
        arrived = book.tail_wall if chunk is None else chunk.wall_of(number)
        parsed = self._recogniser.parse(text, arrived)
        cut = chunk is not None and number == chunk.end_line - 1 and not chunk.has_end
        if parsed.stamp is None:
            head = self.records.head(number)
            level = parsed.level if head == number else self._inherited(head, number, parsed.level)
            return DrawnLine(book.key, number, text, None, arrived, level, offset, partial=chunk is None,
                             is_cut=cut, head=head if head != number else None)  # fmt: skip
        written = self.time.ours(parsed.stamp.seconds, zoned=parsed.stamp.zoned)
        opened = book.opened_wall if book.opened_wall is not None else arrived
        return DrawnLine(
            key=book.key,
            number=number,
            text=text,
            time=written,
            arrived=arrived,
            level=parsed.level,
            offset=offset,
            late=arrived - written > LATE_SECONDS and written > opened,
            partial=chunk is None,
            is_cut=cut,
            stamp=(parsed.begin, parsed.end),
            fine=parsed.stamp.fine,
        )

    def _inherited(self, head: int, number: int, own: Level) -> Level:
        """The level of a line that belongs to a record: the record's, or a traceback's within it."""
        first = self.book.line(head)
        of_head = Level.NONE if first is None else self.level(first[:HEAD_BYTES], self.arrived(head))
        raised = Level.ERROR if self.records.is_raised(head, number) else Level.NONE
        return max(own, of_head, raised)

    def level(self, text: bytes, arrived: float) -> Level:
        """How bad a line says it is."""
        return self._recogniser.parse(text, arrived).level

    def written(self, number: int) -> float | None:
        """When a line was written, arrival as the upper bound; None where it does not say or was dropped."""
        book = self.book
        chunk = book.chunk_of(number)
        if chunk is None or chunk.seam is not None:
            return None
        begin, end = chunk.span(number)
        return self._parsed(chunk.data[begin : min(end, begin + HEAD_BYTES)], chunk.wall_of(number))

    def _parsed(self, head: bytes, arrived: float) -> float | None:
        stamp = self._recogniser.parse(head, arrived).stamp
        if stamp is None:
            return None
        self._stamped = True
        return min(self.time.ours(stamp.seconds, zoned=stamp.zoned), arrived + FUTURE_SECONDS)

    def arrived(self, number: int) -> float:
        """When a line came, epoch seconds."""
        chunk = self.book.chunk_of(number)
        return self.book.tail_wall if chunk is None else chunk.wall_of(number)

    def edges(self, first: int, stop: int, floor: float) -> tuple[float, float]:
        """The times of the first and the last of some new lines, never before `floor`.

        A log whose format is not known counts by arrival; lines without a time stay with the line before.
        """
        chunk = self.book.chunk_at(first)
        if chunk is not None and chunk.seam is None and chunk.first_line == first and chunk.end_line == stop:
            begin, end = self._outer(chunk)
        else:
            begin = self._near(range(first, min(stop, first + _LOOK_AROUND_LINES)))
            end = self._near(range(stop - 1, max(first, stop - _LOOK_AROUND_LINES) - 1, -1))
        if begin is None and end is None and not self._stamped:
            begin, end = self.arrived(first), self.arrived(stop - 1)
        if begin is None and floor == -inf:
            begin = end
        low = max(floor, begin if begin is not None else floor)
        return low, max(low, end if end is not None else low)

    def _outer(self, chunk: Chunk) -> tuple[float | None, float | None]:
        """The first and the last time in a chunk, without finding all of its lines."""
        data = chunk.data
        begin = end = None
        at = 0
        for number in range(_LOOK_AROUND_LINES):
            stop = data.find(b"\n", at, at + HEAD_BYTES)
            begin = self._parsed(
                data[at : stop if stop >= 0 else at + HEAD_BYTES], chunk.wall_of(chunk.first_line + number)
            )
            if begin is not None or stop < 0:
                break
            at = stop + 1
        stop = len(data) - data.endswith(b"\n")
        for number in range(_LOOK_AROUND_LINES):
            at = data.rfind(b"\n", 0, stop) + 1
            end = self._parsed(data[at : min(stop, at + HEAD_BYTES)], chunk.wall_of(chunk.end_line - 1 - number))
            if end is not None or at == 0:
                break
            stop = at - 1
        return begin, end

    def _near(self, numbers: range) -> float | None:
        for number in numbers:
            written = self.written(number)
            if written is not None:
                return written
        return None

    def times(self, numbers: Sequence[int], low: float, high: float) -> list[float]:
        """The times of lines, never falling, between `low` and `high`."""
        times: list[float] = []
        for number in numbers:
            written = self.written(number)
            if written is None and not self._stamped:
                written = self.arrived(number)
            if written is not None and written > low:
                low = min(written, high)
            times.append(low)
        return times

    def split(self, numbers: Sequence[int], moment: float, low: float) -> int:
        """How many of some lines were written before a moment: by halving, so few are parsed."""
        begin, end = 0, len(numbers)
        while begin < end:
            middle = (begin + end) // 2
            at = numbers[middle]
            written = self._near(range(at, max(numbers[0], at - _LOOK_AROUND_LINES) - 1, -1))
            if written is None:
                written = low if self._stamped else self.arrived(at)
            if written < moment:
                begin = middle + 1
            else:
                end = middle
        return begin

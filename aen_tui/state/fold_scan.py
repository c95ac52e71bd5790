"""The warnings and errors that came into one book since the last look, as templates. Bounded by lines and bytes."""

from __future__ import annotations

from typing import NamedTuple

from aen_tui.model.log_formats import HEAD_BYTES, Recogniser
from aen_tui.model.log_levels import CANDIDATE
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.templates import name_pattern, template_of
from aen_tui.model.zones import NodeTime
from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import FUTURE_SECONDS, TimedLog
from aen_tui.state.logbook import LogBook
from aen_tui.state.own_requests import OWN_REQUEST, own_lines
from aen_tui.state.patterns import compile_bytes

LINES_A_SECOND = 200
"""Warnings that are looked at of one log in a second; more wait for the next ones."""
WAITING_BYTES = 256 * 1024
"""What may wait of a log that says more than that: beyond it lines are left out, and counted."""
BEHIND_BYTES = 16 * 1024 * 1024
"""What may wait of a log that is merely big: beyond it likewise."""
SAMPLE_BYTES = 1024
"""What is kept of a line that stands for many."""
RECORD_LINES = 40
"""How far a line without a time (a traceback's end) may stand from its record."""
_UNSTAMPED_TRIES = 8
"""So often a time is looked for in a log that never showed one."""
_CANDIDATE = compile_bytes(CANDIDATE)


class Found(NamedTuple):
    """A line that is a warning or worse."""

    key: LogKey
    template: bytes
    level: Level
    written: float
    """When it was written, epoch seconds of the jump host; its arrival where it does not say."""
    text: bytes
    """The line, cut: hostile."""
    number: int
    """Its number in the book."""
    said: int
    """Where in the text its message begins, behind the time."""


class WarningScan:
    """How far one book was looked at."""

    __slots__ = (
        "_backfill_end", "_has_undated", "_is_talkative", "_line", "_name", "_position", "_recogniser", "_spoken_line",
        "_stamp", "_timed", "_tries", "book", "left", "left_out",
    )  # fmt: skip

    def __init__(self, book: LogBook) -> None:
        self.book = book
        self.left = 0
        """Lines that may still be looked at in this second."""
        self.left_out = 0
        """Lines that nobody looked at, ever."""
        self._is_talkative = False
        """Whether warnings, not bytes, were what ended the last take."""
        self._line = book.first_line
        self._position = 0
        """Of the stream's bytes; all before it were looked at or left out."""
        self._backfill_end: int | None = None
        self._has_undated = False
        """Whether of a line that was there before nobody knows when it was written."""
        self._spoken_line = 0
        self._recogniser = Recogniser()
        self._timed = TimedLog(book)
        self._stamp: tuple[int, float] | None = None
        """The last line that had a time, and the time."""
        self._tries = 0
        self._name = name_pattern(book.key.node)

    @property
    def has_news(self) -> bool:
        """Whether something waits."""
        return self._position < self.book.whole_position

    def renew(self, time: NodeTime | None) -> None:
        """A second has passed; what waits too long is left out.

        Args:
            time: the node's clock.
        """
        self.left = LINES_A_SECOND
        if self._backfill_end is None and self.book.caught_up:
            self._backfill_end = self.book.next_line
        if time is not None:
            self._timed.time = time
        waiting = self.book.whole_position - self._position
        limit = WAITING_BYTES if self._is_talkative else BEHIND_BYTES
        if waiting > limit:
            self._leave_out(limit // 2)

    def is_dated(self, found: Found) -> bool:
        """Whether it is known when a line was written: of what was there before, an arrival says nothing."""
        is_backfill = self._backfill_end is None or found.number < self._backfill_end
        return not is_backfill or found.written < (self.book.opened_wall or 0.0)

    def known_since(self) -> float:
        """From when on the times of all lines are known, epoch seconds; 0 where the book began with its file.

        What was there before and says no time was written before the file was changed last: since then it was silent.
        """
        opened, before = self.book.opened_wall or 0.0, self.book.written_before
        if before is not None:
            opened = min(opened, max(0.0, self._timed.time.ours(before, zoned=True)))
        if self._has_undated or not self.book.chunks:
            return opened
        if self.book.chunks[0].offset == 0:
            return 0.0
        first = self.book.first_line
        written = (self._timed.written(number) for number in range(first, first + RECORD_LINES))
        return min(opened, next((at for at in written if at is not None), opened))

    def _leave_out(self, kept: int) -> None:
        """Go on at the first chunk that begins within the last `kept` bytes, or at the last one."""
        for chunk in self.book.chunks_from(self._line):
            if chunk.position >= self.book.whole_position - kept or chunk is self.book.chunks[-1]:
                if chunk.first_line > self._line:
                    self.left_out += chunk.first_line - self._line
                    self._line, self._position = chunk.first_line, chunk.position
                return

    def spoke(self) -> float | None:
        """Arrival (epoch seconds) of the newest line since the last call; None = none came but our own requests."""
        book = self.book
        if book.next_line == self._spoken_line:
            return None
        first, self._spoken_line = self._spoken_line, book.next_line
        for chunk in reversed(book.chunks):
            if chunk.end_line <= first:
                break
            if chunk.seam is None:
                low = max(first, chunk.first_line)
                if len(own_lines(chunk, low)) < chunk.end_line - low:
                    return chunk.wall_of(chunk.end_line - 1)
        return None

    def take(self, lines: int, size: int) -> tuple[list[Found], int]:
        """The next warnings, oldest first, and how many bytes were looked at for them.

        Args:
            lines: how many at most, besides what is left of this second's.
            size: after how many bytes to stop; a chunk is looked at whole.
        """
        found: list[Found] = []
        looked_at = 0
        lines = min(lines, self.left)
        for chunk in self.book.chunks_from(self._line):
            if len(found) >= lines or looked_at >= size:
                break
            self.left_out += max(0, chunk.first_line - self._line)
            begin = max(0, self._position - chunk.position)
            stop = self._look(chunk, begin, lines, found) if chunk.seam is None else 0
            looked_at += stop - begin if chunk.seam is None else 0
            self._position = chunk.position + stop
            self._line = chunk.end_line if stop == chunk.size else chunk.line_at(stop)
        self.left -= len(found)
        self._is_talkative = len(found) >= lines
        return found, looked_at

    def _look(self, chunk: Chunk, begin: int, lines: int, found: list[Found]) -> int:
        """Look at a chunk from a byte on until there are enough lines; the byte to go on at."""
        chunk = chunk.opened()
        data, search = chunk.data, _CANDIDATE.search
        number, counted = -1, 0
        while len(found) < lines:
            match = search(data, begin)
            if match is None or match.start() >= len(data):
                return len(data)
            start = data.rfind(b"\n", 0, match.start()) + 1
            end = data.find(b"\n", match.start())
            end = len(data) if end < 0 else end
            number = chunk.line_at(start) if number < 0 else number + data.count(b"\n", counted, start)
            counted = start
            self._judge(chunk, number, data[start:end], found)
            begin = min(end + 1, len(data))
        return begin

    def _judge(self, chunk: Chunk, number: int, line: bytes, found: list[Found]) -> None:
        arrived = chunk.wall_of(number)
        parsed = self._recogniser.parse(line[:HEAD_BYTES], arrived)
        if parsed.stamp is not None:
            written = self._timed.time.ours(parsed.stamp.seconds, zoned=parsed.stamp.zoned)
            self._stamp = (number, min(written, arrived + FUTURE_SECONDS))
        if parsed.level < Level.WARNING or OWN_REQUEST.search(line) is not None:
            return
        template = template_of(line, parsed.end, own_name=self._name)
        written = self._written(number, arrived)
        one = Found(self.book.key, template, parsed.level, written, line[:SAMPLE_BYTES], number, parsed.end)
        self._has_undated |= not self.is_dated(one)
        found.append(one)

    def _written(self, number: int, arrived: float) -> float:
        """When a line was written: its own time, its record's, or its arrival."""
        if self._stamp is not None and 0 <= number - self._stamp[0] <= RECORD_LINES:
            return self._stamp[1]
        if self._stamp is None and self._tries >= _UNSTAMPED_TRIES:
            return arrived
        self._tries += 1
        for before in range(number - 1, max(number - RECORD_LINES, self.book.first_line) - 1, -1):
            written = self._timed.written(before)
            if written is not None:
                self._stamp = (before, written)
                return written
        return arrived

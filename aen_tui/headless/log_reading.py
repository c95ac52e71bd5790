"""One source of `logs`: which of its lines are still to be printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from aen_tui.headless.whole_records import WholeRecords
from aen_tui.model.facts import ClusterState, LinkState, LogFileState
from aen_tui.model.logs import Level, OlderState, Seam
from aen_tui.model.text import visible_line
from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import DrawnLine, TimedLog
from aen_tui.state.own_requests import own_lines
from aen_tui.state.selection import Criteria

FEW_LINES = 10
"""So few are not looked for in rotated files."""
SINCE_LINES = 24
"""Where a time is looked for at the top of what is there."""


class LogReader:
    """Reads a book line by line as it grows.

    Args:
        source: the book and its node's clock.
        criteria: which lines are wanted; with a level in it which records.
        lines: how many of those that are there at first; None = all.
        since: none written before this, epoch seconds.
    """

    def __init__(self, source: TimedLog, criteria: Criteria, lines: int | None, since: float | None) -> None:
        self.source = source
        self.key = source.book.key
        self.is_attached = False
        """Whether the first lines were taken."""
        self.floor = -inf
        """Time of the last line taken: lines of one file never change their order."""
        self.lost_lines = 0
        """Lines that left memory before they were taken; to be said and reset."""
        self.cut_lines = 0
        """Lines that were taken without their ends; to be said and reset."""
        self.seams: list[Seam] = []
        """What was met between lines; to be said and cleared."""
        self._criteria = criteria
        self._records = WholeRecords(source, criteria) if criteria.level is not Level.NONE else None
        self._lines = lines
        self._since = since
        self.next = 0
        """The next line to take."""
        self.position = 0
        """Up to where in the book's bytes lines were taken."""

    def state(self, state: ClusterState) -> str | None:
        """Why there is nothing to read; None while there may be."""
        node = state.nodes.get(self.key.node)
        if node is None:
            return "no such node"
        link = node.connection
        if link.state not in (LinkState.UP, LinkState.CONNECTING):
            return f"{link.state.value}: {link.error or 'not reached'}"
        log = next((log for log in node.logs if log.path == self.key.path), None)
        if (
            log is not None
            and log.state in (LogFileState.WAITING, LogFileState.UNKNOWN)
            and (log.error or node.complete)
        ):
            return f"{log.state.value}: {log.error or 'there is no such file yet'}"
        return None

    def is_absent(self, state: ClusterState) -> bool:
        """Whether its node says that there is no such file."""
        node = state.nodes.get(self.key.node)
        logs = node.logs if node is not None and node.complete and node.connection.state is LinkState.UP else ()
        found = next((log for log in logs if log.path == self.key.path), None)
        return found is not None and found.state is LogFileState.WAITING and found.error is None

    def attach(self, *, with_partial: bool) -> list[tuple[float, DrawnLine]]:
        """The first lines, once the end of the file was reached: time to sort by, line.

        Args:
            with_partial: a last line that has not ended counts too.
        """
        self.is_attached = True
        book = self.source.book
        self.next = book.first_line
        found = list(self.take())
        if with_partial and book.has_partial:
            for number in self._unended(book.line(book.next_line) or b""):
                found += self._timed(number)
        self.seams.clear()
        wanted = found if self._lines is None else found[max(0, len(found) - self._lines) :]
        self.cut_lines = sum(line.is_cut for _, line in wanted)
        return wanted

    def _unended(self, text: bytes) -> Sequence[int]:
        number, arrived = self.source.book.next_line, self.source.book.tail_wall
        if self._records is not None:
            return self._records.unended(number, text, arrived)
        return (number,) if self._criteria.holds(text, self.source, arrived) else ()

    def wants_older(self) -> bool:
        """Whether lines that were asked for may stand before the first one here."""
        book = self.source.book
        begin = book.begin()
        if begin is None or book.edge.state not in (OlderState.UNKNOWN, OlderState.MORE):
            return False
        if self._since is not None:
            stop = min(book.next_line, book.first_line + SINCE_LINES)
            return stop <= book.first_line or self.source.edges(book.first_line, stop, -inf)[0] >= self._since
        if self._lines is None or (not begin.offset and self._lines <= FEW_LINES):
            return False
        return book.next_line + book.has_partial - book.first_line < self._lines

    def begin(self) -> int:
        """The position in the book's bytes from which the first lines are whole; for raw output."""
        self.is_attached = True
        book = self.source.book
        end = book.next_line + book.has_partial
        self.next = book.next_line
        first = book.first_line if self._lines is None else max(book.first_line, end - self._lines)
        if self._since is not None:
            first += self.source.split(range(first, end), self._since, -inf)
        chunk = book.chunk_of(first)
        if chunk is not None:
            return chunk.position + chunk.span(first)[0]
        tail = len(book.line(book.next_line) or b"") if book.has_partial and first < end else 0
        return book.end_position - tail

    @property
    def unread_bytes(self) -> int:
        """What has come in whole lines and was not taken yet: an endless line must be able to end."""
        return self.source.book.whole_position - self.position if self.is_attached else 0

    def numbers(self) -> Iterator[tuple[Chunk, Sequence[int]]]:
        """New whole lines that are wanted, a chunk's at a time: the chunk, their numbers.

        With a level lines before the chunk's may be among them, of the record that its first line belongs to.
        """
        book = self.source.book
        if book.first_line > self.next:
            self.lost_lines += book.first_line - self.next
            self.next = book.first_line
        for chunk in book.chunks_from(self.next):
            first = max(self.next, chunk.first_line)
            # Before the yield: the chunk may grow while its lines are printed.
            self.next, self.position = chunk.end_line, chunk.end_position
            if chunk.seam is not None:
                self.seams.append(chunk.seam)
            else:
                found = self._wanted(chunk, first)
                self.cut_lines += not chunk.has_end and chunk.end_line - 1 in found[-1:]
                own = self._own(min([first, *found[:1]]), chunk)
                yield chunk, [number for number in found if number not in own] if own else found

    def _wanted(self, chunk: Chunk, first: int) -> Sequence[int]:
        if self._records is not None:
            return self._records.lines(chunk, first)
        return self._criteria.lines(chunk, first, self.source)

    def _own(self, first: int, chunk: Chunk) -> set[int]:
        """Our own requests from a line to the end of a chunk."""
        own: set[int] = set()
        for piece in self.source.book.chunks_from(first):
            if piece.first_line > chunk.first_line:
                break
            own.update(own_lines(piece, max(first, piece.first_line)))
        return own

    def take(self) -> Iterator[tuple[float, DrawnLine]]:
        """New whole lines that are wanted, with the time to sort by."""
        for _, numbers in self.numbers():
            for number in numbers:
                yield from self._timed(number)

    def _timed(self, number: int) -> Iterator[tuple[float, DrawnLine]]:
        line = self.source.drawn(number)
        if line is None:
            return
        moment = line.arrived if line.time is None else min(line.time, line.arrived + 1.0)
        if line.time is None:  # a line without a time stays with its record
            head = self.source.written(line.head) if line.head is not None else None
            moment = head if head is not None else self.floor if self.floor > -inf else moment
        self.floor = max(self.floor, moment)
        if self._since is None or self.floor >= self._since:
            yield self.floor, line

    def notes(self) -> Iterator[str]:
        """What must be said of the stream; said once."""
        if self.lost_lines:
            yield f"{self.lost_lines:,} lines left memory before they were printed"
            self.lost_lines = 0
        if self.cut_lines:
            yield f"{self.cut_lines:,} of its lines are cut: longer than is read at a time, or their ends never came"
            self.cut_lines = 0
        for seam in self.seams:
            lost = f" ({seam.lost_bytes:,} bytes lost)" if seam.lost_bytes else ""
            yield f"{visible_line(seam.reason)}: {visible_line(seam.message, 400)}{lost}"
        self.seams.clear()

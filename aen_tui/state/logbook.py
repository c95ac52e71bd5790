"""Log books: what came of each log, as chunks of bytes, all of them under one memory cap.

A line is not an object here: appending counts newlines and nothing else. Who shows, searches or
counts lines reads chunks; see `state.lines` and `state.merge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from aen_tui.model.logs import Cursor, LogKey, OlderEdge, OlderState, Seam
from aen_tui.state.book import CHUNK_BYTES, CHUNK_COST_BYTES, LINE_LIMIT_BYTES, LogBook
from aen_tui.state.problems import Problem, ProblemScan

__all__ = ["CHUNK_BYTES", "KEPT_BYTES", "LINE_LIMIT_BYTES", "LogBook", "LogBooks"]

KEPT_BYTES = 256 * 1024
"""What every book keeps of its end, whatever the others want (ops 30)."""


class LogBooks:
    """All books under one cap. Written by the runtime, read by views and by `logs`.

    Where the cap is passed, the book that holds most drops its oldest chunk, until all fit; every
    book keeps its last 256 KiB, or its equal part of the cap where there are too many for that.

    A reader that must not lose anything calls `hold` when it is behind and `release` when it is not;
    the runtime then takes nothing from the probes, and so the file is the buffer.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        """What all books cost; chunks but the last of each are packed."""
        self.listeners: set[Callable[[LogKey], None]] = set()
        """Called on the loop with each append, before it returns; they only take note."""
        self._books: dict[LogKey, LogBook] = {}
        self._problems: dict[LogKey, ProblemScan] = {}
        self.on_hold: Callable[[bool], None] = lambda held: None
        """Told when a reader falls behind and when it has caught up; set by the runtime."""

    def __iter__(self) -> Iterator[LogBook]:
        return iter(self._books.values())

    def __contains__(self, key: LogKey) -> bool:
        return key in self._books

    def book(self, key: LogKey) -> LogBook:
        """The book of a log; made where there is none."""
        book = self._books.get(key)
        if book is None:
            book = self._books[key] = LogBook(key)
        return book

    def cursor(self, key: LogKey) -> Cursor | None:
        """Where the probe shall resume; None where nothing came yet."""
        book = self._books.get(key)
        return None if book is None else book.cursor

    def append(
        self,
        key: LogKey,
        data: bytes,
        *,
        at: int,
        cursor: Cursor | None,
        seam: Seam | None,
        monotonic: float,
        wall: float,
        eof: bool = False,
    ) -> None:
        """Take bytes of a log and wake who listens; the arguments are `LogBook.append`'s."""
        book = self.book(key)
        before = book.size_bytes
        book.append(data, at=at, cursor=cursor, seam=seam, monotonic=monotonic, wall=wall, eof=eof)
        self.size_bytes += book.size_bytes - before
        if self.size_bytes > self.limit_bytes:
            self._make_room()
        for listener in tuple(self.listeners):
            listener(key)

    def room_for(self, size: int) -> bool:
        """Whether older bytes fit: they push nothing out."""
        return self.size_bytes + size + CHUNK_COST_BYTES <= self.limit_bytes

    def prepend(self, key: LogKey, data: bytes, place: Cursor | None, edge: OlderEdge) -> bool:
        """Put older lines before a book's first and wake who listens; False where there is no room.

        Args:
            key: the book.
            data: what was fetched; may be empty.
            place: where it begins in its file.
            edge: what lies before it.
        """
        book = self.book(key)
        fits = not data or self.room_for(len(data))
        if data and fits and place is not None:
            before = book.size_bytes
            book.prepend(data, place)
            self.size_bytes += book.size_bytes - before
        book.edge = edge if fits else OlderEdge(OlderState.FULL, "the memory for logs is full (log_memory_megabytes)")
        for listener in tuple(self.listeners):
            listener(key)
        return fits

    def _make_room(self) -> None:
        kept = min(KEPT_BYTES, self.limit_bytes * 7 // 8 // len(self._books))
        goal = self.limit_bytes - self.limit_bytes // 64
        for book in sorted(self._books.values(), key=lambda book: -book.size_bytes):
            # The noisiest pays down to the goal; the next one only where that was not enough.
            while self.size_bytes > goal and (freed := book.drop_oldest(kept)):
                self.size_bytes -= freed
            if self.size_bytes <= goal:
                return

    def last_problem(self, key: LogKey) -> Problem | None:
        """The last line of a log that is a warning or worse; looks only at what came since the last call."""
        book = self._books.get(key)
        if book is None:
            return None
        scan = self._problems.get(key)
        if scan is None:
            scan = self._problems[key] = ProblemScan()
        return scan.update(book.chunks)

    def hold(self) -> None:
        """A reader is behind: take no more log bytes from probes."""
        self.on_hold(True)

    def release(self) -> None:
        """The reader has caught up."""
        self.on_hold(False)

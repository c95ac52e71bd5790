"""Logs that grow because they are watched: our own requests and logins, written where we read (ops 33).

What we ask for makes a line on the node; a log of which nearly every new line is ours is told in
Connections, so that nobody takes our traffic for the node's, and so that an audit log that records
each read of itself is seen.
"""

from __future__ import annotations

from collections.abc import Mapping

from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.state.logbook import LogBook, LogBooks
from aen_tui.state.own_requests import own_lines

LOOK_SECONDS = 60.0
LEAST_LINES = 5
"""Fewer new lines than this in a look say nothing."""
OWN_SHARE = 0.9
GROWTH_WORDS = "grows by our own requests"


class OwnGrowth:
    """Counts what came since the last look."""

    def __init__(self, books: LogBooks) -> None:
        self._books = books
        self._seen: dict[LogKey, int] = {}
        self._next_look = 0.0
        self._notes: dict[NodeName, tuple[str, ...]] = {}

    def look(self, monotonic: float) -> Mapping[NodeName, tuple[str, ...]] | None:
        """A note for each log that grows by our reading; None where it is not yet time to look again."""
        if monotonic < self._next_look:
            return None
        self._next_look = monotonic + LOOK_SECONDS
        found: dict[NodeName, list[str]] = {}
        for book in self._books:
            ours, new = self._count(book)
            notes = found.setdefault(book.key.node, [])
            if new >= LEAST_LINES and ours >= OWN_SHARE * new:
                notes.append(f"{book.key.path} {GROWTH_WORDS}: {ours} of {new} new lines")
        return {name: tuple(notes) for name, notes in found.items()}

    def _count(self, book: LogBook) -> tuple[int, int]:
        first = self._seen.get(book.key)
        self._seen[book.key] = book.next_line
        if first is None or first >= book.next_line:
            return 0, 0
        ours = sum(len(own_lines(chunk, max(first, chunk.first_line))) for chunk in book.chunks_from(first))
        return ours, book.next_line - first

"""The last warning or error line of each node's logs, with the time at which it was written."""

from __future__ import annotations

from aen_tui.model.clock import Clock
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.model.text import visible_line
from aen_tui.model.zones import NodeTime
from aen_tui.state.lines import TimedLog
from aen_tui.state.logbook import LogBooks

SHOWN_CHARACTERS = 1000
"""So that lines of JSON can be read."""


class LastProblems:
    """Looks only at what came since the last look."""

    def __init__(self, books: LogBooks, clock: Clock) -> None:
        self._books = books
        self._clock = clock
        self._found: dict[LogKey, tuple[int, float, str]] = {}
        self._shown: dict[NodeName, Reading[str]] = {}

    def look(self, times: dict[NodeName, NodeTime]) -> dict[NodeName, Reading[str]]:
        """The newest problem of each node; the same object while it is the same problem."""
        newest: dict[NodeName, tuple[float, str]] = {}
        for book in self._books:
            problem = self._books.last_problem(book.key)
            if problem is None:
                continue
            known = self._found.get(book.key)
            if known is None or known[0] != problem.number:
                written = TimedLog(book, times.get(book.key.node)).written(problem.number)
                arrived = self._clock.wall() - (self._clock.monotonic() - problem.monotonic)
                text = visible_line(problem.text, SHOWN_CHARACTERS).expandtabs(8)
                known = self._found[book.key] = (problem.number, written if written is not None else arrived, text)
            if book.key.node not in newest or known[1] > newest[book.key.node][0]:
                newest[book.key.node] = (known[1], known[2])
        for name, (written_at, text) in newest.items():
            shown = self._shown.get(name)
            if shown is None or shown.value != text:
                seen_at = self._clock.monotonic() - max(0.0, self._clock.wall() - written_at)
                self._shown[name] = Reading(text, seen_at)
        return self._shown

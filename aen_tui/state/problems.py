"""The last warning or error of a log, found in bulk over bytes and from the newest end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from aen_tui.model.log_formats import Recogniser
from aen_tui.model.log_levels import CANDIDATE
from aen_tui.model.logs import Level
from aen_tui.state.chunk import Chunk
from aen_tui.state.own_requests import OWN_REQUEST
from aen_tui.state.patterns import compile_bytes

BUDGET_BYTES = 512 * 1024
"""What one call looks at; the rest of a burst is looked at by the next calls."""
_WINDOW_BYTES = 8 * 1024
_CANDIDATE = compile_bytes(CANDIDATE)


class Problem(NamedTuple):
    """A line that is a warning or worse."""

    text: bytes
    """The line as it stands in the file: hostile."""
    level: Level
    monotonic: float
    """Arrival of its chunk, monotonic seconds of the jump host."""
    number: int
    """Its number in the book."""


class ProblemScan:
    """What was looked at of one book, and what was found."""

    __slots__ = ("_pending", "_recogniser", "_seen", "found")

    def __init__(self) -> None:
        self.found: Problem | None = None
        self._seen = 0
        """Lines up to here were looked at or wait in `_pending`."""
        self._pending: list[tuple[int, int]] = []
        """Ranges of lines not looked at yet, the newest last."""
        self._recogniser = Recogniser()

    def update(self, chunks: Sequence[Chunk]) -> Problem | None:
        """Look at what is new, newest first, within the budget; the last problem known then."""
        end = chunks[-1].end_line if chunks else self._seen
        if end > self._seen:
            self._pending.append((self._seen, end))
            self._seen = end
        budget = BUDGET_BYTES
        while self._pending and budget > 0:
            low, high = self._pending.pop()
            for chunk in reversed(chunks):
                if chunk.first_line >= high or chunk.end_line <= low:
                    if chunk.end_line <= low:
                        break
                    continue
                budget -= chunk.size
                problem = self._last_in(chunk, max(low, chunk.first_line), high)
                if problem is not None:
                    self.found = problem
                    self._pending.clear()
                    return problem
                high = chunk.first_line
                if budget <= 0 and high > low:
                    self._pending.append((low, high))
                    break
        return self.found

    def _last_in(self, chunk: Chunk, low: int, high: int) -> Problem | None:
        """The last problem among the lines `low` to `high` of a chunk, windows of bytes from the end."""
        if chunk.seam is not None:
            return None
        chunk = chunk.opened()
        data = chunk.data
        first = chunk.span(low)[0] if low > chunk.first_line else 0
        stop = chunk.span(high - 1)[1] if high < chunk.end_line else len(data)
        while stop > first:
            begin = max(first, data.rfind(b"\n", first, max(first, stop - _WINDOW_BYTES)) + 1)
            problem = self._last_between(chunk, begin, stop)
            if problem is not None:
                return problem
            stop = begin
        return None

    def _last_between(self, chunk: Chunk, begin: int, stop: int) -> Problem | None:
        data = chunk.data
        window = data[begin:stop]
        if _CANDIDATE.search(window) is None:
            return None
        for line in reversed(window.splitlines()):
            if _CANDIDATE.search(line) is None or OWN_REQUEST.search(line) is not None:
                continue
            level = self._recogniser.parse(line, chunk.wall_of(chunk.first_line)).level
            if level >= Level.WARNING:
                at = begin + window.rfind(line)
                return Problem(line, level, chunk.monotonic, chunk.line_at(at))
        return None

"""Which lines `logs --level` prints: whole records, each line once and in order, however its bytes come."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from math import inf

from aen_tui.model.logs import Level
from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import TimedLog
from aen_tui.state.records import RECORD_LINES, is_follower
from aen_tui.state.selection import Criteria


class WholeRecords:
    """As in a filtered view: where lines of a record have all that is wanted, the record is wanted.

    A line that says so may come after others of its record; they are given then, so nothing waits.

    Args:
        source: the book.
        criteria: what a record must have; `lacking` is not looked at.
    """

    def __init__(self, source: TimedLog, criteria: Criteria) -> None:
        self._source = source
        self._terms = [Criteria((pattern,)) for pattern in criteria.having]
        if criteria.level is not Level.NONE:
            self._terms.append(Criteria(level=criteria.level))
        self._head = 0
        """The first line of the last record."""
        self._has = [False] * len(self._terms)
        """Which of the terms that record has."""
        self._end: int | None = None
        """One past the last line that was looked at."""
        self._given: float = -inf
        """One past the last line that was given."""

    def lines(self, chunk: Chunk, first: int) -> Sequence[int]:
        """What the lines of a chunk from `first` on add: their numbers, and those of lines before them."""
        records, stop = self._source.records, chunk.end_line
        found = [term.lines(chunk, first, self._source) for term in self._terms]
        followers = records.followers(chunk)
        followers = followers[bisect_left(followers, first) :]
        low = self._go_on(first) if first in followers[:1] else self._begin(first)
        known = [array("q", sorted({low, *hits})) if has else hits for hits, has in zip(found, self._has, strict=True)]
        wide = [set(records.expand(numbers, low, stop)) for numbers in known]
        self._note(found, first, stop, followers)
        return self._give(sorted(set.intersection(*wide)))

    def unended(self, number: int, text: bytes, arrived: float) -> Sequence[int]:
        """What the last line adds, which has not ended."""
        low = self._go_on(number) if is_follower(text) else self._begin(number)
        has = (
            before or term.holds(text, self._source, arrived)
            for before, term in zip(self._has, self._terms, strict=True)
        )
        return self._give(range(low, number + 1)) if all(has) else ()

    def _begin(self, first: int) -> int:
        self._head, self._has = first, [False] * len(self._terms)
        return first

    def _go_on(self, first: int) -> int:
        """The line from which on the record of a line that follows can be given."""
        if first != self._end:  # something was lost, or a seam lies before it
            return self._begin(first)
        return max(self._head, first - RECORD_LINES, self._source.book.oldest_line)

    def _note(self, found: Sequence[Sequence[int]], first: int, stop: int, followers: Sequence[int]) -> None:
        """Remember the last record."""
        at, head = len(followers) - 1, stop - 1
        while head > first and at >= 0 and followers[at] == head:
            at, head = at - 1, head - 1
        if head > first or not (at >= 0 and followers[at] == first):
            self._begin(head)
        self._has = [has or bool(hits and hits[-1] >= head) for hits, has in zip(found, self._has, strict=True)]
        self._end = stop

    def _give(self, numbers: Sequence[int]) -> Sequence[int]:
        new = [number for number in numbers if number >= self._given]
        if new:
            self._given = new[-1] + 1
        return new

"""Which lines match: found in bulk over the bytes of chunks, remembered a chunk, never a line at a time."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from aen_tui.model.log_levels import CANDIDATE
from aen_tui.model.logs import Level
from aen_tui.state.chunk import Chunk
from aen_tui.state.lines import TimedLog
from aen_tui.state.patterns import BytesPattern, compile_bytes, matching_lines

_CANDIDATE = compile_bytes(CANDIDATE)
Numbers = Sequence[int]


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a line must be: every `having`, no `lacking`, at least `level`. Seams always are."""

    having: tuple[BytesPattern, ...] = ()
    lacking: tuple[BytesPattern, ...] = ()
    level: Level = Level.NONE
    """NONE: all lines, those without a level too."""

    @property
    def is_everything(self) -> bool:
        """Whether every line matches."""
        return not self.having and not self.lacking and self.level is Level.NONE

    def holds(self, text: bytes, source: TimedLog, arrived: float) -> bool:
        """Whether one line matches."""
        return (
            all(pattern.search(text) is not None for pattern in self.having)
            and not any(pattern.search(text) is not None for pattern in self.lacking)
            and (self.level is Level.NONE or source.level(text, arrived) >= self.level)
        )

    def lines(self, chunk: Chunk, first: int, source: TimedLog) -> array[int]:
        """The numbers of the matching lines of a chunk from `first` on, ascending."""
        if chunk.seam is not None:
            return array("Q", (chunk.first_line,))
        if self.having:
            found = matching_lines(self.having[0], chunk, first)
        elif self.level >= Level.WARNING:
            found = matching_lines(_CANDIDATE, chunk, first)
        else:
            found = array("Q", range(first, chunk.end_line))
        if len(self.having) == 1 and not self.lacking and self.level is Level.NONE:
            return found
        lacked: set[int] = set()
        for pattern in self.lacking:
            lacked.update(matching_lines(pattern, chunk, first))
        left = (number for number in found if number not in lacked)
        if len(self.having) <= 1 and self.level is Level.NONE:
            return array("Q", left)
        return array("Q", (number for number in left if self._is_rest(chunk, number, source)))

    def _is_rest(self, chunk: Chunk, number: int, source: TimedLog) -> bool:
        begin, end = chunk.span(number)
        text = chunk.data[begin:end]
        return all(pattern.search(text) is not None for pattern in self.having[1:]) and (
            self.level is Level.NONE or source.level(text, chunk.wall_of(number)) >= self.level
        )


class Hits:
    """The matching lines of every source, chunk by chunk, as far as anybody looked."""

    def __init__(self, criteria: Criteria, sources: Sequence[TimedLog]) -> None:
        self.criteria = criteria
        self.sources = sources
        self.count = 0
        """Lines found so far and not dropped since."""
        self.fresh: list[tuple[int, int, int]] = []
        """Source, first line, end of what was looked at since a reader took note and emptied this."""
        self._found: list[dict[int, tuple[int, array[int]]]] = [{} for _ in sources]
        """A source: first line of a chunk -> up to where it was looked at, what was found."""

    def is_known(self, source: int, chunk: Chunk) -> bool:
        """Whether all of a chunk was looked at."""
        known = self._found[source].get(chunk.first_line)
        return known is not None and known[0] >= chunk.end_line

    def of(self, source: int, chunk: Chunk) -> array[int]:
        """The matching lines of a chunk; what was not looked at yet is looked at."""
        known = self._found[source].get(chunk.first_line)
        if known is not None and known[0] >= chunk.end_line:
            return known[1]
        first = chunk.first_line if known is None else known[0]
        found = self.criteria.lines(chunk, first, self.sources[source])
        self.count += len(found)
        self.fresh.append((source, chunk.first_line, chunk.end_line))
        if known is not None:
            found = known[1] + found
        self._found[source][chunk.first_line] = (chunk.end_line, found)
        return found

    def within(self, source: int, first: int, stop: int) -> tuple[array[int], bool]:
        """The matching lines known of a range, and whether all of the range was looked at."""
        numbers = array("Q")
        complete = stop <= self.sources[source].book.next_line
        found = self._found[source]
        for chunk in self.sources[source].book.chunks_from(first):
            if chunk.first_line >= stop:
                break
            if chunk.seam is not None:
                numbers.append(chunk.first_line)
                continue
            known = found.get(chunk.first_line)
            if known is None or known[0] < min(stop, chunk.end_line):
                complete = False
            if known is not None and known[1]:
                numbers += known[1][bisect_left(known[1], first) : bisect_left(known[1], stop)]
        return numbers, complete

    def forget_dropped(self) -> None:
        """Forget what the books dropped."""
        for source, found in zip(self.sources, self._found, strict=True):
            first = source.book.first_line
            for begin in [begin for begin in found if begin < first]:
                self.count -= len(found.pop(begin)[1])

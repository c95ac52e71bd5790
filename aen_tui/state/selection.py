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
    def needed(self) -> BytesPattern | None:
        """What every matching line holds; None where there is no such thing."""
        if self.having:
            return self.having[0]
        return _CANDIDATE if self.level >= Level.WARNING else None

    def holds(self, text: bytes, source: TimedLog, arrived: float) -> bool:
        """Whether one line matches."""
        return (
            all(pattern.search(text) is not None for pattern in self.having)
            and not any(pattern.search(text) is not None for pattern in self.lacking)
            and (self.level is Level.NONE or source.level(text, arrived) >= self.level)
        )

    def lines(self, chunk: Chunk, first: int, source: TimedLog) -> array[int]:
        """The numbers of the matching lines of a chunk from `first` on, ascending. Safe in a thread."""
        if chunk.seam is not None:
            return array("q", (chunk.first_line,))
        # line starts are found in a copy: the chunk's own are forgotten by its book, which knows nothing of this look
        chunk = chunk.opened()
        if self.having:
            found = matching_lines(self.having[0], chunk, first)
        elif self.level >= Level.WARNING:
            found = matching_lines(_CANDIDATE, chunk, first)
        else:
            found = array("q", range(first, chunk.end_line))
        if len(self.having) == 1 and not self.lacking and self.level is Level.NONE:
            return found
        lacked: set[int] = set()
        for pattern in self.lacking:
            lacked.update(matching_lines(pattern, chunk, first))
        left = (number for number in found if number not in lacked)
        if len(self.having) <= 1 and self.level is Level.NONE:
            return array("q", left)
        return array("q", (number for number in left if self._is_rest(chunk, number, source)))

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
        """Lines found so far and not dropped since; seams do not count."""
        self.is_watched = False
        """Whether a reader empties `fresh`."""
        self.fresh: list[tuple[int, int, int]] = []
        """Source, first line, end of what was looked at since the reader took note and emptied this."""
        self._found: list[dict[int, tuple[int, array[int]]]] = [{} for _ in sources]
        """A source: first line of a chunk -> up to where it was looked at, what was found."""

    def over(self, sources: Sequence[TimedLog]) -> Hits:
        """The same look over these and more sources after them: what is known stays known."""
        wider = Hits(self.criteria, sources)
        wider.count = self.count
        wider._found[: len(self._found)] = [dict(found) for found in self._found]  # looks at the old may still end
        return wider

    def known_until(self, source: int, chunk: Chunk) -> int:
        """The first line of a chunk that was not looked at yet."""
        known = self._found[source].get(chunk.first_line)
        return chunk.first_line if known is None else known[0]

    def of(self, source: int, chunk: Chunk) -> array[int]:
        """The matching lines of a chunk; what was not looked at yet is looked at."""
        first = self.known_until(source, chunk)
        if first < chunk.end_line or not chunk.lines:
            self.put(source, chunk, first, chunk.end_line, self.criteria.lines(chunk, first, self.sources[source]))
        return self._found[source][chunk.first_line][1]

    def put(self, source: int, chunk: Chunk, first: int, end: int, found: array[int]) -> None:
        """Remember the matching lines of a chunk from `first` to before `end`, found elsewhere."""
        known = self._found[source].get(chunk.first_line)
        if first != (chunk.first_line if known is None else known[0]):
            return  # somebody else was faster
        if chunk.seam is None:
            self.count += len(found)
        if self.is_watched:
            self.fresh.append((source, chunk.first_line, end))
        self._found[source][chunk.first_line] = (end, found if known is None else known[1] + found)

    def within(self, source: int, first: int, stop: int) -> tuple[array[int], list[tuple[int, int]]]:
        """The matching lines known from `first` to before `stop`, seams left out; and what was not looked at."""
        numbers = array("q")
        gaps: list[tuple[int, int]] = []
        found = self._found[source]
        for chunk in self.sources[source].book.chunks_from(first):
            if chunk.first_line >= stop:
                break
            if chunk.seam is not None:
                continue
            known = found.get(chunk.first_line)
            until = chunk.first_line if known is None else known[0]
            if until < min(stop, chunk.end_line):
                gaps.append((until, chunk.end_line))
            if known is not None and known[1]:
                numbers += known[1][bisect_left(known[1], first) : bisect_left(known[1], stop)]
        return numbers, gaps

    def known(self, source: int) -> array[int]:
        """All matching lines of a source that are known, ascending; seams among them."""
        numbers = array("q")
        found = self._found[source]
        for first in sorted(found):
            numbers += found[first][1]
        return numbers

    def forget_dropped(self) -> None:
        """Forget what the books dropped."""
        for source, found in zip(self.sources, self._found, strict=True):
            first = source.book.first_line
            for begin in [begin for begin in found if begin < first]:
                self.count -= len(found.pop(begin)[1])

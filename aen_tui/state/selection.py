"""Which lines match: found in bulk over the bytes of chunks, remembered a chunk, never a line at a time."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


class _Known(NamedTuple):
    """What is known of a chunk."""

    position: int
    """Where it begins in its book's stream: with the number of its first line this says which lines it holds."""
    until: int
    """The first line that was not looked at."""
    lines: array[int]
    """Which match."""
    is_seam: bool


class Hits:
    """The matching lines of every source, chunk by chunk, as far as anybody looked."""

    def __init__(self, criteria: Criteria, sources: Sequence[TimedLog]) -> None:
        self.criteria = criteria
        self.sources = sources
        self.count = 0
        """Lines found so far and not dropped when that was looked at last; seams do not count."""
        self.is_watched = False
        """Whether a reader empties `fresh`."""
        self.fresh: dict[tuple[int, int], int] = {}
        """Source and first line of chunks that were looked at since the reader emptied this -> the end of the look."""
        self._found: list[dict[int, _Known]] = [{} for _ in sources]
        """A source: first line of a chunk -> what is known of it."""
        self._edges: list[tuple[int, int]] = [(source.book.oldest_line, source.book.prepends) for source in sources]
        """A source: its oldest line, and how often older ones came, when this was brought up to it."""

    def over(self, sources: Sequence[TimedLog]) -> Hits:
        """The same look over these and more sources after them: what is known stays known."""
        wider = Hits(self.criteria, sources)
        wider.count = self.count
        wider._found[: len(self._found)] = [dict(found) for found in self._found]  # looks at the old may still end
        wider._edges[: len(self._edges)] = self._edges
        return wider

    def known_until(self, source: int, chunk: Chunk) -> int:
        """The first line of a chunk that was not looked at yet."""
        self._keep_up(source)
        known = self._found[source].get(chunk.first_line)
        return chunk.first_line if known is None else known.until

    def of(self, source: int, chunk: Chunk) -> array[int]:
        """The matching lines of a chunk that is in its book; what was not looked at yet is looked at."""
        first = self.known_until(source, chunk)
        if first < chunk.end_line:
            self.put(source, chunk, first, chunk.end_line, self.criteria.lines(chunk, first, self.sources[source]))
        known = self._found[source].get(chunk.first_line)
        return array("q") if known is None else known.lines

    def put(self, source: int, chunk: Chunk, first: int, end: int, found: array[int]) -> None:
        """Remember the matching lines of a chunk from `first` to before `end`, found elsewhere.

        The chunk is as it was when the look began: what was dropped meanwhile is left out.
        """
        self._keep_up(source)
        book, is_seam = self.sources[source].book, chunk.seam is not None
        here = book.chunk_at(chunk.first_line if is_seam else max(chunk.first_line, book.oldest_line))
        if here is None or not _is_of(here, chunk):
            return
        begin = here.first_line
        known = self._found[source].get(begin)
        until = begin if known is None else known.until
        if not max(first, begin) <= until < end:
            return  # somebody else was faster
        found = found[bisect_left(found, until) :]
        if not is_seam:
            self.count += len(found)
        if self.is_watched:
            self.fresh[source, begin] = end
        self._found[source][begin] = _Known(
            here.position, end, found if known is None else known.lines + found, is_seam
        )

    def within(self, source: int, first: int, stop: int) -> tuple[array[int], list[tuple[int, int]]]:
        """The matching lines known from `first` to before `stop`, seams left out; and what was not looked at."""
        self._keep_up(source)
        numbers = array("q")
        gaps: list[tuple[int, int]] = []
        found = self._found[source]
        for chunk in self.sources[source].book.chunks_from(first):
            if chunk.first_line >= stop:
                break
            if chunk.seam is not None:
                continue
            known = found.get(chunk.first_line)
            until = chunk.first_line if known is None else known.until
            if until < min(stop, chunk.end_line):
                gaps.append((until, chunk.end_line))
            if known is not None and known.lines:
                numbers += known.lines[bisect_left(known.lines, first) : bisect_left(known.lines, stop)]
        return numbers, gaps

    def known(self, source: int) -> array[int]:
        """All matching lines of a source that are known, ascending; seams among them."""
        self._keep_up(source)
        numbers = array("q")
        found = self._found[source]
        for first in sorted(found):
            numbers += found[first].lines
        return numbers

    def forget_dropped(self) -> None:
        """Forget what the books dropped."""
        for source in range(len(self.sources)):
            self._keep_up(source)

    def _keep_up(self, source: int) -> None:
        """Bring what is known to the chunks that are in the book: some went, one was cut, older ones came."""
        book = self.sources[source].book
        edge = book.oldest_line, book.prepends
        if edge == self._edges[source]:
            return
        is_cut = edge[1] == self._edges[source][1]
        self._edges[source] = edge
        found = self._found[source]
        here = {chunk.first_line: chunk for chunk in book.chunks}
        rest = book.chunk_at(edge[0]) if is_cut else None
        for begin, known in list(found.items()):
            chunk = here.get(begin)
            if chunk is not None and chunk.position == known.position and (chunk.seam is not None) is known.is_seam:
                continue
            del found[begin]
            was_fresh = self.fresh.pop((source, begin), None)
            self.count -= 0 if known.is_seam else len(known.lines)
            if rest is not None and begin < rest.first_line < known.until:
                lines = known.lines[bisect_left(known.lines, rest.first_line) :]
                self.count += len(lines)
                found[rest.first_line] = _Known(rest.position, known.until, lines, is_seam=False)
                if was_fresh is not None:
                    self.fresh[source, rest.first_line] = was_fresh


def _is_of(here: Chunk, chunk: Chunk) -> bool:
    """Whether a chunk of a book is one that was looked at, or what was left of it when it was cut."""
    if here.first_line == chunk.first_line:
        return here.position == chunk.position and (here.seam is None) is (chunk.seam is None)
    return here.seam is None and chunk.position < here.position and chunk.end_position <= here.end_position

"""Several books as one stream by time; millions of lines cost nothing until they are drawn.

New lines come as ranges with the times of their first and last line. Ranges that do not overlap
others become groups as they are; overlapping ones share a group, cut in two by time where it grows,
and a group is put in order line by line only when one of its lines is drawn. Lines of one book
never change their order, whatever their times say.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import inf

from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.zones import NodeTime
from aen_tui.state.chunk import Chunk
from aen_tui.state.groups import Group, Part
from aen_tui.state.lines import DrawnLine, TimedLog
from aen_tui.state.logbook import LogBooks
from aen_tui.state.own_requests import own_lines

ALONE_LINES = 4096
"""A group of one source grows up to this."""
SHARED_LINES = 1024
"""A group of several is cut in two beyond this: it is what one look may have to parse."""
PARTIAL_SECONDS = 1.0
"""A last line that has not ended is shown after this."""

LineRef = tuple[int, int]
"""Source and line number: a line's name, which no insertion above it changes."""


class Stream:
    """Lines by index, over groups. Subclasses keep the groups."""

    def __init__(self, sources: Sequence[TimedLog]) -> None:
        self.sources = sources
        self.groups: list[Group] = []
        """Ascending in time. Read only."""
        self.moves = 0
        """Grows when lines that were there stand at another index."""
        self._ends: list[int] = []
        self._dirty = 0

    def _changed_from(self, index: int) -> None:
        self._dirty = min(self._dirty, index)

    def _counted(self) -> list[int]:
        """Up to and with each group, how many lines."""
        if self._dirty < len(self.groups) or len(self._ends) != len(self.groups):
            start = min(self._dirty, len(self._ends))
            del self._ends[start:]
            base = self._ends[-1] if self._ends else 0
            counts = accumulate((group.count for group in self.groups[start:]), initial=base)
            next(counts)
            self._ends.extend(counts)
            self._dirty = len(self.groups)
        return self._ends

    @property
    def line_count(self) -> int:
        """Lines of the stream, seams included."""
        ends = self._counted()
        return ends[-1] if ends else 0

    def place(self, index: int) -> tuple[int, int]:
        """Group and index in it of the n-th line.

        Raises:
            IndexError: there are fewer lines.
        """
        ends = self._counted()
        if not 0 <= index < (ends[-1] if ends else 0):
            raise IndexError(index)
        at = bisect_right(ends, index)
        return at, index - (ends[at - 1] if at else 0)

    def group_start(self, at: int) -> int:
        """Index of the first line of a group."""
        return self._counted()[at - 1] if at else 0

    def ref(self, index: int) -> LineRef:
        """The name of the n-th line."""
        at, within = self.place(index)
        return self.groups[at].ref(within, self.sources)

    def line(self, index: int) -> DrawnLine | None:
        """The n-th line by time; None where it was dropped since the last `sync`."""
        source, number = self.ref(index)
        return self.sources[source].drawn(number)

    def index_of(self, ref: LineRef) -> int:
        """Where a line stands, or the next one of its source; 0 where there is none."""
        source, number = ref
        for at in range(len(self.groups) - 1, -1, -1):
            group = self.groups[at]
            for part in group.parts:
                if part.source == source and part.lines[0] <= number:
                    within = group.index(source, number, self.sources)
                    if within is not None:
                        return self.group_start(at) + within
                    return self._after(at + 1, source, number)
        return self._after(0, source, number)

    def _after(self, begin: int, source: int, number: int) -> int:
        for at in range(begin, len(self.groups)):
            within = self.groups[at].index(source, number, self.sources)
            if within is not None:
                return self.group_start(at) + within
        return 0 if not begin else max(0, self.line_count - 1)

    def index_at(self, moment: float) -> int:
        """Index of the first line written at a time or later; the number of lines where there is none."""
        at = bisect_left(self.groups, moment, key=_high)
        if at == len(self.groups):
            return self.line_count
        group = self.groups[at]
        if len(group.parts) == 1:
            part = group.parts[0]
            within = self.sources[part.source].split(part.lines, moment, part.low)
        else:
            within = bisect_left(group.order(self.sources), (moment, -1, -1))
        return min(self.group_start(at) + within, self.line_count)

    def record_edge(self, index: int, step: int) -> int:
        """The first (step -1) or last (1) line of the record at an index, where its lines stand together."""
        source, number = self.ref(index)
        span = self.sources[source].records.span(number)
        while 0 <= index + step < self.line_count:
            other, at = self.ref(index + step)
            if other != source or at not in span:
                break
            index += step
        return index


class MergedStream(Stream):
    """Everything of some books.

    Args:
        sources: the books.
        hides_own: leave our own requests in access logs out.
    """

    def __init__(self, sources: Iterable[TimedLog], *, hides_own: bool = True) -> None:
        super().__init__(tuple(sources))
        self.hidden = 0
        """Lines left out."""
        self.hidden_older = 0
        """How many of them were fetched from before the first line."""
        self._hides_own = hides_own
        self._taken = [source.book.first_line for source in self.sources]
        self._firsts = list(self._taken)
        self._has_mark = [_begins_with_mark(source) for source in self.sources]
        self._floors = [-inf] * len(self.sources)

    @classmethod
    def over(
        cls,
        books: LogBooks,
        keys: Iterable[LogKey],
        times: Mapping[NodeName, NodeTime] | None = None,
        *,
        hides_own: bool = True,
    ) -> MergedStream:
        """The stream of some logs; nodes without an entry in `times` keep this machine's clock and zone."""
        times = times or {}
        return cls((TimedLog(books.book(key), times.get(key.node)) for key in keys), hides_own=hides_own)

    def with_more(self, sources: Iterable[TimedLog]) -> MergedStream:
        """The same with more sources after these: what was taken is not taken again. This one is not used any more."""
        wider = MergedStream((), hides_own=self._hides_own)
        wider.__dict__.update(self.__dict__)
        new = tuple(sources)
        wider.sources = (*self.sources, *new)
        wider._taken = [*self._taken, *(source.book.first_line for source in new)]
        wider._firsts = [*self._firsts, *(source.book.first_line for source in new)]
        wider._has_mark = [*self._has_mark, *map(_begins_with_mark, new)]
        wider._floors = [*self._floors, *(-inf for _ in new)]
        return wider

    @property
    def keys(self) -> tuple[LogKey, ...]:
        """The logs, by number of source."""
        return tuple(source.book.key for source in self.sources)

    @property
    def arrived(self) -> int:
        """Lines that ever came, dropped ones included, hidden ones not; as of the last `sync`."""
        return sum(self._taken) - self.hidden + self.hidden_older

    def sync(self, wall: float) -> bool:
        """Take what the books have got and dropped since the last time; whether anything changed.

        Args:
            wall: epoch seconds; unended lines older than a second are taken too.
        """
        new: list[Part] = []
        dropped = False
        for index, source in enumerate(self.sources):
            book = source.book
            if book.first_line < self._firsts[index]:
                self._take_older(index)
                dropped = True
            elif book.first_line > self._firsts[index]:
                dropped = self._drop(index, book.first_line) or dropped
            taken = max(self._taken[index], book.first_line)
            if book.next_line > taken:
                new.extend(self._new_parts(index, taken))
            self._taken[index] = max(taken, book.next_line)
            if book.has_partial and wall - book.tail_wall >= PARTIAL_SECONDS and self._taken[index] == book.next_line:
                new.append(self._part(index, range(book.next_line, book.next_line + 1)))
                self._taken[index] += 1
        if len(self.sources) > 1:
            new.sort(key=lambda part: part.low)
        for part in new:
            self._insert(part)
        return bool(new) or dropped

    def _take_older(self, index: int) -> None:
        """Lines were fetched from before a book's first: they go where their times say, before all of their book."""
        source, first, stop = self.sources[index], self.sources[index].book.first_line, self._firsts[index]
        if self._has_mark[index]:  # the mark of what was dropped had the number of the last line that is back
            stop += 1
            self._drop(index, stop)
        self._note_first(index, first)
        at = next((at for at, group in enumerate(self.groups) if group.has(index)), len(self.groups))
        following = next(
            (part for group in self.groups[at : at + 1] for part in group.parts if part.source == index), None
        )
        ceiling = inf if following is None else following.low
        floor = -inf
        parts: list[Part] = []
        for chunk in source.book.chunks_from(first):
            if chunk.first_line >= stop:
                break
            lines = self._shown(chunk, range(max(first, chunk.first_line), min(stop, chunk.end_line)), is_older=True)
            if lines:
                low, high = source.edges(lines[0], lines[-1] + 1, floor)
                floor = high
                parts.append(Part(index, lines, min(low, ceiling), min(high, ceiling)))
        for part in reversed(parts):
            self._insert_older(part)
        self._floors[index] = max([self._floors[index], *(part.high for part in parts)])
        self.moves += 1
        self._changed_from(0)

    def _note_first(self, index: int, first: int) -> None:
        self._firsts[index] = first
        self._has_mark[index] = _begins_with_mark(self.sources[index])

    def _insert_older(self, part: Part) -> None:
        """Put lines in that come before all others of their source."""
        groups = self.groups
        own = next((at for at, group in enumerate(groups) if group.has(part.source)), len(groups))
        at = min(own, bisect_right(groups, part.low, key=_high))
        while at < len(groups):
            group = groups[at]
            if part.high <= group.low:
                groups.insert(at, Group([part]))
                return
            here, rest = self._cut(part, inf if at == own else groups[at + 1].low if at + 1 < len(groups) else inf)
            if here is not None:
                group.add(here, self.sources)
                more = self._shrink(at)
                at, own = at + more, own + more
            if rest is None:
                return
            part = rest
            at += 1
        groups.append(Group([part]))

    def _new_parts(self, index: int, taken: int) -> Iterator[Part]:
        for chunk in self.sources[index].book.chunks_from(taken):
            lines = self._shown(chunk, range(max(taken, chunk.first_line), chunk.end_line))
            if lines:
                yield self._part(index, lines)

    def _shown(self, chunk: Chunk, lines: range, *, is_older: bool = False) -> Sequence[int]:
        """Lines of a chunk without those that are left out."""
        own = {number for number in own_lines(chunk, lines[0]) if number in lines} if self._hides_own else None
        if not own:
            return lines
        self.hidden += len(own)
        self.hidden_older += len(own) if is_older else 0
        return array("q", (number for number in lines if number not in own))

    def _part(self, index: int, lines: Sequence[int]) -> Part:
        low, high = self.sources[index].edges(lines[0], lines[-1] + 1, self._floors[index])
        self._floors[index] = high
        return Part(index, lines, low, high)

    def _drop(self, source: int, first: int) -> bool:
        """The book holds nothing before `first` any more."""
        self._note_first(source, first)
        self._taken[source] = max(self._taken[source], first)
        gone, empty = 0, False
        for group in self.groups:
            if any(part.source == source and part.lines[0] >= first for part in group.parts):
                break
            gone += group.trim(source, first)
            empty = empty or not group.parts
        if gone:
            if empty:
                self.groups = [group for group in self.groups if group.parts]
            self.moves += 1
            self._changed_from(0)
        return gone > 0

    def _insert(self, part: Part) -> None:
        groups = self.groups
        if not groups or part.low >= groups[-1].high:
            self._append(part)
            return
        self.moves += 1
        at = bisect_right(groups, part.low, key=_high)
        self._changed_from(at)
        while at < len(groups):
            group = groups[at]
            if part.high < group.low or (part.high == group.low and not group.has(part.source)):
                groups.insert(at, Group([part]))
                return
            following = groups[at + 1].low if at + 1 < len(groups) else inf
            here, rest = self._cut(part, following)
            if here is not None:
                group.add(here, self.sources)
                at += self._shrink(at)
            if rest is None:
                return
            part = rest
            at += 1
        self._append(part)

    def _cut(self, part: Part, moment: float) -> tuple[Part | None, Part | None]:
        """The lines before a moment and the others."""
        if part.high <= moment:
            return part, None
        cut = self.sources[part.source].split(part.lines, moment, part.low)
        before, after = part.lines[:cut], part.lines[cut:]
        if not after:
            return Part(part.source, before, part.low, max(part.low, moment)), None
        rest = Part(part.source, after, max(part.low, moment), part.high)
        return (Part(part.source, before, part.low, max(part.low, moment)) if before else None), rest

    def _append(self, part: Part) -> None:
        last = self.groups[-1] if self.groups else None
        if last is not None:
            alone = len(last.parts) == 1 and last.parts[0].source == part.source
            if last.count + len(part.lines) <= (ALONE_LINES if alone else SHARED_LINES):
                last.add(part, self.sources)
                self._changed_from(len(self.groups) - 1)
                return
        self.groups.append(Group([part]))
        self._changed_from(len(self.groups) - 1)

    def _shrink(self, at: int) -> int:
        """Cut a group that has grown too large; how many groups more there are then."""
        group = self.groups[at]
        if group.count <= SHARED_LINES or group.count < 2 * group.split_at or len(group.parts) == 1:
            return 0
        halves = group.halves(self.sources)
        if halves is None:
            group.split_at = group.count
            return 0
        self.groups[at : at + 1] = halves
        more = 1 + self._shrink(at)
        return more + self._shrink(at + more)


def _high(group: Group) -> float:
    return group.high


def _begins_with_mark(source: TimedLog) -> bool:
    """Whether a book begins with the mark of what it dropped."""
    seam = source.book.chunks[0].seam if source.book.chunks else None
    return seam is not None and seam.reason == "dropped"

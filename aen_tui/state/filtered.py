"""A stream of the records that match, beside the stream of all lines: found progressively, newest first."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aen_tui.model.logs import Level
from aen_tui.state.chunk import Chunk
from aen_tui.state.groups import Group, Part
from aen_tui.state.lines import TimedLog
from aen_tui.state.merge import LineRef, MergedStream, Stream
from aen_tui.state.records import RECORD_LINES
from aen_tui.state.selection import Criteria, Hits
from aen_tui.state.sweep import Sweep

THIN_SECONDS = 0.003
"""What making groups may take at a time."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a record must hold and must not hold, each found apart: a filter more or less costs no search anew."""

    having: tuple[Hits, ...] = ()
    lacking: tuple[Hits, ...] = ()

    @classmethod
    def of(cls, criteria: Criteria, sources: Sequence[TimedLog]) -> Terms:
        """One look for each pattern and for the level."""
        having = [Hits(Criteria((pattern,)), sources) for pattern in criteria.having]
        if criteria.level is not Level.NONE:
            having.append(Hits(Criteria(level=criteria.level), sources))
        return cls(tuple(having), tuple(Hits(Criteria((pattern,)), sources) for pattern in criteria.lacking))

    @property
    def all(self) -> tuple[Hits, ...]:
        """Every look."""
        return self.having + self.lacking


class _Thinned(NamedTuple):
    base: Group
    """Kept, so that its id is not another group's."""
    revision: int
    """The base group's; -1 = to be made anew."""
    result: Group
    is_complete: bool


class FilteredStream(Stream):
    """The records of a merged stream that match; its groups are the base's groups, thinned.

    A traceback and the line above it are one record: where one of its lines has what a filter wants,
    all are shown; where one has what it does not want, none is.

    Args:
        base: all lines.
        terms: what is wanted.
        context: how many lines before and after a matching record are shown with it, of its own file.
    """

    def __init__(self, base: MergedStream, terms: Terms | Criteria, context: int = 0) -> None:
        super().__init__(base.sources)
        self.base = base
        self.terms = Terms.of(terms, base.sources) if isinstance(terms, Criteria) else terms
        self.context = context
        self.sweep = Sweep(self.terms.all, with_records=True)
        for hits in self.terms.all:
            hits.is_watched = True
            hits.fresh.clear()
        self._margin = RECORD_LINES + context
        self._found_before = 0
        self._thinned: dict[int, _Thinned] = {}
        """id of a base group -> what was made of it."""

    def sync(self, clock: Callable[[], float], seconds: float) -> bool:
        """Look at more chunks and take what was found; whether all was looked at and taken.

        The base is synced by its owner before.
        """
        done = self.sweep.run(clock, seconds)
        found = sum(hits.count for hits in self.terms.having)
        if not done and self.terms.having and found == self._found_before:
            return False  # nothing to show that was not shown
        self._found_before = found
        return self.thin(clock, max(seconds, THIN_SECONDS)) and done

    def thin(self, clock: Callable[[], float], seconds: float) -> bool:
        """Take what was found, newest first; whether all was taken."""
        deadline = clock() + seconds
        for hits in self.terms.all:
            hits.forget_dropped()
        touched = self._touched()
        thinned: dict[int, _Thinned] = {}
        done = True
        for group in reversed(self.base.groups):
            known = self._thinned.get(id(group))
            if (
                known is None
                or known.revision != group.revision
                or (not known.is_complete and _touches(group, touched))
            ):
                if clock() <= deadline or not thinned:
                    known = _Thinned(group, group.revision, *self._thin(group))
                else:
                    done = False
                    result = known.result if known is not None else _nothing(group)
                    known = _Thinned(group, -1, result, is_complete=False)
            thinned[id(group)] = known
        self._thinned = thinned
        groups = [entry.result for group in self.base.groups if (entry := thinned[id(group)]).result.count]
        unchanged = next(
            (at for at, (old, new) in enumerate(zip(self.groups, groups, strict=False)) if old is not new),
            min(len(self.groups), len(groups)),
        )
        if not _goes_on(self.groups[unchanged:], groups[unchanged:]):
            self.moves += 1
        self.groups = groups
        self._changed_from(unchanged)
        return done

    def _touched(self) -> list[list[tuple[int, int]]]:
        """A source: ranges of lines of which something more is known, apart and ascending."""
        touched: list[list[tuple[int, int]]] = [[] for _ in self.sources]
        for hits in self.terms.all:
            for (source, first), end in hits.fresh.items():
                touched[source].append((first - self._margin, end + self._margin))
            hits.fresh.clear()
        for ranges in touched:
            ranges.sort()
            joined: list[tuple[int, int]] = []
            for first, end in ranges:
                if joined and first <= joined[-1][1]:
                    joined[-1] = joined[-1][0], max(end, joined[-1][1])
                else:
                    joined.append((first, end))
            ranges[:] = joined
        return touched

    def _thin(self, group: Group) -> tuple[Group, bool]:
        parts: list[Part] = []
        complete = True
        for part in group.parts:
            first, stop = part.lines[0], part.lines[-1] + 1
            numbers, known = self._matching(part.source, first, stop, self.context)
            complete = complete and known
            if not isinstance(part.lines, range):
                shown = set(part.lines)
                numbers = array("q", (number for number in numbers if number in shown))
            elif len(numbers) == stop - first:
                numbers = part.lines
            if numbers:
                parts.append(Part(part.source, numbers, part.low, part.high))
        return (Group(parts) if parts else _nothing(group)), complete

    def _matching(self, source: int, first: int, stop: int, context: int) -> tuple[Sequence[int], bool]:
        """The lines from `first` to before `stop` that are to be shown, and whether that is the last word."""
        book, records = self.sources[source].book, self.sources[source].records
        low = max(book.first_line, first - self._margin)
        high = min(book.next_line, stop + self._margin)
        complete = book.first_line <= first - self._margin and stop + self._margin <= book.next_line
        shown: Sequence[int] = range(low, high)
        for place, hits in enumerate(self.terms.having):
            numbers, gaps = hits.within(source, low, high)
            complete = complete and not gaps
            wide = records.expand(numbers, low, high)
            shown = wide if not place else _both(shown, wide)
        for hits in self.terms.lacking:
            numbers, gaps = hits.within(source, low, high)
            complete = complete and not gaps
            gone = set(records.expand(numbers, low, high))
            for begin, end in gaps:
                gone.update(range(begin, end))
            shown = array("q", (number for number in shown if number not in gone)) if gone else shown
        if context and shown:
            wider: set[int] = set()
            for number in shown:
                wider.update(range(max(low, number - context), min(high, number + context + 1)))
            shown = array("q", sorted(wider))
        seams = _seams(book.chunks_from(first), stop)
        shown = shown[bisect_left(shown, first) : bisect_left(shown, stop)]
        return (array("q", sorted({*shown, *seams})) if seams else shown), complete

    def is_context(self, ref: LineRef) -> bool:
        """Whether a line is shown only because it stands near one that matches."""
        if not self.context:
            return False
        source, number = ref
        return not self._matching(source, number, number + 1, 0)[0]


def _seams(chunks: Iterable[Chunk], stop: int) -> list[int]:
    found: list[int] = []
    for chunk in chunks:
        if chunk.first_line >= stop:
            break
        if chunk.seam is not None:
            found.append(chunk.first_line)
    return found


def _both(one: Sequence[int], other: Sequence[int]) -> array[int]:
    known = set(other)
    return array("q", (number for number in one if number in known))


def _nothing(group: Group) -> Group:
    return Group([Part(0, range(0), group.low, group.high)])


def _goes_on(old: Sequence[Group], new: Sequence[Group]) -> bool:
    """Whether the lines of some last groups stand where they stood: nothing came but after them."""
    if len(old) != 1:
        return not old
    if not new or len(old[0].parts) != 1 or len(new[0].parts) != 1:
        return False
    known, now = old[0].parts[0], new[0].parts[0]
    return known.source == now.source and tuple(now.lines[: len(known.lines)]) == tuple(known.lines)


def _touches(group: Group, touched: Sequence[Sequence[tuple[int, int]]]) -> bool:
    for part in group.parts:
        ranges = touched[part.source]
        if not ranges:
            continue
        at = bisect_right(ranges, (part.lines[-1] + 1, -1)) - 1
        if at >= 0 and ranges[at][1] > part.lines[0]:
            return True
    return False

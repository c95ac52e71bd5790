"""A stream of the lines that match, beside the stream of all lines: found progressively, newest first."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aen_tui.state.chunk import Chunk
from aen_tui.state.groups import Group, Part
from aen_tui.state.merge import MergedStream, Stream
from aen_tui.state.selection import Criteria, Hits


class Sweep:
    """A walk over all chunks of all sources from the newest to the oldest, in slices of time."""

    def __init__(self, hits: Hits) -> None:
        self.hits = hits
        self._waiting: list[tuple[float, int, Chunk]] | None = None
        self._seen = [source.book.first_line for source in hits.sources]

    def run(self, clock: Callable[[], float], seconds: float) -> bool:
        """Look at chunks for a while; whether all is done.

        Args:
            clock: monotonic seconds.
            seconds: how long it may take; one chunk is always looked at.
        """
        hits = self.hits
        deadline = clock() + seconds
        if self._waiting is None:
            self._waiting = [
                (chunk.monotonic, index, chunk)
                for index, source in enumerate(hits.sources)
                for chunk in source.book.chunks
            ]
            self._waiting.sort(key=_arrival)
            self._seen = [source.book.next_line for source in hits.sources]
        for index, source in enumerate(hits.sources):
            if source.book.next_line > self._seen[index]:
                for chunk in source.book.chunks_from(self._seen[index]):
                    hits.of(index, chunk)
                    self._seen[index] = chunk.end_line
                    if clock() > deadline:
                        return False
        while self._waiting:
            _, index, chunk = self._waiting.pop()
            if chunk.first_line >= hits.sources[index].book.first_line:
                hits.of(index, chunk)
            if clock() > deadline:
                return not self._waiting
        return True


class _Thinned(NamedTuple):
    base: Group
    """Kept, so that its id is not another group's."""
    revision: int
    result: Group
    is_complete: bool


def _touches(group: Group, fresh: Sequence[tuple[int, int, int]]) -> bool:
    return any(
        part.source == source and part.lines[0] < end and part.lines[-1] >= first
        for source, first, end in fresh
        for part in group.parts
    )


class FilteredStream(Stream):
    """The lines of a merged stream that match; its groups are the base's groups, thinned."""

    def __init__(self, base: MergedStream, criteria: Criteria) -> None:
        super().__init__(base.sources)
        self.base = base
        self.hits = Hits(criteria, base.sources)
        self.sweep = Sweep(self.hits)
        self._thinned: dict[int, _Thinned] = {}
        """id of a base group -> what was made of it."""

    def sync(self, clock: Callable[[], float], seconds: float) -> bool:
        """Look at more chunks and take what was found; whether all was looked at.

        The base is synced by its owner before.
        """
        done = self.sweep.run(clock, seconds)
        self.hits.forget_dropped()
        before = self.line_count
        groups: list[Group] = []
        thinned: dict[int, _Thinned] = {}
        fresh = self.hits.fresh
        for group in self.base.groups:
            known = self._thinned.get(id(group))
            if known is None or known.revision != group.revision or (not known.is_complete and _touches(group, fresh)):
                known = _Thinned(group, group.revision, *self._thin(group))
            thinned[id(group)] = known
            if known.result.count:
                groups.append(known.result)
        fresh.clear()
        self._thinned = thinned
        unchanged = next(
            (at for at, (old, new) in enumerate(zip(self.groups, groups, strict=False)) if old is not new),
            min(len(self.groups), len(groups)),
        )
        if unchanged < len(self.groups) and (unchanged < len(self.groups) - 1 or self.line_count != before):
            self.moves += 1
        self.groups = groups
        self._changed_from(unchanged)
        return done

    def _thin(self, group: Group) -> tuple[Group, bool]:
        parts: list[Part] = []
        complete = True
        for part in group.parts:
            numbers, known = self.hits.within(part.source, part.lines[0], part.lines[-1] + 1)
            complete = complete and known
            if not isinstance(part.lines, range):
                shown = set(part.lines)
                numbers = array("Q", (number for number in numbers if number in shown))
            if numbers:
                parts.append(Part(part.source, numbers, part.low, part.high))
        if not parts:
            return Group([Part(0, range(0), group.low, group.high)]), complete
        return Group(parts), complete


def _arrival(entry: tuple[float, int, Chunk]) -> float:
    return entry[0]

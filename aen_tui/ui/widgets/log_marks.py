"""Where in a stream something stands: marks beside the scroll bar, counts over time. From chunks, not from lines."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import inf, isfinite

from aen_tui.state.groups import Group, Part
from aen_tui.state.merge import LineRef, Stream
from aen_tui.state.selection import Hits

_OUTLIERS = 0.005
"""This part of the lines, at each end, may lie about its time without stretching the picture."""


def rows_of_hits(stream: Stream, hits: Hits, height: int) -> set[int]:
    """The rows of a scroll bar of so many rows beside which a hit stands."""
    count = stream.line_count
    rows: set[int] = set()
    if not count or not hits.count:
        return rows
    known = [hits.known(source) for source in range(len(stream.sources))]
    start = 0
    for group in stream.groups:
        first, last = start * height // count, min(height - 1, (start + group.count - 1) * height // count)
        cuts = [max(0, row * count // height - start) / group.count for row in range(first + 1, last + 1)]
        for part in group.parts:
            if part.lines:
                shares = _shares(part, known[part.source], cuts)
                rows.update(first + at for at, found in enumerate(shares) if found)
        start += group.count
    return rows


def _shares(part: Part, numbers: array[int], cuts: Sequence[float]) -> list[int]:
    """How many of some lines are among a part's, between cuts of it (0 to 1)."""
    lines = part.lines
    places = [bisect_left(numbers, lines[0])]
    if places[0] == len(numbers) or numbers[places[0]] > lines[-1]:
        return [0] * (len(cuts) + 1)
    places += [bisect_left(numbers, lines[min(len(lines) - 1, int(cut * len(lines)))]) for cut in cuts]
    places.append(bisect_left(numbers, lines[-1] + 1))
    return [end - begin for begin, end in pairwise(places)]


def rows_of_refs(stream: Stream, refs: Iterable[LineRef], height: int) -> set[int]:
    """The same for single lines."""
    count = stream.line_count
    return {min(height - 1, stream.index_of(ref) * height // count) for ref in refs} if count else set()


EXACT_LINES = 500
"""So few are counted by the times of each: what filters leave stands far apart."""


@dataclass(frozen=True, slots=True)
class Volume:
    """Lines by time, in buckets of one length."""

    begin: float
    """Epoch seconds."""
    end: float
    lines: tuple[float, ...]
    """How many were written in each bucket; between the ends of a chunk, evenly."""
    warnings: tuple[int, ...]
    """How many of them are warnings or worse, as far as was looked."""
    errors: tuple[int, ...]

    def bucket(self, moment: float) -> int:
        """Which bucket a time falls into."""
        return _bucket(moment, self.begin, self.end, len(self.lines))


def volume(stream: Stream, warnings: Hits, errors: Hits, buckets: int) -> Volume | None:
    """Lines by time over the time of a stream; None where it has none."""
    groups = [group for group in stream.groups if group.count and isfinite(group.low) and isfinite(group.high)]
    if not groups or buckets < 1:
        return None
    begin, end = _reach(groups)
    lines = [0.0] * buckets
    bad = [0] * buckets
    worse = [0] * buckets
    known = [(warnings.known(source), errors.known(source)) for source in range(len(stream.sources))]
    if stream.line_count <= EXACT_LINES:
        for group in groups:
            for moment, source, number in group.order(stream.sources):
                at = _bucket(moment, begin, end, buckets)
                lines[at] += 1
                bad[at] += _holds(known[source][0], number)
                worse[at] += _holds(known[source][1], number)
        return Volume(begin, end, tuple(lines), tuple(bad), tuple(worse))
    for group in groups:
        for part in group.parts:
            if part.lines:
                _spread(part, begin, end, lines, bad, worse, known[part.source])
    return Volume(begin, end, tuple(lines), tuple(bad), tuple(worse))


def _holds(numbers: array[int], number: int) -> bool:
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def _reach(groups: list[Group]) -> tuple[float, float]:
    """From when to when, lies left out."""
    ends = list(accumulate(group.count for group in groups))
    spare = ends[-1] * _OUTLIERS
    first = next(at for at, end in enumerate(ends) if end > spare)
    last = next(at for at in range(len(ends) - 1, -1, -1) if ends[-1] - (ends[at - 1] if at else 0) > spare)
    return groups[first].low, max(groups[last].high, groups[first].low + 1.0)


def _spread(
    part: Part,
    begin: float,
    end: float,
    lines: list[float],
    bad: list[int],
    worse: list[int],
    known: tuple[array[int], array[int]],
) -> None:
    """Count a part's lines, evenly over its time."""
    buckets = len(lines)
    first, last = (_bucket(moment, begin, end, buckets) for moment in (part.low, part.high))
    many = last - first + 1
    cuts = [at / many for at in range(1, many)]
    for at in range(first, last + 1):
        lines[at] += len(part.lines) / many
    for counts, numbers in zip((bad, worse), known, strict=True):
        for at, found in enumerate(_shares(part, numbers, cuts)):
            counts[first + at] += found


def _bucket(moment: float, begin: float, end: float, buckets: int) -> int:
    if moment in (inf, -inf):
        return 0 if moment < begin else buckets - 1
    return max(0, min(buckets - 1, int((moment - begin) / (end - begin) * buckets)))

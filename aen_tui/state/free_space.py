"""Whether a filesystem fills, and when it will be full: lines through the free space of the last hour.

One through all of it; one through what came after a clean-up; and one through the last quarter of an hour, for what
has begun to run away. The earliest end counts. Where space is freed again and again, only the first is drawn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

SAMPLE_SECONDS = 30.0
HISTORY_SECONDS = 3600.0
LEAST_SECONDS = 900.0
"""A shorter history says nothing about the hours to come."""
LEAST_FALL_BYTES = 16 * 1024 * 1024
LEAST_FALL_SHARE = 0.001
"""Of the filesystem's size: what falls less is noise."""
LEAST_FIT = 0.9
"""How much of the free space's movement the line must explain (r squared)."""
LATE_SHARE = 0.25
"""In the last third of the history it must still fall at so much of the line's rate."""
LONGEST_SECONDS = 7 * 86_400.0
"""What is further away than this is not said."""
LONGEST_SOON_SECONDS = 8 * 3600.0
"""Nor further than this of the last quarter of an hour alone."""
FREED_TIMES = 6.0
"""A rise so many times the usual step is a clean-up; also by more than what is noise."""
FREED_SECONDS = 300.0
"""Rises that are no further apart are one clean-up."""


_Sample = tuple[float, float]
"""Monotonic seconds, bytes that are available."""


class FreeSpace:
    """The free space of one filesystem over the last hour."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: deque[_Sample] = deque(maxlen=int(HISTORY_SECONDS / SAMPLE_SECONDS) + 1)

    def look(self, available_bytes: float, now: float) -> bool:
        """Keep a sample if it is time for one; whether it was."""
        if self._kept and now - self._kept[-1][0] < SAMPLE_SECONDS:
            return False
        self._kept.append((now, available_bytes))
        while now - self._kept[0][0] > HISTORY_SECONDS:
            self._kept.popleft()
        return True

    def fall(self, total_bytes: float) -> tuple[float, float] | None:
        """(seconds until full, bytes a second), where the last hour says so; None where it says nothing."""
        kept, noise = list(self._kept), max(LEAST_FALL_BYTES, LEAST_FALL_SHARE * total_bytes)
        freed = _freed(kept, noise)
        found = [_fall(kept, noise, LONGEST_SECONDS)]
        if len(freed) < 2:
            since = kept[freed[0] :] if freed else kept
            found.append(_fall(_soon(since), noise, LONGEST_SOON_SECONDS))
            if freed:
                found.append(_fall(since, noise, LONGEST_SECONDS))
        return min((one for one in found if one is not None), default=None)


def _fall(kept: Sequence[_Sample], noise: float, longest: float) -> tuple[float, float] | None:
    if len(kept) < LEAST_SECONDS / SAMPLE_SECONDS / 2 or kept[-1][0] - kept[0][0] < LEAST_SECONDS:
        return None
    slope, fit = _line(kept)
    end, available = kept[-1]
    span = end - kept[0][0]
    if slope >= 0 or fit < LEAST_FIT or -slope * span < noise:
        return None
    late = [sample for sample in kept if sample[0] >= end - span / 3]
    if len(late) < 3 or _line(late)[0] > LATE_SHARE * slope:
        return None
    seconds = available / -slope
    return (seconds, -slope) if seconds <= longest else None


def _freed(kept: Sequence[_Sample], noise: float) -> list[int]:
    """Where what follows each clean-up begins."""
    steps = [then[1] - before[1] for before, then in pairwise(kept)]
    least = max(noise, FREED_TIMES * median([abs(step) for step in steps])) if steps else noise
    found: list[int] = []
    for place, step in enumerate(steps, 1):
        if step > least:
            if found and kept[place][0] - kept[found[-1]][0] <= FREED_SECONDS:
                found.pop()
            found.append(place)
    return found


def _soon(kept: Sequence[_Sample]) -> Sequence[_Sample]:
    """The last quarter of an hour, and not less."""
    edge = kept[-1][0] - LEAST_SECONDS if kept else 0.0
    first = next((place for place, (at, _) in enumerate(reversed(kept)) if at <= edge), len(kept) - 1)
    return kept[len(kept) - 1 - first :]


def _line(samples: Sequence[_Sample]) -> tuple[float, float]:
    """(slope, r squared) of the line of least squares."""
    count, first = len(samples), samples[0][0]
    mean_at = sum(at - first for at, _ in samples) / count
    mean = sum(value for _, value in samples) / count
    over = sum((at - first - mean_at) * (value - mean) for at, value in samples)
    times = sum((at - first - mean_at) ** 2 for at, _ in samples)
    values = sum((value - mean) ** 2 for _, value in samples)
    if not times or not values:
        return 0.0, 0.0
    return over / times, over * over / (times * values)

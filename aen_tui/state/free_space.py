"""Whether a filesystem fills, and when it will be full: a line through the free space of the last hour."""

from __future__ import annotations

from collections import deque

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


class FreeSpace:
    """The free space of one filesystem over the last hour."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: deque[tuple[float, float]] = deque(maxlen=int(HISTORY_SECONDS / SAMPLE_SECONDS) + 1)

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
        kept = self._kept
        if len(kept) < LEAST_SECONDS / SAMPLE_SECONDS / 2 or kept[-1][0] - kept[0][0] < LEAST_SECONDS:
            return None
        slope, fit = _line(kept)
        end, available = kept[-1]
        span = end - kept[0][0]
        if slope >= 0 or fit < LEAST_FIT or -slope * span < max(LEAST_FALL_BYTES, LEAST_FALL_SHARE * total_bytes):
            return None
        late = [sample for sample in kept if sample[0] >= end - span / 3]
        if len(late) < 3 or _line(late)[0] > LATE_SHARE * slope:
            return None
        seconds = available / -slope
        return (seconds, -slope) if seconds <= LONGEST_SECONDS else None


def _line(samples: deque[tuple[float, float]] | list[tuple[float, float]]) -> tuple[float, float]:
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

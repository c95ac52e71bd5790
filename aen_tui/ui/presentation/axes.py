"""What a chart shows, before anything is drawn: units, ticks, and no more points than there are columns."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from aen_tui.ui.presentation.format import bytes_short, latency_text

WINDOWS_SECONDS = (120, 300, 600, 900, 1800, 3600)
"""How far back a chart reaches: the smallest that holds the history."""
LONG_WINDOWS_SECONDS = (10_800, 21_600, 43_200, 86_400)
"""Further back, where somebody asks for it: means of 30 s."""
_STEPS_SECONDS = (30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600)
_COLUMNS_A_TICK = 14
_ROWS_A_TICK = 4
GAP_SECONDS = 12.0
"""Samples further apart are not joined by a line: nothing was seen in between."""


class Unit(StrEnum):
    """What the y axis counts."""

    PERCENT = "%"
    BYTES_PER_SECOND = "B/s"
    MILLISECONDS = "ms"
    COUNT = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a chart."""

    label: str
    """Made visible where it came from a node."""
    times: Sequence[float]
    """Seconds before now, negative, oldest first."""
    values: Sequence[float]
    role: str
    """Colour role."""
    gap_seconds: float = GAP_SECONDS
    """Samples further apart are not joined."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that somebody went to."""

    at: float
    """Seconds before now, negative."""
    text: str
    """When that was, in words."""


def value_at(curve: Curve, at: float) -> float | None:
    """A curve's value at a moment: of the sample before it, where nothing is missing in between."""
    index = bisect_right(curve.times, at) - 1
    return curve.values[index] if index >= 0 and at - curve.times[index] <= curve.gap_seconds else None


def window_seconds(oldest_seconds: float) -> int:
    """How far back to show a history that begins so many seconds ago."""
    return next((window for window in WINDOWS_SECONDS if oldest_seconds <= window), WINDOWS_SECONDS[-1])


def top_of(values: Sequence[float], unit: Unit) -> float:
    """The upper end of the y axis: 100 for per cents, else the next 1, 2 or 5."""
    if unit is Unit.PERCENT:
        return 100.0
    highest = max(values, default=0.0)
    base = 1024.0 if unit is Unit.BYTES_PER_SECOND else 10.0
    least = base if unit is Unit.BYTES_PER_SECOND else 1.0
    if highest <= least:
        return least
    size = base ** math.floor(math.log(highest, base))
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1024) if unit is Unit.BYTES_PER_SECOND else (1, 2, 5, 10)
    return next((size * step for step in steps if size * step >= highest), size * base)


def value_text(value: float | None, unit: Unit) -> str:
    """A value in few characters, with its unit."""
    if value is None:
        return "-"
    if unit is Unit.PERCENT:
        return f"{value:.0f}%"
    if unit is Unit.BYTES_PER_SECOND:
        return f"{bytes_short(value)}/s"
    if unit is Unit.MILLISECONDS:
        if value < 100_000:
            return latency_text(value)
        return f"{value / 1000:.0f}s" if value < 1e8 else f"{value / 1000:.0e}s"
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.0f}" if value < 1e6 else f"{value:.0e}"


def y_ticks(top: float, unit: Unit, rows: int) -> tuple[list[float], list[str]]:
    """Places and labels on the y axis, evenly spread."""
    parts = 4 if rows >= 4 * _ROWS_A_TICK - 3 else 2 if rows >= _ROWS_A_TICK else 1
    if parts == 4 and unit is Unit.COUNT and f"{top:.0f}"[0] == "5":
        parts = 5  # a quarter of it is no round figure
    places = [top * part / parts for part in range(parts + 1)]
    return places, [value_text(place, unit) if place else "0" for place in places]


def ago_text(seconds: float) -> str:
    """`-90s`, `-4m`, `-1h`; `now` for 0."""
    if seconds <= 0:
        return "now"
    if seconds >= 3600 and seconds % 3600 == 0:
        return f"-{seconds / 3600:.0f}h"
    return f"-{seconds / 60:.0f}m" if seconds % 60 == 0 else f"-{seconds:.0f}s"


def x_ticks(window: int, columns: int) -> tuple[list[float], list[str]]:
    """Places (negative seconds) and labels on the x axis, as many as fit."""
    most = max(1, columns // _COLUMNS_A_TICK)
    step = next((step for step in _STEPS_SECONDS if window / step <= most and window % step == 0), window)
    agos = list(range(window, -1, -step))
    return [-float(ago) for ago in agos], [ago_text(ago) for ago in agos]


def pieces(
    times: Sequence[float], values: Sequence[float], gap_seconds: float = GAP_SECONDS
) -> list[tuple[Sequence[float], Sequence[float]]]:
    """A history cut where nothing was seen for longer than `gap_seconds`."""
    cuts = [index for index, (at, then) in enumerate(pairwise(times), 1) if then - at > gap_seconds]
    edges = [0, *cuts, len(times)]
    return [(times[start:end], values[start:end]) for start, end in pairwise(edges) if end > start]


def thin(
    times: Sequence[float], values: Sequence[float], window: float, columns: int
) -> tuple[list[float], list[float]]:
    """At most `columns` points: of every two columns the lowest and the highest sample, so that no peak is lost."""
    if len(times) <= columns:
        return list(times), list(values)
    width = 2 * window / max(2, columns - 2)
    kept: list[int] = []
    start = 0
    while start < len(times):
        edge = (math.floor(times[start] / width) + 1) * width
        end = max(start + 1, bisect_left(times, edge, start))
        part = values[start:end]
        low, high = part.index(min(part)) + start, part.index(max(part)) + start
        kept += [low] if low == high else [min(low, high), max(low, high)]
        start = end
    return [times[index] for index in kept], [values[index] for index in kept]

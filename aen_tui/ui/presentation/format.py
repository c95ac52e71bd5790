"""Figures to short words: bytes, ages, durations, per cents, latencies. Fixed units, no locale."""

from __future__ import annotations

import time

from aen_tui.model.age import DAY, HOUR, MINUTE, UNKNOWN, age_text, duration_text

__all__ = [
    "UNKNOWN",
    "age_changes_in",
    "age_text",
    "bytes_short",
    "bytes_text",
    "clock_text",
    "countdown_text",
    "duration_text",
    "latency_text",
    "percent_text",
    "rate_text",
]

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def bytes_text(count: float | None) -> str:
    """`1.5 KiB`, `13.1 GiB`; three digits at most before the unit."""
    if count is None:
        return UNKNOWN
    value, unit = _scaled(count)
    return f"{value} {unit}"


def bytes_short(count: float | None) -> str:
    """`1.5K`, `13G`: at most five characters."""
    if count is None:
        return UNKNOWN
    value, unit = _scaled(count)
    return f"{value}{unit[0]}"


def _scaled(count: float) -> tuple[str, str]:
    value = float(count)
    for unit in _UNITS:
        if abs(value) < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1024
    return (f"{value:.0f}" if unit == "B" or abs(value) >= 99.95 else f"{value:.1f}"), unit


def rate_text(bytes_per_second: float | None) -> str:
    """`1.2 MiB/s`."""
    return UNKNOWN if bytes_per_second is None else f"{bytes_text(bytes_per_second)}/s"


def age_changes_in(seconds: float | None) -> float:
    """Seconds until `age_text` of a growing age reads otherwise."""
    if seconds is None:
        return float("inf")
    at = max(0.0, seconds)
    unit = next((size for size in (DAY, HOUR, MINUTE) if at >= size), 1)
    return unit - at % unit


def countdown_text(seconds: float) -> str:
    """`14:59`; for what runs out."""
    whole = max(0, int(seconds + 0.5))
    return f"{whole // 60}:{whole % 60:02d}"


def percent_text(value: float | None) -> str:
    """`7%`, `100%`."""
    return UNKNOWN if value is None else f"{value:.0f}%"


def latency_text(milliseconds: float | None) -> str:
    """`3ms`, `1.2s`."""
    if milliseconds is None:
        return UNKNOWN
    return f"{milliseconds:.0f}ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f}s"


def clock_text(wall: float) -> str:
    """Local `HH:MM:SS` of an epoch second."""
    return time.strftime("%H:%M:%S", time.localtime(wall))

"""Ages and durations in the same short words on a screen, on a terminal and in a file."""

from __future__ import annotations

MINUTE, HOUR, DAY = 60, 3600, 86400

UNKNOWN = "-"
"""Stands where a figure is not known."""


def age_text(seconds: float | None) -> str:
    """One unit, at most four characters: `0s 59s 4m 23h 18d`; for how old a fact is."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, int(seconds))
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def duration_text(seconds: float | None) -> str:
    """Two units: `12s`, `4m12s`, `2h05m`, `18d3h`; for how long something has run."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m{whole % MINUTE:02d}s"
    if whole < DAY:
        return f"{whole // HOUR}h{whole % HOUR // MINUTE:02d}m"
    return f"{whole // DAY}d{whole % DAY // HOUR}h"

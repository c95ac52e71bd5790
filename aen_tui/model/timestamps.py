"""Points in time as log lines write them. Pure; no zone of this machine is consulted here."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_EPOCH_DAY = date(1970, 1, 1).toordinal()
DAY_SECONDS = 86_400


class Stamp(NamedTuple):
    """When a line says it was written."""

    seconds: float
    """Since the epoch; where `zoned` is false, as if the node's wall clock showed UTC."""
    zoned: bool
    """Whether the line names its zone."""
    fine: bool
    """Whether it is finer than a second."""


@lru_cache(maxsize=512)
def _day(year: int, month: int, day: int) -> int | None:
    try:
        return (date(year, month, day).toordinal() - _EPOCH_DAY) * DAY_SECONDS
    except ValueError:
        return None


def stamp(
    year: int, month: int, day: int, clock: bytes, fraction: bytes | None = None, zone: bytes | None = None
) -> Stamp | None:
    """A stamp from its parts; None where there is no such moment.

    Args:
        year: four digits.
        month: 1 to 12.
        day: 1 to 31.
        clock: `HH:MM:SS`.
        fraction: digits after the second's point or comma.
        zone: `Z`, `+HHMM` or `+HH:MM`; None or empty = the line names none.
    """
    days = _day(year, month, day)
    hour, minute, second = int(clock[0:2]), int(clock[3:5]), int(clock[6:8])
    if days is None or hour > 24 or minute > 59 or second > 60:
        return None
    seconds: float = days + hour * 3600 + minute * 60 + second
    if fraction:
        seconds += int(fraction[:9]) / 10 ** len(fraction[:9])
    if zone:
        seconds -= zone_seconds(zone)
    return Stamp(seconds, bool(zone), bool(fraction))


def zone_seconds(zone: bytes) -> int:
    """Seconds east of UTC of `Z`, `+0100`, `+01:00` or `+01`."""
    if zone[:1] in b"Zz":
        return 0
    digits = zone[1:].replace(b":", b"")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4] or b"0") * 60
    return -seconds if zone[:1] == b"-" else seconds


def without_year(month: int, day: int, clock: bytes, near: float) -> Stamp | None:
    """A stamp whose line names no year: the year that brings it nearest before `near` (epoch seconds)."""
    year = date.fromordinal(_EPOCH_DAY + int(near // DAY_SECONDS)).year
    found = stamp(year, month, day, clock)
    if found is None or found.seconds > near + 2 * DAY_SECONDS:
        return stamp(year - 1, month, day, clock) or found
    return found


def from_epoch(text: bytes) -> Stamp:
    """Seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by size."""
    value = float(text)
    for factor in (1e9, 1e6, 1e3):
        if value > 1e8 * factor * 10:
            return Stamp(value / factor, zoned=True, fine=True)
    return Stamp(value, zoned=True, fine=b"." in text)

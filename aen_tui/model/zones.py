"""Wall clocks of nodes: how far east of UTC a node writes its logs, and how wrong its clock is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Offset = Callable[[float], float]
"""Epoch seconds -> seconds east of UTC at that time."""


def local_offset(seconds: float) -> float:
    """This machine's zone; 0 for times that no calendar holds."""
    try:
        return time.localtime(seconds).tm_gmtoff
    except (ValueError, OverflowError, OSError):
        return 0.0


def fixed_offset(seconds_east: float) -> Offset:
    """A zone without summer time."""
    return lambda _seconds: seconds_east


def named_offset(name: str) -> Offset | None:
    """A zone by its name (`Europe/Berlin`); None where this machine does not know it."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None

    def offset(seconds: float) -> float:
        try:
            east = datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset()
        except (ValueError, OverflowError, OSError):
            return 0.0
        return east.total_seconds() if east is not None else 0.0

    return offset


@dataclass(frozen=True, slots=True)
class NodeTime:
    """How a node's log times become ours."""

    skew_seconds: float = 0.0
    """Node's clock minus ours."""
    offset: Offset = local_offset
    """The node's zone, for lines that name none."""

    def ours(self, seconds: float, *, zoned: bool) -> float:
        """A time as a line says it, in epoch seconds of the jump host."""
        if not zoned:
            seconds -= self.offset(seconds)
        return seconds - self.skew_seconds

"""Moments as people type them: `14:05`, `14:05:30`, `2016-10-19 14:05`, `-15m`, `@1476885802`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from aen_tui.model.zones import Offset, local_offset

_AGO = re.compile(r"-?\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d)\Z")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?\Z")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_DAY_SECONDS = 86_400


def parse_moment(text: str, now: float, offset: Offset = local_offset) -> float:
    """Epoch seconds of a moment in the past; a time of day is its last occurrence.

    Args:
        text: what was typed.
        now: epoch seconds.
        offset: the zone of what names none.

    Raises:
        ValueError: it is no moment; the message says what would be.
    """
    text = text.strip()
    ago = _AGO.match(text)
    if ago:
        return now - float(ago.group(1)) * _UNITS[ago.group(2)]
    if text.startswith("@") and text[1:].replace(".", "", 1).isdigit():
        return float(text[1:])
    clock = _CLOCK.match(text)
    if clock and int(clock.group(1)) < 24 and int(clock.group(2)) < 60:
        here = now + offset(now)
        midnight = here - here % _DAY_SECONDS
        moment = midnight + int(clock.group(1)) * 3600 + int(clock.group(2)) * 60 + float(clock.group(3) or 0)
        return (moment if moment <= here else moment - _DAY_SECONDS) - offset(now)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time: 14:05, 14:05:30, 2016-10-19T14:05, -15m or -2h are") from None
    if found.tzinfo is not None:
        return found.timestamp()
    seconds = found.replace(tzinfo=UTC).timestamp()
    return seconds - offset(seconds)

"""Spans of time in words that stay short: `7 s`, `4 min 5 s`, `3 h 12 min`, `41 d 3 h`."""

from __future__ import annotations

import math

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def span(seconds: float | None) -> str:
    """The two largest units of a span, `?` where it is not known."""
    if seconds is None or not math.isfinite(seconds):
        return "?"
    rest = max(0, int(seconds))
    for index, (unit, size) in enumerate(_UNITS):
        if rest >= size or size == 1:
            count, rest = divmod(rest, size)
            text = f"{count} {unit}"
            if index + 1 < len(_UNITS):
                small, small_size = _UNITS[index + 1]
                if rest >= small_size:
                    text += f" {rest // small_size} {small}"
            return text
    return "0 s"


def ago(seconds: float | None) -> str:
    """How long ago, `never` where there is no time."""
    return "never" if seconds is None else f"{span(seconds)} ago"

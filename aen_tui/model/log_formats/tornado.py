"""Tornado's and Jupyter's lines: `[E 161019 14:03:22 web:1946] text`, letters for levels."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp

_LETTERS = {b"C": Level.CRITICAL, b"E": Level.ERROR, b"W": Level.WARNING, b"I": Level.INFO, b"D": Level.DEBUG}


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    short, month, day, long, long_month, long_day, clock, fraction = match.group(3, 4, 5, 6, 7, 8, 9, 10)
    if short:
        return stamp(2000 + int(short), int(month), int(day), clock, fraction)
    return stamp(int(long), int(long_month), int(long_day), clock, fraction)


def _level(match: re.Match[bytes], _line: bytes) -> Level:
    return _LETTERS[match.group(1)]


FORMAT = LogFormat(
    name="tornado",
    rank=10,
    pattern=re.compile(
        rb"\[([CEWID]) (?P<time>(?:(\d\d)(\d\d)(\d\d)|(\d{4})-(\d\d)-(\d\d)) "
        rb"(\d\d:\d\d:\d\d)(?:\.(\d{3}))?) [^\]\n]{1,80}\]"
    ),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(b"[E 161019 14:03:22 web:1946] 500 GET / (10.1.2.3) 3.1ms", "2016-10-19T14:03:22", Level.ERROR),
        Sample(b"[W 2016-10-19 14:03:22.123 NotebookApp] no kernel", "2016-10-19T14:03:22.123", Level.WARNING),
    ),
)

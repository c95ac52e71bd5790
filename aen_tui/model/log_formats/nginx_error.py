"""nginx's error log."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import LEVELS
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    year, month, day, clock = match.group(2, 3, 4, 5)
    return stamp(int(year), int(month), int(day), clock)


def _level(match: re.Match[bytes], _line: bytes) -> Level:
    return LEVELS.get(match.group(6).upper(), Level.NONE)


FORMAT = LogFormat(
    name="nginx-error",
    rank=10,
    pattern=re.compile(rb"(?P<time>(\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)) \[([a-z]+)\] "),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(b"2016/10/19 14:03:22 [emerg] 1#1: bind() failed", "2016-10-19T14:03:22", Level.CRITICAL),
        Sample(b"2016/10/19 14:03:22 [notice] 1#1: signal 1 (SIGHUP)", "2016-10-19T14:03:22", Level.INFO),
        Sample(
            b"2016/10/19 14:03:22 [error] 1234#0: *56 connect() to 127.0.0.1:5000 failed (111: Connection refused) "
            b"while connecting to upstream, client: 10.1.2.3",
            "2016-10-19T14:03:22",
            Level.ERROR,
        ),
        Sample(b"2016/10/19 14:03:22 [warn] 1234#0: conflicting server name", "2016-10-19T14:03:22", Level.WARNING),
    ),
)

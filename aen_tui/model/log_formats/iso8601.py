"""Any line that begins with an ISO 8601 time: modern daemons, rsyslog's newer template, gunicorn, Node programs."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import level_of_text
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    year, month, day, clock, fraction, zone = match.group(2, 3, 4, 5, 6, 7)
    return stamp(int(year), int(month), int(day), clock, fraction, zone)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    return level_of_text(line[match.end() :])


FORMAT = LogFormat(
    name="iso8601",
    rank=40,
    pattern=re.compile(
        rb"\[?(?P<time>(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?)\]?(?=\W|$)"
    ),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(b"2016-10-19T14:03:22.123Z - info: listens on 5002", "2016-10-19T14:03:22.123+00:00", Level.INFO),
        Sample(b"[2016-10-19T16:03:22+02:00] ERROR could not start", "2016-10-19T14:03:22+00:00", Level.ERROR),
        Sample(b"[2016-10-19 16:03:22 +0200] [812] [ERROR] worker", "2016-10-19T14:03:22+00:00", Level.ERROR),
        Sample(b"[2016-10-19 14:03:22.123] [WARN] launcher - slow", "2016-10-19T14:03:22.123", Level.WARNING),
        Sample(b"2016-10-19 14:03:22.500 WARN pool is full", "2016-10-19T14:03:22.5", Level.WARNING),
    ),
)

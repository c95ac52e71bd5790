"""nginx's access log, combined or with more behind it. An answer of 500 or more is an error."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import MONTHS, Stamp, stamp

_STATUS = re.compile(rb'" (\d{3}) ')
_SERVER_ERROR = b"500"


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    day, month, year, clock, zone = match.group(2, 3, 4, 5, 6)
    number = MONTHS.get(month)
    return None if number is None else stamp(int(year), number, int(day), clock, None, zone)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    status = _STATUS.search(line, match.end(), match.end() + 4096)
    return Level.ERROR if status and status.group(1) >= _SERVER_ERROR else Level.INFO


FORMAT = LogFormat(
    name="nginx-access",
    rank=10,
    pattern=re.compile(
        rb"\S+ \S+ [^\[\"]{0,200}\[(?P<time>(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4}))\] "
    ),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(
            b'10.1.2.3 - - [10/Oct/2016:13:55:36 +0000] "GET / HTTP/1.1" 200 2326 "-" "Mozilla/5.0"',
            "2016-10-10T13:55:36+00:00",
            Level.INFO,
        ),
        Sample(
            b'10.1.2.3 - ann [10/Oct/2016:15:55:36 +0200] "GET /status HTTP/1.1" 502 172 "-" "curl/7.29.0" "10.9.9.9"',
            "2016-10-10T13:55:36+00:00",
            Level.ERROR,
        ),
    ),
)

"""Node's `util.log`: `19 Oct 14:03:22 - text`, and console lines stamped like it. It names neither year nor zone."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import level_of_text
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import MONTHS, Stamp, without_year


def _stamp(match: re.Match[bytes], near: float) -> Stamp | None:
    day, month, clock = match.group(2, 3, 4)
    number = MONTHS.get(month)
    return None if number is None else without_year(number, int(day), clock, near)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    return level_of_text(line[match.end() :])


FORMAT = LogFormat(
    name="node-util",
    rank=20,
    pattern=re.compile(rb"(?P<time>(\d{1,2}) ([A-Z][a-z]{2}) (\d\d:\d\d:\d\d)) - "),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(b"19 Oct 14:03:22 - listens on 5002", "2016-10-19T14:03:22", Level.NONE),
        Sample(b"4 Nov 09:00:01 - error: connect ECONNREFUSED 10.1.2.3:8089", "2016-11-04T09:00:01", Level.ERROR),
    ),
)

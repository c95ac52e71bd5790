"""Elasticsearch 1.7: `[local time][LEVEL][logger] [node] text`."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import LEVELS
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    year, month, day, clock, fraction = match.group(2, 3, 4, 5, 6)
    return stamp(int(year), int(month), int(day), clock, fraction)


def _level(match: re.Match[bytes], _line: bytes) -> Level:
    return LEVELS.get(match.group(7), Level.NONE)


FORMAT = LogFormat(
    name="elasticsearch",
    rank=10,
    pattern=re.compile(rb"\[(?P<time>(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d),(\d{3}))\]\[([A-Z]+) *\]\["),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(
            b"[2015-10-04 01:30:24,859][ERROR][bootstrap                ] Exception",
            "2015-10-04T01:30:24.859",
            Level.ERROR,
        ),
        Sample(
            b"[2015-10-04 01:30:24,859][INFO ][node                     ] [Darkoth] version[1.7.2], pid[1]",
            "2015-10-04T01:30:24.859",
            Level.INFO,
        ),
        Sample(
            b"[2015-10-04 01:30:24,859][WARN ][cluster.routing.allocation.decider] [Darkoth] low disk watermark",
            "2015-10-04T01:30:24.859",
            Level.WARNING,
        ),
    ),
)

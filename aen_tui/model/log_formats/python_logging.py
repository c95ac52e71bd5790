"""Python's logging, as `asctime` writes it: with or without brackets, level before or after the name."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import level_of_text
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    year, month, day, clock, fraction = match.group(2, 3, 4, 5, 6)
    return stamp(int(year), int(month), int(day), clock, fraction)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    return level_of_text(line[match.end() :])


FORMAT = LogFormat(
    name="python-logging",
    rank=30,
    pattern=re.compile(rb"\[?(?P<time>(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)(?:,(\d{3}))?)\]?(?![\w.+]| [+-]\d{4}\b)"),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(b"2016-10-19 14:03:22,123 - wk_server.app - WARNING - slow", "2016-10-19T14:03:22.123", Level.WARNING),
        Sample(b"2016-10-19 14:03:22,123 ERROR [wk_server.views] no such user", "2016-10-19T14:03:22.123", Level.ERROR),
        Sample(b"[2016-10-19 14:03:22,123] ERROR in app: Exception on / [GET]", "2016-10-19T14:03:22.123", Level.ERROR),
        Sample(b"2016-10-19 14:03:22 INFO:worker:task done", "2016-10-19T14:03:22", Level.INFO),
    ),
)

"""supervisord's own log. Crashes are written at INFO there; here they are errors."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import LEVELS
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp

_CRASH = re.compile(rb"exited: .*; not expected\)|gave up: |spawnerr: |.* entered FATAL state")


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    year, month, day, clock, fraction = match.group(2, 3, 4, 5, 6)
    return stamp(int(year), int(month), int(day), clock, fraction)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    level = LEVELS[match.group(7)]
    return Level.ERROR if level is Level.INFO and _CRASH.match(line, match.end()) else level


FORMAT = LogFormat(
    name="supervisord",
    rank=10,
    pattern=re.compile(
        rb"(?P<time>(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d),(\d{3})) (CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) "
    ),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(b"2016-10-19 14:03:22,123 INFO spawned: 'worker' with pid 2812", "2016-10-19T14:03:22.123", Level.INFO),
        Sample(
            b"2016-10-19 14:03:23,001 INFO exited: wk-server (exit status 1; not expected)",
            "2016-10-19T14:03:23.001",
            Level.ERROR,
        ),
        Sample(
            b"2016-10-19 14:03:29,350 INFO gave up: wk-server entered FATAL state, too many start retries too quickly",
            "2016-10-19T14:03:29.350",
            Level.ERROR,
        ),
        Sample(b"2016-10-19 14:04:00,000 CRIT uncaptured python exception", "2016-10-19T14:04:00", Level.CRITICAL),
    ),
)

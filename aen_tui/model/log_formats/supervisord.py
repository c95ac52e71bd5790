"""supervisord's own log. Crashes are written at INFO there; here they are errors.

Two lines of every healthy start are written at CRIT (supervisor/supervisord.py and options.py of 3.x, http.py of
3.x and 4.x): the unix socket has no password because its file mode guards it, and the uid was dropped as configured.
Here they are INFO. The same of an inet_http_server is a hole, and stays critical.
"""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import LEVELS
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp

_CRASH = re.compile(rb"exited: .*; not expected\)|gave up: |spawnerr: |.* entered FATAL state")

_ORDINARY = re.compile(rb"Server 'unix_http_server' running without any HTTP authentication|Set uid to user \d+")


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    year, month, day, clock, fraction = match.group(2, 3, 4, 5, 6)
    return stamp(int(year), int(month), int(day), clock, fraction)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    level = LEVELS[match.group(7)]
    if level is Level.CRITICAL and _ORDINARY.match(line, match.end()):
        return Level.INFO
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
        Sample(
            b"2016-10-19 14:03:21,900 CRIT Server 'unix_http_server' running without any HTTP authentication checking",
            "2016-10-19T14:03:21.900",
            Level.INFO,
        ),
        Sample(b"2016-10-19 14:03:21,870 CRIT Set uid to user 498", "2016-10-19T14:03:21.870", Level.INFO),
        Sample(
            b"2016-10-19 14:03:21,901 CRIT Server 'inet_http_server' running without any HTTP authentication checking",
            "2016-10-19T14:03:21.901",
            Level.CRITICAL,
        ),
        Sample(
            b"2016-10-19 14:03:25,100 INFO success: wk-server entered RUNNING state, process has stayed up for > than "
            b"1 seconds (startsecs)",
            "2016-10-19T14:03:25.100",
            Level.INFO,
        ),
        Sample(
            b"2016-10-19 14:03:26,004 INFO exited: worker (exit status 0; expected)",
            "2016-10-19T14:03:26.004",
            Level.INFO,
        ),
        Sample(
            b"2016-10-19 14:03:26,300 INFO spawnerr: can't find command '/opt/wakari/bin/x'",
            "2016-10-19T14:03:26.300",
            Level.ERROR,
        ),
        Sample(
            b"2016-10-19 14:03:27,000 WARN received SIGTERM indicating exit request",
            "2016-10-19T14:03:27",
            Level.WARNING,
        ),
        Sample(b"2016-10-19 14:04:00,000 CRIT uncaptured python exception", "2016-10-19T14:04:00", Level.CRITICAL),
    ),
)

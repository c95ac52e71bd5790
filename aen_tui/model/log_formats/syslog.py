"""The traditional syslog line: `Oct 19 14:03:22 host tag[pid]: text`. It names neither year nor zone."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import level_of_text
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import MONTHS, Stamp, without_year

_KERNEL = re.compile(rb"kernel: .*(?:Out of memory|I/O error|Remounting filesystem read-only|oom-killer)")


def _stamp(match: re.Match[bytes], near: float) -> Stamp | None:
    month, day, clock = match.group(2, 3, 4)
    number = MONTHS.get(month)
    return None if number is None else without_year(number, int(day), clock, near)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    rest = line[match.end() : match.end() + 400]
    return Level.ERROR if _KERNEL.search(rest) else level_of_text(rest)


FORMAT = LogFormat(
    name="syslog",
    rank=20,
    pattern=re.compile(rb"(?:<\d{1,3}>)?(?P<time>([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)) (?=\S)"),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(b"Oct 19 14:03:22 compute1 sshd[812]: Accepted publickey for ann", "2016-10-19T14:03:22", Level.NONE),
        Sample(b"Nov  4 09:00:01 compute1 kernel: Out of memory: Kill process 1", "2016-11-04T09:00:01", Level.ERROR),
        Sample(b"Dec 31 23:59:59 compute1 crond[1]: error: no such user", "2015-12-31T23:59:59", Level.ERROR),
    ),
)

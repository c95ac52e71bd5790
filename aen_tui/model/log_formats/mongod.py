"""mongod 2.6 (no severity letter) and 3.0 (severity letter and component)."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import level_of_text
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, stamp

_LETTERS = {b"F": Level.CRITICAL, b"E": Level.ERROR, b"W": Level.WARNING, b"I": Level.INFO, b"D": Level.DEBUG}


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    year, month, day, clock, fraction, zone = match.group(2, 3, 4, 5, 6, 7)
    return stamp(int(year), int(month), int(day), clock, fraction, zone)


def _level(match: re.Match[bytes], line: bytes) -> Level:
    letter = match.group(8)
    return _LETTERS[letter] if letter else level_of_text(line[match.end() :])


FORMAT = LogFormat(
    name="mongod",
    rank=10,
    pattern=re.compile(
        rb"(?P<time>(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)\.(\d{3})([+-]\d{4}|Z)) "
        rb"(?:([FEWID])[1-5]? +[A-Z\-]+ +)?\[[\w\-]+\] "
    ),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(
            b"2017-01-17T21:20:46.225+0800 [rsHealthPoll] warning: no answer from a:27017",
            "2017-01-17T13:20:46.225+00:00",
            Level.WARNING,
        ),
        Sample(
            b"2016-12-06T17:24:06.268+0800 E STORAGE  [initandlisten] no space left",
            "2016-12-06T09:24:06.268+00:00",
            Level.ERROR,
        ),
        Sample(
            b"2016-12-06T17:24:06.268+0800 F -        [conn7] Invariant failure",
            "2016-12-06T09:24:06.268+00:00",
            Level.CRITICAL,
        ),
        Sample(
            b"2017-01-17T21:20:46.225+0800 [initandlisten] db version v2.6.10",
            "2017-01-17T13:20:46.225+00:00",
            Level.NONE,
        ),
        Sample(
            b"2017-01-17T21:20:46.225+0800 [initandlisten] ERROR: listen(): bind() failed errno:98",
            "2017-01-17T13:20:46.225+00:00",
            Level.ERROR,
        ),
        Sample(
            b"2016-12-06T17:24:06.268+0800 I CONTROL  [initandlisten] MongoDB starting : pid=1",
            "2016-12-06T09:24:06.268+00:00",
            Level.INFO,
        ),
        Sample(b"2016-12-06T17:24:06.268+0800 W -        [conn1] slow", "2016-12-06T09:24:06.268+00:00", Level.WARNING),
    ),
)

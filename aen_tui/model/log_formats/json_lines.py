"""JSON lines with a time: bunyan (levels 10 to 60), pino, structlog, logstash and the like."""

from __future__ import annotations

import re

from aen_tui.model.log_formats import LogFormat, Sample
from aen_tui.model.log_levels import level_of_json
from aen_tui.model.logs import Level
from aen_tui.model.timestamps import Stamp, from_epoch, stamp


def _stamp(match: re.Match[bytes], _near: float) -> Stamp | None:
    epoch = match.group(8)
    if epoch:
        return from_epoch(epoch)
    year, month, day, clock, fraction, zone = match.group(2, 3, 4, 5, 6, 7)
    return stamp(int(year), int(month), int(day), clock, fraction, zone)


def _level(_match: re.Match[bytes], line: bytes) -> Level:
    return level_of_json(line)


FORMAT = LogFormat(
    name="json-lines",
    rank=10,
    pattern=re.compile(
        rb'\s*\{[^\n]*?"(?:time|timestamp|@timestamp|ts|asctime|date)"\s*:\s*(?P<time>'
        rb'"(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?"|(\d{9,19}(?:\.\d{1,9})?))'
    ),
    stamp=_stamp,
    level=_level,
    samples=(
        Sample(
            b'{"name":"launcher","pid":7,"level":50,"msg":"no port","time":"2016-10-19T14:03:22.123Z","v":0}',
            "2016-10-19T14:03:22.123+00:00",
            Level.ERROR,
        ),
        Sample(
            b'{"ts": 1476885802.123, "level": "warn", "msg": "slow"}', "2016-10-19T14:03:22.123+00:00", Level.WARNING
        ),
        Sample(
            b'{"asctime": "2016-10-19 14:03:22,123", "levelname": "CRITICAL", "message": "no disk"}',
            "2016-10-19T14:03:22.123",
            Level.CRITICAL,
        ),
        Sample(
            b'{"@timestamp":"2016-10-19T14:03:22.123Z","@version":"1","severity":"error","message":"x"}',
            "2016-10-19T14:03:22.123+00:00",
            Level.ERROR,
        ),
        Sample(b'{"time": 1476885802123, "severity": "INFO"}', "2016-10-19T14:03:22.123+00:00", Level.INFO),
    ),
)

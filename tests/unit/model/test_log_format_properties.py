"""Formats: a record that a program writes is read back as it was meant; no bytes at all make a format fail."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aen_tui.headless.log_lines import LinePrinter
from aen_tui.model.log_formats import Recogniser, formats
from aen_tui.model.logs import Level
from aen_tui.model.zones import NodeTime, fixed_offset, named_offset
from aen_tui.state.lines import TimedLog
from aen_tui.state.logbook import LogBooks
from aen_tui.ui.presentation.fold_rows import clock
from aen_tui.ui.presentation.log_json import read_json
from aen_tui.ui.presentation.log_text import TimeDisplay, time_text
from aen_tui.ui.screens.log_line import record_facts, record_text
from tests.support.log_stage import SERVER_LOG, Feeder

NEAR = datetime(2016, 11, 24, 15, 6, 40, tzinfo=UTC).timestamp()
"""Arrival of every line; those that name no year were written in the year before it."""
MOMENTS = st.datetimes(datetime(2013, 1, 1), datetime(2038, 1, 1))
LAST_YEAR = st.datetimes(datetime(2015, 11, 28), datetime(2016, 11, 24))
ZONES = st.integers(-12 * 4, 14 * 4).map(lambda quarters: quarters * 15)
"""Minutes east of UTC."""
WORDS = st.text("abcdefgh /.:()'=<>0123456789", max_size=60).filter(lambda text: ": " not in text)
"""What a message says: no word in it is a level."""
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Writer:
    """How one program writes a record."""

    name: str
    write: Callable[[datetime, str, str, str], str]
    """Moment, zone as +HHMM, the program's word for the level, message."""
    levels: dict[str, Level]
    digits: int
    """Of the second's fraction."""
    zoned: bool = False
    has_year: bool = True


def clf(at: datetime, zone: str, word: str, _text: str) -> str:
    stamp = f"{at:%d}/{MONTHS[at.month - 1]}/{at:%Y:%H:%M:%S}"
    return f'10.1.2.3 - ann [{stamp} {zone}] "GET /a HTTP/1.1" {word} 17 "-" "curl/7.29.0"'


def bunyan(at: datetime, _zone: str, word: str, text: str) -> str:
    time = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return json.dumps({"name": "launcher", "pid": 7, "level": int(word), "msg": text, "time": time, "v": 0})


def millis(at: datetime) -> str:
    return f"{at.microsecond // 1000:03d}"


SHORT = {"CRIT": Level.CRITICAL, "ERRO": Level.ERROR, "WARN": Level.WARNING, "INFO": Level.INFO, "DEBG": Level.DEBUG}
LONG = {
    "CRITICAL": Level.CRITICAL,
    "ERROR": Level.ERROR,
    "WARNING": Level.WARNING,
    "INFO": Level.INFO,
    "DEBUG": Level.DEBUG,
}
NGINX = {"emerg": Level.CRITICAL, "crit": Level.CRITICAL, "error": Level.ERROR, "warn": Level.WARNING}
LETTERS = {"F": Level.CRITICAL, "E": Level.ERROR, "W": Level.WARNING, "I": Level.INFO, "D": Level.DEBUG}
PREFIXES = {"error: ": Level.ERROR, "warning: ": Level.WARNING, "": Level.NONE}

WRITERS = (
    Writer("supervisord", lambda at, zone, word, text: f"{at:%Y-%m-%d %H:%M:%S},{millis(at)} {word} {text}", SHORT, 3),
    Writer("nginx-access", clf, {"200": Level.INFO, "404": Level.INFO, "502": Level.ERROR}, 0, zoned=True),
    Writer("nginx-error", lambda at, zone, word, text: f"{at:%Y/%m/%d %H:%M:%S} [{word}] 1#0: {text}", NGINX, 0),
    Writer(
        "python-logging",
        lambda at, zone, word, text: f"{at:%Y-%m-%d %H:%M:%S},{millis(at)} - wk_server.app - {word} - {text}",
        LONG,
        3,
    ),
    Writer(
        "elasticsearch",
        lambda at, zone, word, text: f"[{at:%Y-%m-%d %H:%M:%S},{millis(at)}][{word:<5}][node   ] [Darkoth] {text}",
        {"WARN": Level.WARNING, "ERROR": Level.ERROR, "INFO": Level.INFO},
        3,
    ),
    Writer(
        "mongod",
        lambda at, zone, word, text: f"{at:%Y-%m-%dT%H:%M:%S}.{millis(at)}{zone} {word} STORAGE  [conn7] {text}",
        LETTERS,
        3,
        zoned=True,
    ),
    Writer(
        "mongod",
        lambda at, zone, word, text: f"{at:%Y-%m-%dT%H:%M:%S}.{millis(at)}{zone} [conn7] {word}{text}",
        PREFIXES,
        3,
        zoned=True,
    ),
    Writer(
        "iso8601",
        lambda at, zone, word, text: f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}{zone[:3]}:{zone[3:]} {word} {text}",
        LONG,
        6,
        zoned=True,
    ),
    Writer(
        "syslog",
        lambda at, zone, word, text: (
            f"{MONTHS[at.month - 1]} {at.day:>2} {at:%H:%M:%S} compute1 sshd[812]: {word}{text}"
        ),
        PREFIXES,
        0,
        has_year=False,
    ),
    Writer(
        "node-util",
        lambda at, zone, word, text: f"{at.day} {MONTHS[at.month - 1]} {at:%H:%M:%S} - {word}{text}",
        PREFIXES,
        0,
        has_year=False,
    ),
    Writer(
        "tornado",
        lambda at, zone, word, text: f"[{word} {at:%y%m%d %H:%M:%S} web:1946] {text}",
        {"C": Level.CRITICAL, "E": Level.ERROR, "W": Level.WARNING, "I": Level.INFO, "D": Level.DEBUG},
        0,
    ),
    Writer(
        "json-lines",
        bunyan,
        {
            "60": Level.CRITICAL,
            "50": Level.ERROR,
            "40": Level.WARNING,
            "30": Level.INFO,
            "20": Level.DEBUG,
            "10": Level.DEBUG,
        },
        3,
        zoned=True,
    ),
)


def test_every_format_has_its_writer() -> None:
    assert {writer.name for writer in WRITERS} == {format_.name for format_ in formats()}


@pytest.mark.parametrize("writer", WRITERS, ids=[f"{n}-{writer.name}" for n, writer in enumerate(WRITERS)])
@settings(max_examples=60)
@given(st.data())
def test_what_a_program_writes_is_read_back(writer: Writer, data: st.DataObject) -> None:
    at = data.draw(MOMENTS if writer.has_year else LAST_YEAR)
    minutes = data.draw(ZONES)
    word = data.draw(st.sampled_from(sorted(writer.levels)))
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    line = writer.write(at, zone, word, data.draw(WORDS)).encode()
    first = next((one for one in formats() if one.parse(line, NEAR) is not None), None)
    assert first is not None and first.name == writer.name, line
    parsed = Recogniser().parse(line, NEAR)
    written = at.replace(microsecond=at.microsecond // 10 ** (6 - writer.digits) * 10 ** (6 - writer.digits))
    if writer.zoned and writer.name != "json-lines":
        written -= timedelta(minutes=minutes)
    assert parsed.stamp is not None
    assert parsed.stamp.seconds == pytest.approx(written.replace(tzinfo=UTC).timestamp(), abs=1e-5), line
    assert parsed.stamp.zoned is writer.zoned
    assert parsed.level is writer.levels[word], line


SPLINTERS = st.sampled_from(
    [b"2016-10-19", b" ", b"T", b"14:03:22", b",123", b"[", b"]", b"Feb 31 24:59:60", b"0000-00-00", b"9999-12-31",
     b"23:59:59", b"+9999", b"-00:00", b"Z", b'{"time":', b'{"ts": ', b'"', b"}", b"9" * 18, b"9" * 19, b"1e400", b",",
     b":", b"INFO", b"[E 160230 ", b"10.1.2.3 - - [31/Feb/2016:99:99:99 +0000] ", b"Xyz 99 99:99:99 x",
     b'"level":99999', b"\0", b"\xff\xfe", b"\xc2\x9b", b"\n",
     b"Infinity", b"NaN", b'"msg":"m"', b"\xd9\xa3", b"[" * 300, b'{"a":' * 300]
)  # fmt: skip
LINES = st.one_of(st.binary(max_size=200), st.lists(SPLINTERS, max_size=12).map(b"".join))
ODD_TIMES = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(-1e5, 3e11), st.just(0.0))


@settings(max_examples=400)
@given(LINES, st.floats(0, 4e9))
@example(b'{"time": ' + b"9" * 18 + b"}", NEAR)
@example(b"9999-12-31T23:59:59-12:00 x", NEAR)
@example(b"0001-01-01T00:00:00+14:00 x", NEAR)
def test_no_line_makes_anything_fail(line: bytes, near: float) -> None:
    line = line.replace(b"\n", b" ")
    for format_ in formats():
        format_.parse(line, near)
    for offset in (fixed_offset(14 * 3600), fixed_offset(-12 * 3600), named_offset("Europe/Berlin") or fixed_offset(0)):
        books = LogBooks(limit_bytes=1 << 20)
        Feeder(books, near).feed(SERVER_LOG, line + b"\n")
        source = TimedLog(books.book(SERVER_LOG), NodeTime(3.0, offset))
        drawn = source.drawn(0)
        assert drawn is not None and drawn.text == line
        source.times([0], 0.0, near)
        source.edges(0, 1, 0.0)
        books.last_problem(SERVER_LOG)
        for as_json in (False, True):
            LinePrinter([SERVER_LOG], as_json=as_json, in_colour=False).line(drawn)
        if drawn.time is not None:
            for display in TimeDisplay:
                assert len(time_text(display, drawn.time, near, fine=drawn.fine)) == display.width
            assert len(clock(drawn.time, near)) == 8
        record_facts([drawn])
        record_text([drawn])
        read_json(line)


@settings(max_examples=300)
@given(ODD_TIMES, ODD_TIMES)
def test_no_moment_makes_a_column_ragged(moment: float, now: float) -> None:
    for display in (TimeDisplay.SOURCE, TimeDisplay.LOCAL, TimeDisplay.UTC):
        assert len(time_text(display, moment, now, fine=True)) == display.width
    assert len(clock(moment, now)) == 8


@pytest.mark.parametrize("depth", [*range(300, 1100, 50), *range(900, 1000)])
def test_json_that_is_nested_too_deep_stays_a_line(depth: int) -> None:
    line = b'{"msg":"x","a":' + b"[" * depth + b"]" * depth + b"}"
    read_json(line)
    books = LogBooks(limit_bytes=1 << 20)
    Feeder(books, NEAR).feed(SERVER_LOG, line + b"\n")
    drawn = TimedLog(books.book(SERVER_LOG)).drawn(0)
    assert drawn is not None
    assert record_text([drawn])


@pytest.mark.parametrize("zone", ["UTC", "UTC-14", "UTC+12"])
def test_the_ends_of_the_calendar_are_no_error_in_any_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for text in (b"9999-12-31T23:59:59Z x", b"0001-01-01T00:00:00Z x"):
            books = LogBooks(limit_bytes=1 << 20)
            Feeder(books, NEAR).feed(SERVER_LOG, text + b"\n")
            drawn = TimedLog(books.book(SERVER_LOG)).drawn(0)
            assert drawn is not None and drawn.time is not None
            assert "written" in record_facts([drawn])
            assert len(clock(drawn.time, NEAR)) == 8
    finally:
        monkeypatch.undo()
        time.tzset()

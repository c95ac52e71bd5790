"""Every format parses its own samples, and no other format takes them first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.log_formats import SAMPLE_NEAR, LogFormat, Recogniser, Sample, formats
from aen_tui.model.log_levels import CANDIDATE
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.moments import parse_moment
from aen_tui.model.node import NodeName
from aen_tui.model.timestamps import from_epoch, without_year
from aen_tui.model.zones import NodeTime, fixed_offset, named_offset
from aen_tui.state.logbook import LogBooks
from aen_tui.state.patterns import compile_bytes

CASES = [
    pytest.param(format_, sample, id=f"{format_.name}-{n}")
    for format_ in formats()
    for n, sample in enumerate(format_.samples)
]


@pytest.mark.parametrize(("format_", "sample"), CASES)
def test_a_format_parses_its_samples(format_: LogFormat, sample: Sample) -> None:
    parsed = format_.parse(sample.line, SAMPLE_NEAR)
    assert parsed is not None and parsed.stamp is not None
    expected = datetime.fromisoformat(sample.time)
    assert parsed.stamp.zoned == (expected.tzinfo is not None)
    assert parsed.stamp.seconds == pytest.approx(expected.replace(tzinfo=expected.tzinfo or UTC).timestamp(), abs=1e-5)
    assert parsed.level is sample.level
    assert sample.line[parsed.begin : parsed.end].strip(b'"')[:1].isalnum()


@pytest.mark.parametrize(("format_", "sample"), CASES)
def test_no_other_format_takes_a_sample_first(format_: LogFormat, sample: Sample) -> None:
    first = next(one for one in formats() if one.parse(sample.line, SAMPLE_NEAR) is not None)
    assert first is format_


def test_the_shelf_holds_what_the_nodes_write() -> None:
    wanted = {
        "supervisord",
        "nginx-access",
        "nginx-error",
        "iso8601",
        "syslog",
        "python-logging",
        "json-lines",
        "mongod",
        "tornado",
        "node-util",
    }
    assert wanted | {"elasticsearch"} <= {format_.name for format_ in formats()}


def test_the_format_that_matched_is_tried_first() -> None:
    recogniser = Recogniser()
    syslog = next(one for one in formats() if one.name == "syslog")
    recogniser.parse(syslog.samples[0].line, SAMPLE_NEAR)
    assert recogniser._formats[0] is syslog


@pytest.mark.parametrize(
    "line", [b"", b"no time", b"2016-13-45 99:99:99,000 INFO x", b"[99/Foo/2016:13:55:36 +0000]", b"\x00\xff" * 3000]
)
def test_what_is_no_time_has_none(line: bytes) -> None:
    assert Recogniser().parse(line, SAMPLE_NEAR).stamp is None


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (b"Traceback (most recent call last):", Level.ERROR),
        (b"ImportError: No module named pam", Level.ERROR),
        (b"WARNING: something", Level.WARNING),
        (b"connecting to error-host.example", Level.NONE),
        (b"GET /INFO/x", Level.NONE),
        (b"warn: pool is full", Level.WARNING),
        (b'{"msg":"no time here","level":"error"}', Level.ERROR),
        (b'{"msg":"ERROR is said","level":30}', Level.INFO),
    ],
)
def test_the_level_of_lines_without_a_format(line: bytes, level: Level) -> None:
    assert Recogniser().parse(line, SAMPLE_NEAR).level is level


def test_a_year_is_guessed_backwards() -> None:
    new_year = datetime(2016, 1, 1, 0, 5, tzinfo=UTC).timestamp()
    found = without_year(12, 31, b"23:59:59", new_year)
    assert found is not None and found.seconds == datetime(2015, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()


def test_epochs_are_told_apart_by_size() -> None:
    assert [
        round(from_epoch(text).seconds, 3) for text in (b"1476885802.5", b"1476885802500", b"1476885802500000")
    ] == [1476885802.5] * 3


def test_node_times_are_corrected_for_zone_and_skew() -> None:
    time = NodeTime(skew_seconds=3.0, offset=fixed_offset(3600))
    assert time.ours(10_000, zoned=False) == 10_000 - 3600 - 3
    assert time.ours(10_000, zoned=True) == 10_000 - 3
    berlin = named_offset("Europe/Berlin")
    assert berlin is None or berlin(1_795_244_400) == 3600
    assert named_offset("Nowhere/At all") is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("-15m", 1_000_000 - 900),
        ("2h", 1_000_000 - 7200),
        ("@5000.5", 5000.5),
        ("13:46:40", 1_000_000.0),
        ("13:46", 1_000_000.0 - 40),
        ("14:00", 1_000_000.0 - 40 + 14 * 60 - 86_400),
        ("1970-01-02T00:00:00", 86_400.0),
        ("1970-01-02T01:00:00+01:00", 86_400.0),
    ],
)
def test_moments_as_people_type_them(text: str, seconds: float) -> None:
    assert parse_moment(text, 1_000_000.0, fixed_offset(0)) == seconds


@pytest.mark.parametrize("text", ["", "soon", "25:00", "12:61", "-5y"])
def test_what_is_no_moment_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time|must be|Invalid|hour"):
        parse_moment(text, 1_000_000.0, fixed_offset(0))


@pytest.mark.parametrize(("format_", "sample"), CASES)
def test_the_bulk_scan_finds_every_sample_that_is_a_problem(format_: LogFormat, sample: Sample) -> None:
    candidate = compile_bytes(CANDIDATE)
    assert sample.level < Level.WARNING or candidate.search(sample.line) is not None


def test_the_start_of_a_supervisord_leaves_no_problem_behind() -> None:
    books = LogBooks(limit_bytes=1 << 20)
    key = LogKey(NodeName("compute1"), LogPath("/opt/wakari/wakari-compute/var/log/supervisord.log"))
    start = (
        b"2016-10-19 14:03:21,870 CRIT Set uid to user 498\n"
        b"2016-10-19 14:03:21,899 INFO RPC interface 'supervisor' initialized\n"
        b"2016-10-19 14:03:21,900 CRIT Server 'unix_http_server' running without any HTTP authentication checking\n"
        b"2016-10-19 14:03:21,901 INFO supervisord started with pid 812\n"
    )
    books.append(key, start, at=0, cursor=None, seam=None, monotonic=0.0, wall=SAMPLE_NEAR)
    assert books.last_problem(key) is None
    crash = (
        b"2016-10-19 14:03:29,350 INFO gave up: wk-compute entered FATAL state, too many start retries too quickly\n"
    )
    books.append(key, crash, at=len(start), cursor=None, seam=None, monotonic=0.0, wall=SAMPLE_NEAR)
    problem = books.last_problem(key)
    assert problem is not None and problem.level is Level.ERROR

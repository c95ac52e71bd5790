"""The errand that looks into logs: newest first, through what was rotated away, back to a time, within its caps."""

from __future__ import annotations

import calendar
import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.log_formats import SAMPLE_NEAR, Recogniser, formats
from aen_tui.transports.payload import errand_source
from tests.probe.harness import ProbeProcess, namespace
from tests.probe.test_errand import order, rows_of, send

START = calendar.timegm((2016, 10, 19, 14, 0, 0))
STEP = 60
LINES = 40_000

Ask = Callable[[dict[str, Any]], list[dict[str, Any]]]


def line(n: int) -> bytes:
    """The line of a minute; every hundredth has a second one without a time."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(START + n * STEP)).encode()
    return b"%s,000 INFO line %06d %s\n" % (stamp, n, b"x" * 20) + (b"  more of %06d\n" % n if n % 100 == 0 else b"")


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 40,000 minutes in four files; nothing but the mtimes and the lines say when."""
    path = tmp_path_factory.mktemp("rotated") / "server.log"
    for begin, suffix in ((0, ".3.gz"), (10_000, ".2.gz"), (20_000, ".1"), (30_000, "")):
        data = b"".join(line(n) for n in range(begin, begin + 10_000))
        file = path.with_name(path.name + suffix)
        file.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
        os.utime(file, (START + (begin + 10_000) * STEP,) * 2)
    return path


@pytest.fixture
def ask(python: str) -> Any:
    """An order -> its rows."""
    with ProbeProcess.start(python, {}) as probe:
        numbers = iter(range(1, 100))

        def do(wanted: dict[str, Any]) -> list[dict[str, Any]]:
            number = next(numbers)
            send(probe, number, wanted, bytes=64 << 20)
            rows, error = rows_of(probe, number)
            assert error is None
            return rows

        yield do


def since(n: int) -> dict[str, float]:
    """The time of a line, on a node whose wall clock is two hours east."""
    return {"since": START + n * STEP - 7200.0, "since_local": float(START + n * STEP)}


def numbers_of(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["text"].split()[4]) for row in rows if "text" in row]


def has_zlib(python: str) -> bool:
    return os.system(f"{python} -c 'import zlib' 2>/dev/null") == 0


def test_every_file_is_searched_newest_first(rotated: Path, ask: Ask, python: str) -> None:
    assert has_zlib(python)
    rows = ask(order(rotated, pattern="line 0..5[05]0 ", literal=None))
    assert numbers_of(rows) == [n for n in reversed(range(LINES)) if n % 1000 in (500, 550)]
    assert [row["file"] for row in rows[:-1:20]] == ["server.log", "server.log.1", "server.log.2.gz", "server.log.3.gz"]
    for row in rows[:20]:
        assert rotated.read_bytes()[row["at"] :].startswith(row["text"].encode())
        assert row["ino"] == rotated.stat().st_ino
    assert rows[-1]["files"] == 4
    assert rows[-1]["capped"] is None


@pytest.mark.parametrize("n", [39_990, 34_000, 30_000, 25_123, 20_000, 15_000, 3])
def test_nothing_older_than_the_time(rotated: Path, ask: Ask, n: int) -> None:
    rows = ask(order(rotated, pattern="line", literal="line", hits=LINES, **since(n)))
    found = numbers_of(rows)
    assert found == list(reversed(range(found[-1], LINES)))
    assert n - 8 < found[-1] <= n  # so few may be a clock that lies; whoever asked looks again
    if n == 34_000:
        assert rows[-1]["files"] == 1
        assert rows[-1]["read"] < 0.9 * rotated.stat().st_size


def test_a_line_without_a_time_brings_the_one_before(rotated: Path, ask: Ask) -> None:
    rows = ask(order(rotated, pattern="more of 03[0-9]{3}0", hits=5))
    assert [row["text"] for row in rows[:5]] == [f"  more of {n:06}" for n in range(39_900, 39_400, -100)]
    assert rows[0]["head"].startswith(line(39_900).decode().split("\n", maxsplit=1)[0][:40])
    assert rows[-1]["capped"] == "hits"


def test_caps_are_said(rotated: Path, ask: Ask) -> None:
    rows = ask(order(rotated, pattern="line", bytes=1_000_000))
    assert rows[-1]["capped"] == "hits"
    rows = ask(order(rotated, pattern="no such", bytes=1_000_000))
    assert rows[-1]["capped"] == "bytes"
    assert 1_000_000 < rows[-1]["read"] < 2_000_000


def test_only_what_stands_before_a_place(rotated: Path, ask: Ask) -> None:
    about = rotated.with_name("server.log.1").stat()
    off = sum(len(line(n)) for n in range(20_000, 25_000))
    place = {"dev": about.st_dev, "ino": about.st_ino, "off": off}
    assert numbers_of(ask(order(rotated, before=place, hits=LINES, **since(14_000)))) == [
        *reversed(range(14_000, 25_000))
    ]
    packed = rotated.with_name("server.log.2.gz").stat()
    off = sum(len(line(n)) for n in range(10_000, 12_000))
    place = {"dev": packed.st_dev, "ino": packed.st_ino, "off": off}
    assert numbers_of(ask(order(rotated, before=place, hits=LINES, **since(9_000)))) == [
        *reversed(range(9_000, 12_000))
    ]
    assert ask(order(rotated, before={**place, "ino": 1}))[-1]["error"] == "the file that it was in is gone"


@pytest.mark.parametrize("n", [39_990, 34_000, 30_001, 25_123, 15_000, 3])
def test_how_far_back_a_time_is(rotated: Path, ask: Ask, n: int) -> None:
    (row,) = ask(order(rotated, do="since", **since(n)))
    wanted = sum(len(line(number)) for number in range(n, LINES))
    assert wanted <= row["older"] <= wanted + 131_072
    off = sum(len(line(number)) for number in range(30_000, 35_000))
    place = {"dev": rotated.stat().st_dev, "ino": rotated.stat().st_ino, "off": off}
    rows = ask(order(rotated, do="since", before=place, **since(n)))
    if n >= 35_000:
        assert rows == [] or rows[0]["older"] <= 131_072
    else:
        wanted = sum(len(line(number)) for number in range(n, 35_000))
        assert wanted <= rows[0]["older"] <= wanted + 131_072


def test_a_time_after_the_last_line(rotated: Path, ask: Ask) -> None:
    assert ask(order(rotated, do="since", **since(LINES + 10))) == []
    assert numbers_of(ask(order(rotated, pattern="line", **since(LINES + 10)))) == []


def test_what_stands_around_a_line(rotated: Path, ask: Ask) -> None:
    for n, name in ((35_050, "server.log"), (12_050, "server.log.2.gz"), (10_000, "server.log.2.gz")):
        first = n // 10_000 * 10_000
        at = sum(len(line(number)) for number in range(first, n))
        ino = rotated.with_name(name).stat().st_ino
        rows = ask({"do": "around", "logs": [str(rotated)], "file": name, "ino": ino, "at": at, "lines": 20})
        texts = [row["text"] for row in rows]
        begin = max(first, n - 20)
        assert texts[n - begin] == line(n).decode().split("\n", maxsplit=1)[0]
        assert texts[:20] == b"".join(line(number) for number in range(begin, n + 20)).decode().splitlines()[:20]
    rows = ask({"do": "around", "logs": [str(rotated)], "file": "server.log.1", "ino": 0, "at": 0, "lines": 2})
    assert [row["text"] for row in rows] == b"".join([line(20_000), line(20_001)]).decode().splitlines()


def test_long_lines_binary_and_what_is_no_file(ask: Ask, tmp_path: Path) -> None:
    log = tmp_path / "odd.log"
    log.write_bytes(b"wanted " + b"y" * 3_000_000 + b"\n\xff\x00\x1b[2J wanted\n" + b"z" * 700_000 + b" wanted")
    (tmp_path / "odd.log.1.gz").write_bytes(gzip.compress(b"wanted\n" * 10)[:-20])
    rows = ask(order(log, tmp_path, tmp_path / "none.log", pattern="wanted"))
    hits = [row for row in rows if "text" in row]
    assert [row["at"] for row in hits if row["file"] == "odd.log"] == [3_000_022, 3_000_008, 0]
    assert hits[1]["text"] == "\ufffd\x00\x1b[2J wanted"
    assert all(len(row["text"]) <= 2048 for row in hits)
    errors = {row["log"]: row["error"] for row in rows if "files" in row}
    assert errors[1] == "is a folder"
    assert errors[2] == "no such file or directory"


def test_the_times_it_knows_are_those_that_the_model_knows() -> None:
    names = namespace()
    exec(errand_source("search"), names)
    for format_ in formats():
        for sample in format_.samples:
            parsed = Recogniser().parse(sample.line, SAMPLE_NEAR)
            found = names["written"](sample.line)
            assert parsed.stamp is not None
            assert found is not None, sample.line
            assert found[1] == parsed.stamp.zoned, sample.line
            if time.gmtime(found[0])[0] == time.gmtime(parsed.stamp.seconds)[0]:  # else the line names no year
                assert int(found[0]) == int(parsed.stamp.seconds), sample.line

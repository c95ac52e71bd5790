"""Errands: only what the probe knows by its hash, streamed, capped, cancelled, and gone with the probe."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from aen_tui.transports.payload import errand_names, errand_source, probe_source
from tests.probe.harness import Frame, ProbeProcess
from tests.probe.test_backpressure import rss

SEARCH: dict[str, Any] = {"do": "search", "pattern": "line", "literal": None, "ignore_case": False, "text": 2048}
MOST = 1 << 30


SLOW_SECONDS = 120.0
"""What is niced waits long on a machine with much to do."""


def order(*paths: Path, **more: Any) -> dict[str, Any]:
    return {**SEARCH, "logs": [str(path) for path in paths], "hits": 1000, "bytes": MOST, **more}


def send(probe: ProbeProcess, number: int, wanted: dict[str, Any], **more: Any) -> None:
    source = errand_source("search")
    probe.send({"op": "errand", "rid": number, "name": "search", "source": source, "order": wanted, **more})


def is_of(number: int) -> Callable[[Frame], bool]:
    return lambda frame: frame.kind == "A" and frame.head["rid"] == number


def rows_of(probe: ProbeProcess, number: int) -> tuple[list[dict[str, Any]], str | None]:
    """All rows of an errand, and the error at its end."""
    rows: list[dict[str, Any]] = []
    while True:
        frame = probe.wait(is_of(number), SLOW_SECONDS)
        assert not frame.data or frame.data.endswith(b"\n")
        rows += [json.loads(line) for line in frame.data.splitlines()]
        if frame.head["end"]:
            return rows, frame.head["error"]


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SLOW_SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def endless(tmp_path: Path) -> dict[str, Any]:
    """A search that says something and then goes on for longer than a test: a pattern that RE2 takes and `re` not."""
    small, log = tmp_path / "small.log", tmp_path / "endless.log"
    small.write_bytes(b"aa\n")
    log.write_bytes(b"a" * 60 + b"b\n")
    return order(small, log, pattern="(a+)+$")


def test_the_table_in_the_source_is_of_what_is_sent() -> None:
    table = probe_source().partition(b"\n")[0].decode()
    for name in errand_names():
        assert hashlib.sha256(errand_source(name).encode()).hexdigest() in table
        assert len(errand_source(name)) < 100_000


def test_rows_come_and_then_the_end(every_python: str, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"a line\nnothing\nanother line\n")
    with ProbeProcess.start(every_python, {}) as probe:
        send(probe, 4, order(log))
        rows, error = rows_of(probe, 4)
        assert error is None
        assert [row["text"] for row in rows if "text" in row] == ["another line", "a line"]
        assert rows[-1] == {"log": 0, "read": log.stat().st_size, "files": 1, "capped": None, "error": None}
        assert children(probe.hello["pid"]) == []


def test_another_source_or_name_is_refused(python: str, tmp_path: Path) -> None:
    with ProbeProcess.start(python, {}) as probe:
        planted = f"def run(order, say): open({str(tmp_path / 'ran')!r}, 'w')\n"
        for number, (name, source) in enumerate([("search", planted), ("other", errand_source("search"))]):
            probe.send({"op": "errand", "rid": number, "name": name, "source": source, "order": {}})
            assert rows_of(probe, number) == ([], "not an errand that this probe knows")
    assert not (tmp_path / "ran").exists()


def test_what_it_raises_is_said(python: str, tmp_path: Path) -> None:
    with ProbeProcess.start(python, {}) as probe:
        send(probe, 1, {})
        rows, error = rows_of(probe, 1)
        assert rows == []
        assert error == "'do'"


def test_it_is_niced_and_has_nothing_of_the_probe(python: str, endless: dict[str, Any]) -> None:
    with ProbeProcess.start(python, {}) as probe:
        send(probe, 1, endless)
        probe.wait(is_of(1), SLOW_SECONDS)
        (child,) = children(probe.hello["pid"])
        until(lambda: Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[16] == "19")
        until(lambda: "/dev/null" in str(Path(f"/proc/{child}/fd/1").readlink()))
        wire = Path(f"/proc/{probe.hello['pid']}/fd/1").readlink()
        assert wire not in [path.readlink() for path in Path(f"/proc/{child}/fd").iterdir()]
        limit = next(line for line in Path(f"/proc/{child}/limits").read_text().splitlines() if "cpu time" in line)
        assert limit.split()[3] == "62"
        probe.send({"op": "cancel", "rid": 1})
        assert rows_of(probe, 1)[1] == "took too long or was cancelled"
        until(lambda: not Path(f"/proc/{child}").exists())


def test_two_at_a_time(python: str, endless: dict[str, Any]) -> None:
    with ProbeProcess.start(python, {}) as probe:
        for number in (1, 2, 3):
            send(probe, number, endless)
        assert rows_of(probe, 3) == ([], "2 errands are under way on this node, no more at a time")
        probe.send({"op": "cancel", "rid": 1})
        assert rows_of(probe, 1)[1] == "took too long or was cancelled"
        send(probe, 4, endless)
        probe.wait(is_of(4), SLOW_SECONDS)
        until(lambda: len(children(probe.hello["pid"])) == 2)


def test_its_time_ends(python: str, endless: dict[str, Any]) -> None:
    with ProbeProcess.start(python, {}) as probe:
        send(probe, 1, endless, seconds=1.0)
        assert rows_of(probe, 1)[1] == "took too long or was cancelled"


def test_a_long_answer_is_cut_at_whole_rows(python: str, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"a line of some length or other\n" * 100_000)
    with ProbeProcess.start(python, {}) as probe:
        send(probe, 1, order(log, hits=100_000), bytes=100_000, seconds=SLOW_SECONDS)
        rows, error = rows_of(probe, 1)
        assert error == "cut off: the answer has more than 100000 bytes"
        assert 800 < len(rows) < 1200


def test_a_reader_that_stops_stops_the_child_and_loses_nothing(python: str, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"".join(b"line %06d %s\n" % (n, b"x" * 1000) for n in range(8_000)))
    with ProbeProcess.start(python, {"interval": 60.0}) as probe:
        probe.sample()
        pid, before = probe.hello["pid"], rss(probe.hello["pid"])
        send(probe, 1, order(log, hits=8_000), bytes=64 << 20, seconds=300.0)
        until(lambda: bool(children(pid)))
        stopped = 0
        while stopped < 20 and children(pid):  # looked at so often in a row: nothing was written any more
            stopped = stopped + 1 if waits(pid) else 0
            probe.beat()
            time.sleep(0.05)
        assert rss(pid) - before < 4000
        rows, error = rows_of(probe, 1)
        assert error is None
        assert [row["text"] for row in rows if "text" in row] == [
            f"line {n:06} {'x' * 1000}" for n in reversed(range(8_000))
        ]


def waits(pid: int) -> bool:
    """Whether a process has one child, and that sleeps."""
    found = children(pid)
    with suppress(OSError):
        return len(found) == 1 and Path(f"/proc/{found[0]}/stat").read_text().rpartition(")")[2].split()[0] == "S"
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_does_not_outlive_the_probe(python: str, endless: dict[str, Any], number: int) -> None:
    with ProbeProcess.start(python, {}) as probe:
        send(probe, 1, endless)
        probe.wait(is_of(1), SLOW_SECONDS)
        (child,) = children(probe.hello["pid"])
        os.kill(probe.hello["pid"], number)
        until(lambda: not Path(f"/proc/{child}").exists())

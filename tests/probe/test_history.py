"""Older bytes: backwards through the file and what was rotated away, to the first byte of the oldest."""

from __future__ import annotations

import gzip
import os
import subprocess
from typing import Any

import pytest

from tests.probe.harness import Frame, ProbeProcess
from tests.probe.test_follow import following, lines


def ask(probe: ProbeProcess, number: int, **more: Any) -> Frame:
    probe.send({"op": "read", "rid": number, "id": 1, "before": None, "bytes": 4000, "since": None, **more})
    return probe.wait(lambda frame: frame.kind == "R" and frame.head["rid"] == number)


def backwards(probe: ProbeProcess, first: dict[str, Any], size: int = 4000) -> bytes:
    """All that is older than a place, newest answer first, joined."""
    got, place = b"", first
    for number in range(1, 400):
        frame = ask(probe, number, before=place, bytes=size)
        assert not frame.head.get("error"), frame.head
        if frame.head.get("end"):
            return got
        assert len(frame.data) <= size
        got, place = frame.data + got, frame.head["file"]
    raise AssertionError("no end")


def place_of(frame: Frame) -> dict[str, Any]:
    """Where the bytes of a log frame begin, as a `read` wants it."""
    return {**frame.head["cursor"], "off": frame.head["at"]}


@pytest.fixture
def rotated(tmp_path) -> Any:
    """A log of 1,000 lines in four files: .3.gz, .2.gz, .1 and itself."""
    path = tmp_path / "server.log"
    for number, name in ((0, "server.log.3.gz"), (250, "server.log.2.gz"), (500, "server.log.1"), (750, "server.log")):
        data = lines(number, number + 250)
        file = tmp_path / name
        file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        os.utime(file, (1476885802 + number, 1476885802 + number))
    return path


def test_from_the_tail_to_the_first_byte_of_the_oldest_file(every_python, rotated):
    with following(every_python, rotated, tail_bytes=1000) as probe:
        first = probe.log(1)
        older = backwards(probe, place_of(first))
        if b"line 000499" not in older:  # an interpreter without zlib
            assert older + first.data == lines(500, 1000)
        else:
            assert older + first.data == lines(0, 1000)


def test_every_answer_begins_with_a_line_and_says_where_it_is_from(python, rotated):
    with following(python, rotated, tail_bytes=1000) as probe:
        frame = ask(probe, 1, before=place_of(probe.log(1)), bytes=500)
        assert frame.data.startswith(b"line ") and frame.data.endswith(b"\n")
        assert frame.head["name"] == "server.log"
        assert rotated.read_bytes()[frame.head["at"] :].startswith(frame.data)
        assert ask(probe, 2).data.endswith(lines(999, 1000))


def test_the_place_is_found_again_after_a_rotation(python, rotated):
    with following(python, rotated, tail_bytes=1000) as probe:
        place = place_of(probe.log(1))
        rotated.rename(rotated.with_name("server.log.0"))
        rotated.write_bytes(b"new\n")
        probe.log_bytes(1, b"new\n")
        frame = ask(probe, 1, before=place, bytes=500)
        assert frame.head["name"] == "server.log.0"
        assert lines(750, 1000)[: place["off"]].endswith(frame.data)
        rotated.with_name("server.log.0").unlink()
        assert ask(probe, 2, before=place).head["error"] == "the file that it was in is gone"


def test_files_that_are_too_old_are_not_opened(python, rotated):
    with following(python, rotated, tail_bytes=1000) as probe:
        place = {**place_of(probe.log(1)), "off": 0}
        refused = ask(probe, 1, before=place, since=1476885802 + 600).head
        assert refused["end"] is True and refused["earlier"] is True
        assert ask(probe, 2, before=place, since=1476885802 + 400).head["name"] == "server.log.1"


def test_the_end_is_called_the_end_whatever_time_was_asked_for(every_python, tmp_path):
    path = tmp_path / "server.log"
    path.write_bytes(lines(0, 10))
    with following(every_python, path) as probe:
        place = {**place_of(probe.log(1)), "off": 0}
        head = ask(probe, 1, before=place, since=1.0).head
        assert head["end"] is True and "earlier" not in head


@pytest.mark.parametrize("between", [b"", b"\0" * 512])
def test_a_packed_file_of_several_members_is_read_to_its_end(every_python, tmp_path, between):
    path = tmp_path / "server.log"
    path.write_bytes(lines(900, 910))
    members = [gzip.compress(lines(first, first + 300), 9 if first else 0) for first in (0, 300, 600)]
    path.with_name("server.log.1.gz").write_bytes(between.join(members) + b"\0" * 100 + b"what is no member")
    with following(every_python, path) as probe:
        first = probe.log(1)
        older = backwards(probe, {**place_of(first), "off": 0})
        assert older in (b"", lines(0, 900)), "only an interpreter without zlib may give nothing"
        assert older or not has_zlib(every_python)


@pytest.mark.parametrize("short", range(4))
def test_a_member_that_begins_where_a_read_ends(every_python, tmp_path, short):
    path = tmp_path / "server.log"
    path.write_bytes(b"end\n")
    filler = gzip.compress(b"", 9)
    first = gzip.compress(lines(0, 5000), 0)
    header = 65536 - short
    stuffed = gzip.compress(lines(5000, 5001), 9)
    many = first + filler * ((header - len(first)) // len(filler))
    path.with_name("server.log.1.gz").write_bytes(many + b"\0" * (header - len(many)) + stuffed)
    with following(every_python, path) as probe:
        older = backwards(probe, {**place_of(probe.log(1)), "off": 0}, size=100_000)
        assert older == (lines(0, 5001) if has_zlib(every_python) else b"")


def has_zlib(python: str) -> bool:
    return not subprocess.run([python, "-c", "import zlib"], capture_output=True, check=False).returncode


def test_one_long_line_and_a_file_that_is_not_followed(python, tmp_path):
    path = tmp_path / "long.log"
    path.write_bytes(b"x" * 10_000 + b"\n" + b"end\n")
    with following(python, path, tail_bytes=10) as probe:
        first = probe.log(1)
        assert first.data == b"end\n"
        assert backwards(probe, place_of(first)) == b"x" * 10_000 + b"\n"
        assert ask(probe, 900, id=7).head["error"] == "not followed"


def test_a_read_is_given_up_when_it_is_cancelled(python, tmp_path):
    path = tmp_path / "server.log"
    path.write_bytes(b"a line\n")
    path.with_name("server.log.1.gz").write_bytes(gzip.compress(b"\0" * (1 << 20), 9) * 2000)
    with following(python, path) as probe:
        place = {**place_of(probe.log(1)), "off": 0}
        probe.send({"op": "read", "rid": 5, "id": 1, "before": place, "bytes": 4000, "since": None})
        probe.send({"op": "cancel", "rid": 5})
        frame = probe.wait(lambda frame: frame.kind == "R")
        assert frame.head["error"] == "took too long or was cancelled"

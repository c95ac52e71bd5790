"""What seldom happens to log files: seen twice too late, gone, another kind of thing under the name."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.probe.harness import namespace
from tests.probe.test_cursor_histories import Reader
from tests.probe.test_follow import append, asleep, cursor_after, following, lines, read_all, resumed, seams


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "server.log"
    path.write_bytes(lines(0, 20))
    return path


def rename(log: Path, name: str, data: bytes) -> None:
    log.rename(log.with_name(name))
    log.write_bytes(data)


def cut_by_copy(log: Path, name: str) -> None:
    log.with_name(name).write_bytes(log.read_bytes())
    os.truncate(log, 0)


def test_several_rotations_between_two_looks(python: str, log: Path) -> None:
    with following(python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        with asleep(probe):
            append(log, lines(20, 25))
            rename(log, "server.log.2", lines(25, 30))
            rename(log, "server.log.1", lines(30, 35))
        probe.log_bytes(1, lines(20, 35))
        assert seams(probe) == []


def test_an_empty_file_that_was_written_and_cut_between_two_looks(python: str, log: Path) -> None:
    log.write_bytes(b"")
    with following(python, log) as probe:
        assert probe.log(1).data == b""
        cursor_after(probe)
        with asleep(probe):
            append(log, lines(0, 5))
            cut_by_copy(log, "server.log.2")
            append(log, lines(5, 10))
            cut_by_copy(log, "server.log.1")
        probe.log_bytes(1, lines(0, 10))
        append(log, lines(10, 12))
        probe.log_bytes(1, lines(10, 12))
        assert seams(probe) == ["truncated"]
        cursor = cursor_after(probe)
    assert resumed(python, log, cursor, b"") == []


def test_what_is_cut_between_a_look_for_its_copy_and_the_reading_is_not_taken_for_its_beginning(log: Path) -> None:
    """The copy was there and held what the file held, so that it was no copy to be read first."""
    probe = namespace()
    log.write_bytes(b"")
    held = probe["Plain"](os.open(log, os.O_RDONLY), log.stat(), 0)
    try:
        append(log, lines(0, 5))
        assert held.first() == lines(0, 5)[:256]
        cut_by_copy(log, "server.log.1")
        append(log, lines(5, 7))
        with pytest.raises(probe["Rewritten"]):
            held.read(1 << 16)
    finally:
        held.close()


def test_the_same_after_a_reconnect(python: str, log: Path) -> None:
    log.write_bytes(b"")
    with following(python, log) as probe:
        probe.log(1)
        cursor = cursor_after(probe)
    append(log, lines(0, 5))
    cut_by_copy(log, "server.log.1")
    append(log, lines(5, 7))
    assert resumed(python, log, cursor, lines(0, 7)) == ["truncated"]


def test_an_empty_file_that_was_written_and_renamed_during_a_gap_comes_once(python: str, log: Path) -> None:
    log.write_bytes(b"")
    with following(python, log) as probe:
        probe.log(1)
        cursor = cursor_after(probe)
    append(log, lines(0, 5))
    rename(log, "server.log.1", lines(5, 7))
    assert resumed(python, log, cursor, lines(0, 7)) == []


def test_files_that_begin_alike_are_told_apart(python: str, log: Path) -> None:
    log.write_bytes(b"start\n")
    log.with_name("server.log.2").write_bytes(b"start\nlong ago\n")
    log.with_name("server.log.1").write_bytes(b"start\nonce\n")
    for number in (1, 2):
        os.utime(log.with_name(f"server.log.{number}"), (1476885802 - number, 1476885802 - number))
    cursor = read_all(python, log, b"start\n")
    append(log, b"rest\n")
    log.with_name("server.log.2").rename(log.with_name("server.log.3"))
    log.with_name("server.log.1").rename(log.with_name("server.log.2"))
    rename(log, "server.log.1", b"start\nnew\n")
    assert resumed(python, log, cursor, b"rest\nstart\nnew\n") == []


def test_of_a_deleted_file_the_rest_is_gone_but_not_what_came_after_it(python: str, log: Path) -> None:
    log.with_name("server.log.3").write_bytes(lines(900, 905))
    cursor = read_all(python, log, lines(0, 20))
    with log.open("rb"):  # held by somebody, or its inode may be given to the file that comes after it
        log.unlink()
        log.write_bytes(lines(20, 25))
        rename(log, "server.log.1", lines(25, 30))
        assert resumed(python, log, cursor, lines(20, 30)) == ["lost"]


def test_a_file_of_the_same_name_but_another_story_is_a_seam(python: str, log: Path) -> None:
    with following(python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        log.unlink()
        log.write_bytes(lines(50, 60))
        probe.log_bytes(1, lines(50, 60))
        assert seams(probe) == ["replaced"]


def test_a_symlink_that_changes_its_target(python: str, log: Path) -> None:
    link, other = log.with_name("current"), log.with_name("other.log")
    link.symlink_to(log)
    with following(python, link) as probe:
        probe.log_bytes(1, lines(0, 20))
        other.write_bytes(lines(70, 75))
        append(log, lines(20, 22))
        replacement = log.with_name("next")
        replacement.symlink_to(other)
        replacement.rename(link)
        probe.log_bytes(1, lines(20, 22) + lines(70, 75))
        append(other, lines(75, 77))
        probe.log_bytes(1, lines(75, 77))
        assert seams(probe) == ["replaced"]


@pytest.mark.parametrize(("make", "error"), [(os.mkdir, "is a folder"), (os.mkfifo, "is a pipe")])
def test_a_file_replaced_by_something_else_and_back(
    python: str, log: Path, make: Callable[[Path], None], error: str
) -> None:
    with following(python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        kept = log.rename(log.with_name("kept"))
        make(log)
        probe.until(lambda seen: (seen["logs"][0]["state"], seen["logs"][0]["error"]) == ("unknown", error))
        (os.rmdir if make is os.mkdir else os.unlink)(log)
        append(kept, lines(20, 22))
        kept.rename(log)
        probe.log_bytes(1, lines(20, 22))
        probe.until(lambda seen: seen["logs"][0]["state"] == "following")
        assert seams(probe) == []


def test_a_cut_file_says_how_much_it_had(python: str, log: Path) -> None:
    with following(python, log, interval=0.2) as probe:
        probe.log_bytes(1, lines(0, 20))
        os.truncate(log, 0)
        frame = probe.wait(lambda frame: frame.kind == "L" and frame.head["seam"])
        assert f"after byte {len(lines(0, 20))}" in frame.head["seam"]["message"]
        assert frame.head["seam"]["lost"] is None


def test_a_zero_at_the_start_of_a_file_is_no_hole(python: str, log: Path) -> None:
    log.write_bytes(b"\0" * 10_000 + b"\n")
    with following(python, log) as probe:
        probe.log_bytes(1, b"\0" * 10_000 + b"\n")
        os.truncate(log, 0)
        probe.wait(lambda frame: frame.kind == "L" and frame.head["seam"])
        append(log, b"\0\0after\n")
        probe.log_bytes(1, b"\0\0after\n")


class FailingReader(Reader):
    """A follower whose disk fails where it is told to."""

    def __init__(self, path: Path) -> None:
        self.bad: set[int] = set()
        """Inodes of files that cannot be read."""
        super().__init__(path)
        for kind in ("Plain", "Packed"):
            self._break(self.names[kind])

    def _break(self, kind: Any) -> None:
        read = kind.read

        def failing(source: Any, most: int) -> bytes:
            if source.ino in self.bad:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            data: bytes = read(source, most)
            return data

        kind.read = failing


def test_a_rotated_file_that_the_disk_no_longer_gives_is_a_seam_with_the_reason(log: Path) -> None:
    reader = FailingReader(log)
    reader.settle()
    log.rename(log.with_name("server.log.2"))
    log.write_bytes(lines(20, 25))
    reader.bad.add(log.stat().st_ino)
    log.rename(log.with_name("server.log.1"))
    log.write_bytes(lines(25, 30))
    reader.settle()
    assert bytes(reader.agent.read) == lines(0, 20) + lines(25, 30)
    assert [seam["reason"] for seam in reader.agent.seams] == ["rotated-unread"]
    assert "input/output error" in reader.agent.seams[0]["message"] and reader.agent.seams[0]["lost"] is None


def test_a_log_that_the_disk_no_longer_gives_is_unknown_and_taken_up_again(log: Path) -> None:
    reader = FailingReader(log)
    reader.settle()
    reader.bad.add(log.stat().st_ino)
    append(log, lines(20, 22))
    reader.settle()
    row = reader.follow.row()
    assert (row["state"], row["error"]) == ("unknown", "input/output error")
    reader.bad.clear()
    reader.settle()
    assert bytes(reader.agent.read) == lines(0, 22) and not reader.agent.seams

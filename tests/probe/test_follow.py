"""Logs followed through everything that happens to log files; nothing lost, nothing twice."""

from __future__ import annotations

import contextlib
import gzip
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.transports.payload import probe_command
from tests.probe.harness import ProbeProcess


def spec(path, cursor=None, tail_bytes=65536, number=1) -> Any:
    return {"id": number, "path": str(path), "cursor": cursor, "tail_bytes": tail_bytes}


def following(python, path, cursor=None, tail_bytes=65536, *, command: str | None = None, **more) -> Any:
    config = {"follow": [spec(path, cursor, tail_bytes)], "interval": 0.5, **more}
    return ProbeProcess.start(python, config, command=command)


def append(path, data) -> Any:
    with path.open("ab") as file:
        file.write(data)


def lines(first, last) -> Any:
    return b"".join(b"line %06d of some length to have more than a few bytes\n" % n for n in range(first, last))


def cursor_after(probe) -> Any:
    """The last cursor; what is written to a file from then on is younger than it."""
    cursor = [frame for frame in probe.seen if frame.kind == "L"][-1].head["cursor"]
    with tempfile.TemporaryFile(buffering=0) as file:
        written = 0.0
        while written <= (cursor["time"] or 0.0):  # a file's time is that of the kernel's last tick
            file.write(b".")
            written = os.fstat(file.fileno()).st_mtime
    return cursor


@contextlib.contextmanager
def asleep(probe: ProbeProcess) -> Iterator[None]:
    """What happens inside happens between two looks of the probe."""
    pid = probe.hello["pid"]
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        os.sched_yield()
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def seams(probe) -> Any:
    return [frame.head["seam"]["reason"] for frame in probe.seen if frame.kind == "L" and frame.head["seam"]]


@pytest.fixture
def log(tmp_path) -> Any:
    path = tmp_path / "server.log"
    path.write_bytes(lines(0, 20))
    return path


def test_the_end_from_a_line_s_start_then_what_is_appended(every_python, log):
    os.utime(log, (1e9, 1e9))
    with following(every_python, log, tail_bytes=100) as probe:
        first = probe.log(1)
        assert first.head["mtime"] == 1e9, "when it was written last"
        assert first.data == lines(19, 20)
        assert first.head["at"] == len(lines(0, 19))
        assert first.head["eof"] is True
        append(log, b"more\n")
        second = probe.log(1)
        assert second.data == b"more\n"
        assert second.head["at"] == first.head["cursor"]["off"]
        assert (
            probe.until(lambda seen: seen["logs"][0]["size"] == log.stat().st_size)["logs"][0]["state"] == "following"
        )


def test_the_first_line_comes_at_once(python, log):
    """The kernel tells of it: else it is seen after 2 s, in which the same loop looks at the machine ten times."""
    with following(python, log, interval=0.2) as probe:
        assert probe.hello["inotify"] is True
        probe.log(1)
        looks = []
        for number in range(20):
            probe.sample()
            before = len(probe.seen)
            append(log, b"line %d\n" % number)
            assert probe.log(1).data == b"line %d\n" % number
            looks.append(len([frame for frame in probe.seen[before:] if frame.kind == "S"]))
        assert sorted(looks)[10] <= 1, looks


def test_lines_that_keep_coming_are_put_together(python, log):
    with following(python, log) as probe:
        probe.log(1)
        want = [b"line %d\n" % number for number in range(5000)]
        for line in want:
            append(log, line)
        frames = probe.log_bytes(1, b"".join(want))
        assert len(frames) < len(want) / 20


def test_a_renamed_file_is_read_to_its_end_then_the_new_one(every_python, log):
    with following(every_python, log) as probe, log.open("ab") as writer:
        probe.log_bytes(1, lines(0, 20))
        log.rename(log.with_name("server.log.1"))
        log.write_bytes(b"")
        writer.write(b"still into the old one\n")
        writer.flush()
        probe.log_bytes(1, b"still into the old one\n")
        append(log, b"new file\n")
        frames = probe.log_bytes(1, b"new file\n")
        assert frames[0].head["at"] == 0
        assert frames[0].head["cursor"]["ino"] == log.stat().st_ino
        for number in range(3):
            log.rename(log.with_name(f"server.log.{number + 2}"))
            log.write_bytes(b"generation %d\n" % number)
            probe.log_bytes(1, b"generation %d\n" % number)
        assert seams(probe) == []


def test_a_truncated_file_is_a_seam_and_starts_again(python, log):
    with following(python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        with log.open("r+b") as file:
            file.truncate(0)
        frame = probe.wait(lambda frame: frame.kind == "L" and frame.head["seam"])
        assert frame.head["seam"]["reason"] == "truncated"
        append(log, b"after\n")
        assert probe.log_bytes(1, b"after\n")[-1].head["cursor"]["off"] == 6


def test_a_file_cut_and_grown_past_its_old_end_is_noticed(python, log):
    with following(python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        log.write_bytes(lines(500, 600))
        probe.log_bytes(1, lines(500, 600))
        assert "truncated" in seams(probe)


def test_copytruncate_loses_nothing_that_the_copy_holds(every_python, log):
    with following(every_python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        with asleep(probe):
            append(log, lines(20, 40))
            log.with_name("server.log.1").write_bytes(log.read_bytes())
            with log.open("r+b") as file:
                file.truncate(0)
            append(log, lines(40, 45))
        frames = probe.log_bytes(1, lines(20, 45))
        assert [frame.head["seam"]["reason"] for frame in frames if frame.head["seam"]] == ["truncated"]


@pytest.mark.parametrize("looks", ["not between", "when it is empty", "when it is a hole"])
def test_a_hole_left_by_a_writer_without_append_is_skipped(every_python, log, looks):
    with following(every_python, log) as probe, log.open("r+b") as writer:
        probe.log_bytes(1, lines(0, 20))
        writer.seek(64 << 20)
        os.truncate(log, 0)
        if looks != "not between":
            probe.wait(lambda frame: frame.kind == "L" and frame.head["seam"])
        if looks == "when it is a hole":
            os.truncate(log, 32 << 20)
            probe.until(lambda seen: seen["logs"][0]["size"] == 32 << 20)
        writer.write(b"behind the hole\n")
        writer.flush()
        frames = [probe.wait(lambda frame: frame.kind == "L" and b"behind" in frame.data)]
        assert sum(len(frame.data) for frame in probe.seen if frame.kind == "L") < 1 << 20
        assert frames[0].data.endswith(b"behind the hole\n")


def test_a_deleted_file_waits_and_is_taken_up_again(python, log):
    with following(python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        log.unlink()
        probe.until(lambda seen: seen["logs"][0]["state"] == "waiting")
        log.write_bytes(b"here again\n")
        probe.log_bytes(1, b"here again\n")
        probe.until(lambda seen: seen["logs"][0]["state"] == "following")


def test_a_deleted_file_is_not_kept_from_its_disk(python, log):
    with following(python, log) as probe:
        probe.log_bytes(1, lines(0, 20))
        log.unlink()
        folder = Path(f"/proc/{probe.hello['pid']}/fd")

        def held() -> Any:
            found = []
            for name in folder.iterdir():
                with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                    found += [name] * ("server.log (deleted)" in str(name.readlink()))
            return found

        assert held()
        probe.wait(lambda frame: not held())


def test_a_file_that_comes_later_is_read_from_its_start(python, tmp_path):
    path = tmp_path / "later" / "a.log"
    with following(python, path, tail_bytes=10) as probe:
        assert probe.sample()["logs"][0]["state"] == "waiting"
        path.parent.mkdir()
        path.write_bytes(lines(0, 5))
        probe.log_bytes(1, lines(0, 5))


def test_what_is_no_file_is_said_and_not_opened(python, tmp_path):
    fifo, folder, null = tmp_path / "fifo", tmp_path / "folder", "/dev/zero"
    os.mkfifo(fifo)
    folder.mkdir()
    follow = [spec(path, number=number) for number, path in enumerate((fifo, folder, null), 1)]
    with ProbeProcess.start(python, {"follow": follow}) as probe:
        rows = probe.sample()["logs"]
        assert [row["state"] for row in rows] == ["unknown"] * 3
        assert [row["error"] for row in rows] == ["is a pipe", "is a folder", "is a device or socket"]


def test_an_empty_file_says_that_nothing_is_there(python, tmp_path):
    path = tmp_path / "empty.log"
    path.write_bytes(b"")
    with following(python, path) as probe:
        frame = probe.log(1)
        assert (frame.data, frame.head["eof"], frame.head["at"]) == (b"", True, 0)


def test_follow_and_unfollow_while_it_runs(python, log):
    with ProbeProcess.start(python, {"interval": 0.5}) as probe:
        probe.sample()
        probe.send({"op": "follow", **spec(log, number=9)})
        assert probe.log(9).data == lines(0, 20)
        probe.send({"op": "unfollow", "id": 9})
        probe.until(lambda seen: seen["logs"] == [])
        append(log, b"unseen\n")
        for frame in probe.frames(1):
            assert frame.kind != "L"


def read_all(python, path, want) -> Any:
    """Follow from the start; the cursor after `want`."""
    with following(python, path, tail_bytes=1 << 20) as probe:
        probe.log_bytes(1, want)
        return cursor_after(probe)


def resumed(python, path, cursor, want) -> Any:
    """What comes after the cursor must be `want`; the seams on the way."""
    with following(python, path, cursor) as probe:
        if want:
            probe.log_bytes(1, want)
        else:
            probe.wait(lambda frame: frame.kind == "L")
        for frame in probe.frames(0.6):
            assert frame.kind != "L" or not frame.data, frame
        return seams(probe)


def test_resume_in_the_same_file(every_python, log):
    cursor = read_all(every_python, log, lines(0, 20))
    append(log, lines(20, 30))
    assert resumed(every_python, log, cursor, lines(20, 30)) == []


def test_resume_after_a_rotation(every_python, log):
    cursor = read_all(every_python, log, lines(0, 20))
    append(log, lines(20, 30))
    log.rename(log.with_name("server.log.1"))
    log.write_bytes(lines(30, 33))
    assert resumed(every_python, log, cursor, lines(20, 33)) == []


@pytest.mark.parametrize("name", ["server.log-20161019", "server-20161019.log", "server.log.0", "server.log.old"])
def test_resume_after_a_rotation_by_other_names(python, log, name):
    cursor = read_all(python, log, lines(0, 20))
    append(log, lines(20, 22))
    log.rename(log.with_name(name))
    log.write_bytes(b"")
    assert resumed(python, log, cursor, lines(20, 22)) == []


def test_resume_after_several_rotations_and_packing(every_python, log):
    cursor = read_all(every_python, log, lines(0, 20))
    content = log.read_bytes() + lines(20, 3000)
    with gzip.open(log.with_name("server.log.3.gz"), "wb") as packed:
        packed.write(content)
    os.utime(log.with_name("server.log.3.gz"), (1000, 1000))
    log.with_name("server.log.2").write_bytes(lines(3000, 3100))
    os.utime(log.with_name("server.log.2"), (2000, 2000))
    log.with_name("server.application.log").write_bytes(b"a neighbour, not family\n")
    log.rename(log.with_name("server.log.1"))
    log.with_name("server.log.1").write_bytes(lines(3100, 3105))
    log.write_bytes(lines(3105, 3110))
    assert resumed(every_python, log, cursor, lines(20, 3110)) == []


def test_resume_while_the_name_is_gone(python, log):
    cursor = read_all(python, log, lines(0, 20))
    append(log, lines(20, 22))
    log.rename(log.with_name("server.log.1"))
    with following(python, log, cursor) as probe:
        probe.log_bytes(1, lines(20, 22))
        assert probe.until(lambda seen: "logs" in seen)["logs"][0]["state"] == "waiting"
        log.write_bytes(b"new\n")
        probe.log_bytes(1, b"new\n")
        assert seams(probe) == []


def test_resume_after_copytruncate(python, log):
    cursor = read_all(python, log, lines(0, 20))
    append(log, lines(20, 25))
    log.with_name("server.log.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)
    append(log, lines(25, 60))
    assert resumed(python, log, cursor, lines(20, 60)) == []


def test_resume_where_the_rest_is_gone_is_a_seam(python, log):
    cursor = read_all(python, log, lines(0, 20))
    log.unlink()
    log.write_bytes(lines(100, 103))
    assert resumed(python, log, cursor, lines(100, 103)) in (["lost"], ["truncated"])


def test_resume_on_a_reused_inode_is_not_fooled(python, log):
    cursor = read_all(python, log, lines(0, 20))
    os.truncate(log, 0)
    append(log, lines(700, 800))
    assert cursor["ino"] == log.stat().st_ino
    assert resumed(python, log, cursor, lines(700, 800)) == ["truncated"]


def test_resume_at_the_same_place_repeats_nothing(python, log):
    cursor = read_all(python, log, lines(0, 20))
    assert resumed(python, log, cursor, b"") == []


def test_a_line_of_ten_megabytes(python, tmp_path):
    path = tmp_path / "long.log"
    path.write_bytes(b"x" * (10 << 20) + b"\nend\n")
    with following(python, path, tail_bytes=11 << 20) as probe:
        assert len(b"".join(frame.data for frame in probe.log_bytes(1, path.read_bytes()))) == (10 << 20) + 5


def test_by_polling_where_there_is_no_inotify(python, log):
    """No watches are left for this account, in a namespace of its own: others go on having theirs."""
    line = "unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_inotify_instances && exec \"$@\"' -"
    if subprocess.run(f"{line} true", shell=True, capture_output=True, check=False).returncode:
        pytest.skip("inotify cannot be switched off here")
    command = f"exec {line} sh -c {shlex.quote(probe_command(python, None, raw_pty=False))}"
    with following(python, log, command=command) as probe:
        assert probe.hello["inotify"] is False
        probe.log_bytes(1, lines(0, 20))
        log.rename(log.with_name("server.log.1"))
        log.write_bytes(b"polled\n")
        probe.log_bytes(1, b"polled\n")

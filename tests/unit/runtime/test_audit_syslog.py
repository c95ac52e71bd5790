"""The audit's other witness: what syslog gets, what only it finds, and what is done where the disk is full."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.errors import AuditError
from aen_tui.headless.audit import run_verify
from aen_tui.runtime.audit import SYSLOG_ONLY, AuditLog, head_file, record_hash
from aen_tui.runtime.audit_verify import verify
from aen_tui.runtime.identity import identity
from aen_tui.runtime.syslog import Syslog, read_syslog
from tests.support.audit_logs import RECORD, fill, lines_of, rewrite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "audit.jsonl"


def rewrite_all_that_follows(path: Path, number: int) -> None:
    """What an editor who knows the program does."""
    prev, out = "", []
    for index, line in enumerate(lines_of(path)):
        fields = json.loads(line)
        if index == number:
            fields["user"] = "eve"
        if index > number:
            fields["prev"] = prev
        fields["hash"] = prev = record_hash(fields)
        out.append(json.dumps(fields).encode() + b"\n")
    rewrite(path, out)
    head_file(path).write_text(prev + "\n")


# -- crashes --------------------------------------------------------------------------------------


class Daemon:
    """What stands at /dev/log: a real datagram socket, and the file a daemon would write."""

    def __init__(self, folder: Path) -> None:
        self.socket_path = folder / "dev-log"
        self.file = folder / "auth.log"
        self.file.touch()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.socket_path))
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self.raw: list[bytes] = []

    def _run(self) -> None:
        while data := self._socket.recv(65536):
            self.raw.append(data)
            text = data.split(b">", 1)[1]
            with self.file.open("ab") as file:
                file.write(text[:16] + b"jump1 " + text[16:] + b"\n")

    def stop(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", str(self.socket_path))
        self._thread.join(60)
        self._socket.close()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    made = Daemon(tmp_path)
    yield made
    if made._thread.is_alive():
        made.stop()


def test_each_hash_goes_to_syslog_under_our_name_and_facility(path: Path, daemon: Daemon) -> None:
    fill(AuditLog(path, syslog=Syslog(daemon.socket_path)))
    daemon.stop()
    assert len(daemon.raw) == 6
    for data, line in zip(daemon.raw, lines_of(path), strict=True):
        fields = json.loads(line)
        assert data.startswith(b"<86>")
        assert f"aen-tui[{os.getpid()}]: audit hash={fields['hash']} ".encode() in data
        assert fields["syslog"] is True
        assert b"wk-server" not in data
    verdict = verify(path, read_syslog((daemon.file,), None))
    assert (verdict.faults, verdict.doubts) == ((), ())
    assert "agrees: 6 records" in verdict.syslog


def test_who_rewrites_all_that_follows_is_found_by_syslog_alone(path: Path, daemon: Daemon) -> None:
    fill(AuditLog(path, syslog=Syslog(daemon.socket_path)))
    daemon.stop()
    rewrite_all_that_follows(path, 3)
    assert verify(path).is_whole, "the chain alone cannot know"
    verdict = verify(path, read_syslog((daemon.file,), None))
    assert [str(fault)[:36] for fault in verdict.faults] == ["syslog knows a record that is not th"] * 3
    assert verdict.doubts
    out = io.StringIO()
    assert run_verify(as_json=False, stdout=out, path=path, log_files=(daemon.file,), journalctl=None) == 2
    assert out.getvalue().startswith("CHANGED")
    assert "disagrees" in out.getvalue()


def test_a_forged_record_is_a_doubt(path: Path, daemon: Daemon) -> None:
    fill(AuditLog(path, syslog=Syslog(daemon.socket_path)))
    daemon.stop()
    lines = daemon.file.read_text().splitlines(keepends=True)
    daemon.file.write_text("".join(lines[:4] + lines[5:]))
    out = io.StringIO()
    assert run_verify(as_json=True, stdout=out, path=path, log_files=(daemon.file,), journalctl=None) == 1
    assert json.loads(out.getvalue())["doubts"] == ["syslog should know 1 of the records and does not: line 5"]


def test_another_files_lines_do_not_count(path: Path, daemon: Daemon) -> None:
    fill(AuditLog(path, syslog=Syslog(daemon.socket_path)))
    fill(AuditLog(path.with_name("other.jsonl"), syslog=Syslog(daemon.socket_path)))
    daemon.stop()
    assert "agrees: 6 records" in verify(path, read_syslog((daemon.file,), None)).syslog


def test_no_syslog_is_said_and_no_doubt(path: Path, tmp_path: Path) -> None:
    fill(AuditLog(path, syslog=Syslog(tmp_path / "nobody")))
    out = io.StringIO()
    assert run_verify(as_json=False, stdout=out, path=path, log_files=(tmp_path / "auth.log",), journalctl=None) == 0
    assert "not compared with syslog: no syslog may be read here" in out.getvalue()
    assert json.loads(lines_of(path)[0])["syslog"] is False


def test_a_daemon_that_takes_nothing_does_not_stop_the_audit(path: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stuck:
        stuck.bind(str(tmp_path / "log"))
        full = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        full.setblocking(False)
        with full:
            try:
                while True:
                    full.sendto(b"x" * 1000, str(tmp_path / "log"))
            except BlockingIOError:
                pass
        AuditLog(path, syslog=Syslog(tmp_path / "log")).append(RECORD)
    assert verify(path).records == 1


# -- a disk that is full ---------------------------------------------------------------------------


@contextmanager
def tiny_disk(folder: Path) -> Iterator[Path]:
    """A real file system of 32 KiB."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)], check=False)
    if made.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_disk(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return


def test_full_disk_refuses_and_falls_back_only_where_it_may(tmp_path: Path, daemon: Daemon) -> None:
    with tiny_disk(tmp_path / "disk") as disk:
        path = disk / "aen-tui" / "audit.jsonl"
        log = AuditLog(path, syslog=Syslog(daemon.socket_path))
        fill(log, 2)
        assert log.health().is_well
        fill_disk(disk)
        health = log.health()
        assert not health.is_well
        assert health.has_syslog
        before = path.read_bytes()
        with pytest.raises(AuditError):
            for _ in range(8):  # what is left of the last page
                fill(log, 2)
        written = log.falling_back().append(replace(RECORD, id="p-9"))
        assert path.read_bytes().startswith(before)
        assert verify(path).is_whole
        daemon.stop()
        assert b"audit-only hash=" + written.hash.encode() in daemon.raw[-1]
        assert b'"id": "p-9"' in daemon.raw[-1], "syslog holds the whole record"
        verdict = verify(path, read_syslog((daemon.file,), None))
        assert verdict.is_whole
        assert f"1 of them there alone ({SYSLOG_ONLY})" in verdict.syslog


def test_neither_file_nor_syslog_is_refused(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk") as disk:
        fill_disk(disk)
        log = AuditLog(disk / "aen-tui" / "audit.jsonl", syslog=Syslog(tmp_path / "nobody"))
        assert (log.health().is_well, log.health().has_syslog) == (False, False)
        with pytest.raises(AuditError):
            log.falling_back().append(RECORD)


# -- who -------------------------------------------------------------------------------------------


def test_who_is_the_kernels_word_and_the_rest_is_claimed(tmp_path: Path) -> None:
    file = tmp_path / "loginuid"
    file.write_text("1000")
    claims = {"SUDO_USER": "alice\x1b[2J", "SSH_CONNECTION": "10.0.0.7 1 10.0.0.1 22", "USER": "eve", "LOGNAME": "eve"}
    found = identity(claims, file)
    assert (found.uid, found.login_uid) == (os.getuid(), 1000)
    assert found.user != "eve"
    assert found.claimed["sudo_user"] == "alice␛[2J"
    assert found.claimed["ssh"] == "10.0.0.7 1 10.0.0.1 22"
    file.write_text("4294967295")
    assert identity({}, file).login_uid is None


def test_hashes_of_records_without_the_later_keys_hold(path: Path) -> None:
    fields = {"id": "p", "kind": "intent", "at": "x", "user": "ops", "prev": "0" * 64, "hash": ""}
    fields["hash"] = record_hash(fields)
    path.parent.mkdir()
    path.write_text(json.dumps(fields) + "\n")
    path.chmod(0o600)
    assert verify(path).faults == ()
    AuditLog(path).append(RECORD)
    assert verify(path).faults == ()
    assert hashlib.sha256(b"").hexdigest() not in path.read_text()

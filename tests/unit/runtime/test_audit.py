"""The audit: private, chained, whole after a crash, refused where it cannot be written."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.errors import AuditError
from aen_tui.headless.audit import run_audit, run_verify
from aen_tui.runtime.audit import FIRST, AuditLog, read_lines, record_hash
from tests.support.audit_logs import RECORD


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "aen-tui" / "audit.jsonl"


def records(path: Path) -> list[dict[str, object]]:
    return [fields for _, fields in read_lines(path) if fields is not None]


def assert_chained(found: list[dict[str, object]]) -> None:
    prev = FIRST
    for fields in found:
        assert fields["prev"] == prev
        assert fields["hash"] == record_hash(fields)
        prev = str(fields["hash"])


def test_file_is_private_and_keys_are_the_contracts(path: Path) -> None:
    old = os.umask(0)
    try:
        AuditLog(path).append(RECORD)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    keys = list(json.loads(path.read_text()))
    assert keys[:11] == ["id", "kind", "at", "user", "cluster", "node", "argv", "reason", "result", "prev", "hash"]


def test_records_are_chained_across_openings(path: Path) -> None:
    for number in range(5):
        AuditLog(path).append(replace(RECORD, id=f"p-{number}", reason="ünïcode \u202e \x1b[31m"))
    found = records(path)
    assert len(found) == 5
    assert_chained(found)
    assert path.read_bytes().isascii()


def test_a_change_breaks_the_chain(path: Path) -> None:
    for number in range(3):
        AuditLog(path).append(replace(RECORD, id=f"p-{number}"))
    path.write_text(path.read_text().replace("p-1", "p-9"))
    with pytest.raises(AssertionError):
        assert_chained(records(path))


def test_symlink_is_refused_and_its_target_untouched(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir(parents=True)
    other = tmp_path / "other"
    other.write_text("mine")
    path.symlink_to(other)
    with pytest.raises(AuditError):
        AuditLog(path).append(RECORD)
    assert other.read_text() == "mine"


def test_fifo_does_not_hang(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    with pytest.raises(AuditError):
        AuditLog(path).append(RECORD)


def test_file_open_to_others_is_refused(path: Path) -> None:
    AuditLog(path).append(RECORD)
    path.chmod(0o664)
    with pytest.raises(AuditError, match="open to others"):
        AuditLog(path).append(RECORD)


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditError):
        AuditLog(tmp_path / "file" / "audit.jsonl").append(RECORD)


def test_full_disk_is_refused_and_leaves_no_half_record(path: Path) -> None:
    """A limit on the file's size stands for the disk: the write comes back short."""
    AuditLog(path).append(RECORD)
    before = path.read_bytes()
    code = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from tests.unit.runtime.test_audit import AuditLog, AuditError, RECORD, Path
resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 10}, {len(before) + 10}))
try:
    AuditLog(Path({str(path)!r})).append(RECORD)
except AuditError as error:
    print("refused", error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.startswith("refused"), done.stderr
    assert path.read_bytes() == before


def test_line_torn_by_a_crash_is_closed_and_named(path: Path) -> None:
    AuditLog(path).append(RECORD)
    torn = b'{"id": "p-2", "kind": "int'
    with path.open("ab") as file:
        file.write(torn)
    written = AuditLog(path).append(replace(RECORD, id="p-3"))
    assert written.torn == hashlib.sha256(torn).hexdigest()
    assert [fields is not None for _, fields in read_lines(path)] == [True, False, True]
    assert_chained(records(path))
    assert AuditLog(path).append(RECORD).torn is None


@pytest.mark.parametrize("torn", [b"{", b'{"id": "p', b'{"id": "p"}\n{"id'])
def test_crash_while_the_first_record_is_written(path: Path, torn: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(torn)
    path.chmod(0o600)
    AuditLog(path).append(RECORD)
    AuditLog(path).append(RECORD)
    assert_chained(records(path))


def test_another_kind_of_file_is_not_appended_to(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("dear diary\n")
    path.chmod(0o600)
    with pytest.raises(AuditError, match="holds no audit record"):
        AuditLog(path).append(RECORD)


def test_records_longer_than_a_block_are_found(path: Path) -> None:
    AuditLog(path).append(replace(RECORD, reason="x" * 200_000))
    AuditLog(path).append(RECORD)
    assert_chained(records(path))


def test_two_processes_stay_chained(path: Path) -> None:
    code = (
        "from tests.unit.runtime.test_audit import AuditLog, RECORD, Path\n"
        f"log = AuditLog(Path({str(path)!r}))\n"
        "for _ in range(40): log.append(RECORD)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    found = records(path)
    assert len(found) == 80
    assert_chained(found)


def test_audit_command_prints_records_and_names_what_is_none(path: Path) -> None:
    AuditLog(path).append(replace(RECORD, reason="disk \x1b[2J full"))
    AuditLog(path).append(replace(RECORD, kind="outcome", result="verified", pid_before=1, pid_after=2))
    with path.open("ab") as file:
        file.write(b'{"id"')
    out, err = io.StringIO(), io.StringIO()
    assert run_audit(as_json=True, stdout=out, stderr=err, path=path) == 0
    assert [json.loads(line)["kind"] for line in out.getvalue().splitlines()] == ["intent", "outcome"]
    assert "line 3" in err.getvalue()
    out = io.StringIO()
    run_audit(as_json=False, stdout=out, stderr=err, path=path)
    assert "VERIFIED" in out.getvalue()
    assert "pid 1 -> 2" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_audit_command_without_a_file(path: Path) -> None:
    out = io.StringIO()
    assert run_audit(as_json=True, stdout=out, path=path) == 0
    assert out.getvalue() == ""


def test_audit_command_without_reads(path: Path) -> None:
    log = AuditLog(path)
    for action in ("read", "restart"):
        log.append(replace(RECORD, id=f"{action}-1", action=action))
    for with_reads, found in [(True, ["read-1", "restart-1"]), (False, ["restart-1"])]:
        said = io.StringIO()
        lease_dir = path.parent / "none"
        assert run_audit(as_json=True, stdout=said, path=path, lease_dir=lease_dir, with_reads=with_reads) == 0
        assert [json.loads(line)["id"] for line in said.getvalue().splitlines()] == found


def test_a_verdict_with_a_doubt_does_not_begin_with_whole(path: Path) -> None:
    AuditLog(path).append(RECORD)
    path.with_suffix(".head").unlink()
    said = io.StringIO()
    assert run_verify(as_json=False, stdout=said, path=path, log_files=(), journalctl=None) == 1
    assert said.getvalue().startswith("DOUBT  1 records")

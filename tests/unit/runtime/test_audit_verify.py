"""`audit --verify`: every edit is found, crashes are told from edits, and syslog is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.runtime.audit import AuditLog, head_file, record_hash
from aen_tui.runtime.audit_verify import verify
from tests.support.audit_logs import RECORD, fill, lines_of, rewrite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "audit.jsonl"


def test_what_was_written_is_whole(path: Path) -> None:
    fill(AuditLog(path))
    verdict = verify(path)
    assert (verdict.records, verdict.faults, verdict.doubts, verdict.notes) == (6, (), (), ())


def test_nothing_recorded_is_whole(path: Path) -> None:
    assert verify(path).is_whole


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize(
    "edit",
    [
        (b"ops", b"eve"),
        (b'"node": "aen-server"', b'"node":  "aen-server"'),
        (b'"user": "ops"', b'"user": "eve", "user": "ops"'),
        (b"aen-prod", b"\\u0061en-prod"),
        (b'"error": null', b'"error": ""'),
        (b'"is_demo": false, ', b""),
    ],
    ids=["a word", "a blank", "a key twice", "an escape", "a null", "a key gone"],
)
def test_each_edit_of_each_line_is_named(path: Path, number: int, edit: tuple[bytes, bytes]) -> None:
    fill(AuditLog(path))
    lines = lines_of(path)
    assert edit[0] in lines[number]
    lines[number] = lines[number].replace(*edit, 1)
    rewrite(path, lines)
    assert verify(path).faults[0].line == number + 1


@pytest.mark.parametrize("number", range(6))
def test_a_line_taken_out_is_found(path: Path, number: int) -> None:
    fill(AuditLog(path))
    lines = lines_of(path)
    del lines[number]
    rewrite(path, lines)
    fault = verify(path).faults[0]
    assert fault.line == (number + 1 if number < 5 else None)


@pytest.mark.parametrize("kept", range(6))
def test_an_end_cut_off_is_found(path: Path, kept: int) -> None:
    fill(AuditLog(path))
    rewrite(path, lines_of(path)[:kept])
    assert "cut off" in str(verify(path).faults[0])


def test_an_end_cut_off_is_found_after_more_was_written(path: Path) -> None:
    fill(AuditLog(path))
    rewrite(path, lines_of(path)[:3])
    fill(AuditLog(path), 2)
    fault = verify(path).faults[0]
    assert fault.line == 4
    assert "cut off" in fault.why


def test_a_head_taken_away_is_a_doubt_that_no_further_record_ends(path: Path) -> None:
    fill(AuditLog(path))
    rewrite(path, lines_of(path)[:4])
    head_file(path).unlink()
    assert "no head beside" in verify(path).doubts[0]
    fill(AuditLog(path), 2)
    verdict = verify(path)
    assert (verdict.faults, verdict.records) == ((), 6)
    assert [doubt.partition(" was written")[0] for doubt in verdict.doubts] == ["line 5"]
    head_file(path).write_bytes(b"")
    fill(AuditLog(path), 2)
    assert len(verify(path).doubts) == 2, "emptied is as good as taken away"


def test_the_whole_file_gone_is_found(path: Path) -> None:
    fill(AuditLog(path))
    path.unlink()
    assert not verify(path).is_whole


@pytest.mark.parametrize(("one", "other"), [(0, 1), (2, 3), (4, 5), (0, 5)])
def test_another_order_is_found(path: Path, one: int, other: int) -> None:
    fill(AuditLog(path))
    lines = lines_of(path)
    lines[one], lines[other] = lines[other], lines[one]
    rewrite(path, lines)
    assert verify(path).faults[0].line == one + 1


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"junk\n", None], ids=["blank", "object", "junk", "twice"])
@pytest.mark.parametrize("at", [0, 3, 6])
def test_a_line_put_in_is_found(path: Path, line: bytes | None, at: int) -> None:
    fill(AuditLog(path))
    lines = lines_of(path)
    lines.insert(at, lines[2] if line is None else line)
    rewrite(path, lines)
    assert verify(path).faults[0].line == at + 1


def test_one_record_rewritten_with_its_hash_breaks_at_the_next(path: Path) -> None:
    fill(AuditLog(path))
    lines = lines_of(path)
    fields = json.loads(lines[2]) | {"user": "eve"}
    fields["hash"] = record_hash(fields)
    lines[2] = json.dumps(fields).encode() + b"\n"
    rewrite(path, lines)
    fault = verify(path).faults[0]
    assert fault.line == 4
    assert "does not follow" in fault.why


def test_a_torn_last_line_is_said_and_no_fault(path: Path) -> None:
    fill(AuditLog(path))
    with path.open("ab") as file:
        file.write(b'{"id": "p-9", "ki')
    verdict = verify(path)
    assert verdict.is_whole
    assert "line 7, the last, is unfinished" in verdict.notes[0]


def test_a_torn_line_that_was_closed_is_said_and_no_fault(path: Path) -> None:
    fill(AuditLog(path), 2)
    with path.open("ab") as file:
        file.write(b'{"id": "p-9", "ki')
    fill(AuditLog(path), 2)
    verdict = verify(path)
    assert verdict.is_whole
    assert "line 3 is unfinished" in verdict.notes[0]
    lines = lines_of(path)
    rewrite(path, [*lines[:2], b'{"id": "p-8", "ki\n', *lines[3:]])
    assert verify(path).faults[0].line == 3
    rewrite(path, [*lines[:2], *lines[3:]])
    assert verify(path).faults[0].line == 3


def test_a_crash_between_record_and_head_is_no_fault(path: Path) -> None:
    log = AuditLog(path)
    fill(log, 2)
    before = head_file(path).read_bytes()
    fill(log, 1)
    head_file(path).write_bytes(before)
    verdict = verify(path)
    assert verdict.is_whole
    assert "one record behind" in verdict.notes[0]
    fill(log, 2)
    assert verify(path).is_whole


def test_killed_in_the_middle_leaves_a_chain_that_verifies(path: Path) -> None:
    code = f"""
from dataclasses import replace
from tests.unit.runtime.test_audit import AuditLog, RECORD, Path
log = AuditLog(Path({str(path)!r}))
for number in range(1_000_000):
    log.append(replace(RECORD, id=f"p-{{number}}"))
    if number == 5:
        print("going", flush=True)
"""
    writing = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert writing.stdout is not None
    assert writing.stdout.readline() == b"going\n"
    writing.kill()
    writing.wait(60)
    writing.stdout.close()
    assert verify(path).is_whole
    AuditLog(path).append(RECORD)
    assert verify(path).is_whole


def test_a_step_without_an_outcome_is_said(path: Path) -> None:
    fill(AuditLog(path), 3)
    assert "step p-1 has no outcome" in verify(path).notes[0]


def test_a_clock_that_jumps_back_is_no_fault(path: Path) -> None:
    fill(AuditLog(path), 2)
    AuditLog(path).append(replace(RECORD, at="2001-01-01T00:00:00.000Z"))
    assert verify(path).is_whole


# -- syslog ---------------------------------------------------------------------------------------

"""`aen-tui audit`: the records, oldest first, and whether they are as they were written."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from aen_tui.config.paths import state_folder
from aen_tui.model.command import executed, shell_line
from aen_tui.model.inventory import ActionSettings
from aen_tui.model.text import visible_line
from aen_tui.runtime.audit import read_lines
from aen_tui.runtime.audit_book import READ
from aen_tui.runtime.audit_copies import colleagues_records
from aen_tui.runtime.audit_verify import Verdict, verify
from aen_tui.runtime.syslog import FILES, read_syslog

AUDIT_NAME = "audit.jsonl"
EXIT_WHOLE, EXIT_DOUBT, EXIT_CHANGED = 0, 1, 2


def run_audit(
    *,
    as_json: bool,
    stdout: TextIO,
    stderr: TextIO | None = None,
    path: Path | None = None,
    lease_dir: Path | None = None,
    with_reads: bool = True,
) -> int:
    """Print every record, colleagues' too where there are any; lines that are none are named on stderr.

    Args:
        as_json: a line each, as it was written; a colleague's has `colleague` beside it.
        stdout: for the records.
        stderr: for what is no record.
        path: this user's records; the state folder's where None.
        lease_dir: where colleagues' copies are; the default folder where None.
        with_reads: whether probes that read under sudo are among them, two records a start.

    Returns:
        0.

    Raises:
        AuditError: the file is there and cannot be read.
    """
    errors = sys.stderr if stderr is None else stderr
    found: list[tuple[str, dict[str, Any]]] = []
    for number, fields in read_lines(path or state_folder() / AUDIT_NAME):
        if fields is None:
            errors.write(f"line {number} is no record: a crash left it unfinished, or somebody changed it\n")
        else:
            found.append(("", fields))
    found += colleagues_records(lease_dir or ActionSettings().lease_dir)
    if any(user for user, _ in found):  # one's own stay in the order they were written
        found.sort(key=lambda one: str(one[1].get("at")))
    for user, fields in found:
        if not with_reads and fields.get("action") == READ:
            continue
        if as_json:
            stdout.write(json.dumps({**fields, **({"colleague": user} if user else {})}, ensure_ascii=True) + "\n")
        else:
            stdout.write(f"{line_of(fields)}{f'  copy of {user}' if user else ''}\n")
    return 0


def run_verify(
    *,
    as_json: bool,
    stdout: TextIO,
    path: Path | None = None,
    log_files: Sequence[Path] = FILES,
    journalctl: str | None = "journalctl",
) -> int:
    """Say whether this user's records are as they were written, the first bad line first.

    Returns:
        0 they are, 1 there are doubts: syslog does not know some of them, or the head was away; 2 they were changed.

    Raises:
        AuditError: the file is there and cannot be read.
    """
    file = path or state_folder() / AUDIT_NAME
    verdict = verify(file, read_syslog(log_files, journalctl))
    if as_json:
        stdout.write(json.dumps(_document(file, verdict), ensure_ascii=True) + "\n")
    else:
        stdout.write("\n".join(_sentences(file, verdict)) + "\n")
    if verdict.faults:
        return EXIT_CHANGED
    return EXIT_DOUBT if verdict.doubts else EXIT_WHOLE


def _sentences(file: Path, verdict: Verdict) -> list[str]:
    head = "CHANGED" if verdict.faults else "DOUBT" if verdict.doubts else "WHOLE"
    lines = [f"{head}  {verdict.records} records  {file}"]
    lines += [f"FAULT  {fault}" for fault in verdict.faults]
    lines += [f"DOUBT  {doubt}" for doubt in verdict.doubts]
    lines += [f"note   {note}" for note in verdict.notes]
    return [*lines, f"syslog {verdict.syslog}"] if verdict.syslog else lines


def _document(file: Path, verdict: Verdict) -> dict[str, Any]:
    return {
        "schema": 1,
        "file": str(file),
        "records": verdict.records,
        "whole": verdict.is_whole,
        "faults": [{"line": fault.line, "why": fault.why} for fault in verdict.faults],
        "doubts": list(verdict.doubts),
        "notes": list(verdict.notes),
        "syslog": verdict.syslog,
    }


def line_of(fields: dict[str, Any]) -> str:
    """A record for people."""

    def word(key: str) -> str:
        return visible_line(str(fields.get(key) or "-"), 300)

    argv, environment = ([str(part) for part in fields.get(key) or ()] for key in ("argv", "environment"))
    runs = shell_line(executed(argv, environment))
    words = [word("at"), word("id"), word("kind"), word("user"), f"{word('cluster')}:{word('node')}"]
    words += ["DEMO"] if fields.get("is_demo") else []
    words += [word("result").upper() if fields.get("result") else "", visible_line(runs)]
    pids = f"pid {fields.get('pid_before') or 'none'} -> {fields.get('pid_after') or 'none'}"
    has_pid = bool(fields.get("pid_before") or fields.get("pid_after"))
    words += [pids if fields.get("kind") == "outcome" and has_pid else ""]
    origin = fields.get("claimed_origin")
    says = ", ".join(f"{key} {value}" for key, value in origin.items()) if isinstance(origin, dict) else ""
    words += [f"claimed: {visible_line(says, 300)}" if says else ""]
    words += [f"reason: {word('reason')}" if fields.get("reason") else ""]
    words += [f"error: {word('error')}" if fields.get("error") else ""]
    return "  ".join(part for part in words if part)

"""`aen-tui audit`: the records, oldest first."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TextIO

from aen_tui.config.paths import state_folder
from aen_tui.model.command import shell_line
from aen_tui.model.text import visible_line
from aen_tui.runtime.audit import read_lines

AUDIT_NAME = "audit.jsonl"


def run_audit(*, as_json: bool, stdout: TextIO, stderr: TextIO | None = None, path: Path | None = None) -> int:
    """Print every record; lines that are none are named on stderr.

    Returns:
        0.

    Raises:
        AuditError: the file is there and cannot be read.
    """
    errors = sys.stderr if stderr is None else stderr
    for number, fields in read_lines(path or state_folder() / AUDIT_NAME):
        if fields is None:
            errors.write(f"line {number} is no record: a crash left it unfinished, or somebody changed it\n")
            continue
        stdout.write((json.dumps(fields, ensure_ascii=True) if as_json else line_of(fields)) + "\n")
    return 0


def line_of(fields: dict[str, Any]) -> str:
    """A record for people."""

    def word(key: str) -> str:
        return visible_line(str(fields.get(key) or "-"), 300)

    argv = [str(part) for part in fields.get("argv") or ()]
    words = [word("at"), word("id"), word("kind"), word("user"), f"{word('cluster')}:{word('node')}"]
    words += ["DEMO"] if fields.get("is_demo") else []
    words += [word("result").upper() if fields.get("result") else "", visible_line(shell_line(argv))]
    pids = f"pid {fields.get('pid_before') or 'none'} -> {fields.get('pid_after') or 'none'}"
    words += [pids if fields.get("kind") == "outcome" else ""]
    words += [f"reason: {word('reason')}" if fields.get("reason") else ""]
    words += [f"error: {word('error')}" if fields.get("error") else ""]
    return "  ".join(part for part in words if part)

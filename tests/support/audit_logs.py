"""An audit file with records in it, read and rewritten as an editor would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from aen_tui.model.plans import AuditRecord
from aen_tui.runtime.audit import AuditLog

RECORD = AuditRecord(
    id="p-1",
    kind="intent",
    at="2026-11-21T07:00:00.000Z",
    user="ops",
    cluster="aen-prod",
    node="aen-server",
    argv=("supervisorctl", "restart", "wk-server"),
    reason=None,
    result=None,
    prev="",
    hash="",
)


def fill(log: AuditLog, count: int = 6) -> None:
    for number in range(count):
        kind = "outcome" if number % 2 else "intent"
        log.append(replace(RECORD, id=f"p-{number // 2}", kind=kind, result="verified" if number % 2 else None))


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def rewrite(path: Path, lines: list[bytes]) -> None:
    path.write_bytes(b"".join(lines))

"""The audit to read: this user's records and, where there is a lease folder, the colleagues', as steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aen_tui.runtime.audit import read_lines
from aen_tui.runtime.audit_copies import colleagues_records, copies_mark
from aen_tui.runtime.audit_verify import Verdict, verify
from aen_tui.runtime.syslog import FILES, read_syslog

READ = "read"
"""`action` of the records of a probe that reads under sudo: nothing was changed."""


@dataclass(frozen=True, slots=True, eq=False)
class AuditStep:
    """A step as recorded: its intent, and the last word on its outcome. Fields as they stand in the file."""

    intent: Mapping[str, Any]
    outcome: Mapping[str, Any] | None
    """None while it is carried out, or where it was broken off."""
    colleague: str = ""
    """Whose copy it is from; empty where it is this user's own record."""

    @property
    def is_read(self) -> bool:
        """Whether a probe only read under sudo."""
        return self.intent.get("action") == READ

    @property
    def last(self) -> Mapping[str, Any]:
        """The newest of its records."""
        return self.outcome if self.outcome is not None else self.intent


class AuditBook:
    """Everything recorded here.

    Args:
        path: this user's records.
        lease_dir: where colleagues' copies are.
        log_files: where syslog may be read.
    """

    def __init__(self, path: Path, lease_dir: Path, *, log_files: tuple[Path, ...] = FILES) -> None:
        self.path = path
        self._lease_dir = lease_dir
        self._log_files = log_files

    def mark(self) -> object:
        """Differs once there may be something new; cheap."""
        try:
            info = self.path.stat()
        except OSError:
            own = None
        else:
            own = (info.st_size, info.st_mtime_ns, info.st_ino)
        return own, copies_mark(self._lease_dir)

    def steps(self) -> list[AuditStep]:
        """Every step, oldest first; blocks, so call it in a thread.

        Raises:
            AuditError: the file is there and cannot be read.
        """
        mine = [("", fields) for _number, fields in read_lines(self.path) if fields is not None]
        found: dict[tuple[str, str], AuditStep] = {}
        for user, fields in [*mine, *colleagues_records(self._lease_dir)]:
            key = (user, str(fields.get("id")))
            before = found.get(key)
            if fields.get("kind") == "intent" or before is None:
                outcome = None if fields.get("kind") == "intent" else fields
                found[key] = AuditStep(fields, outcome, user)
            else:
                found[key] = AuditStep(before.intent, fields, user)
        return sorted(found.values(), key=lambda step: str(step.intent.get("at")))

    def verify(self) -> Verdict:
        """Whether this user's records are as they were written; blocks, so call it in a thread.

        Raises:
            AuditError: the file is there and cannot be read.
        """
        return verify(self.path, read_syslog(self._log_files))

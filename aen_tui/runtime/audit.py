"""Who did what, with what result: append-only lines of JSON, each chained to the one before by its hash.

A record is written under a lock and is on the disk (fsync) when `append` returns. What cannot be
recorded is not done: every failure here is an `AuditError`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aen_tui.errors import AuditError
from aen_tui.model.plans import AuditRecord

FIRST = "0" * 64
"""`prev` of the first record."""

_BEGINNING = b'{"id"'
"""How each record begins; what is left of the very first one after a crash is known by it."""

_BLOCK = 64 * 1024
_LOCK_SECONDS = 5.0
_KEYS = ("id", "kind", "at", "user", "cluster", "node", "argv", "reason", "result", "prev", "hash")
"""The contract's keys, first in each line; what else a record has follows."""


@dataclass(frozen=True, slots=True)
class _Tail:
    prev: str
    torn: str | None
    needs_newline: bool


class AuditLog:
    """One file of records, `audit.jsonl`.

    Args:
        path: the file; it and its folder are made with modes 0600 and 0700 where they are missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, record: AuditRecord) -> AuditRecord:
        """Write a record; blocks for the lock and the disk, so call it in a thread.

        Args:
            record: `prev`, `hash` and `torn` are set here, whatever they hold.

        Returns:
            The record as written.

        Raises:
            AuditError: it could not be written whole and brought to the disk.
        """
        try:
            with self._locked() as file:
                tail = self._tail(file)
                written = replace(record, prev=tail.prev, torn=tail.torn, hash="")
                written = replace(written, hash=record_hash(as_json(written)))
                line = json.dumps(as_json(written), ensure_ascii=True).encode("ascii") + b"\n"
                _write(file, (b"\n" if tail.needs_newline else b"") + line)
                return written
        except OSError as error:
            raise AuditError(
                f"the audit {self.path} cannot be written: {error.strerror or error}",
                hint="without a record nothing is done; free the disk or correct the file's owner and mode",
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not self.path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        file = os.open(self.path, flags, 0o600)
        try:
            self._refuse_untrusted(file)
            _lock(file, self.path)
            if is_new:
                _fsync_folder(self.path.parent)
            yield file
        finally:
            os.close(file)

    def _refuse_untrusted(self, file: int) -> None:
        info = os.fstat(file)
        if not stat.S_ISREG(info.st_mode):
            raise AuditError(f"the audit {self.path} is not a file", hint="move it away")
        if info.st_uid != os.geteuid() or stat.S_IMODE(info.st_mode) & 0o077:
            raise AuditError(
                f"the audit {self.path} is open to others",
                hint=f"chmod 600 {self.path}, or move it away if it is not yours",
            )

    def _tail(self, file: int) -> _Tail:
        """The last whole record's hash, and the unfinished line that a crash may have left after it."""
        size = os.fstat(file).st_size
        if size == 0:
            return _Tail(FIRST, None, needs_newline=False)
        data, start = b"", size
        while True:
            take = min(_BLOCK, start)
            start -= take
            data = os.pread(file, take, start) + data
            tail = _last_record(data, is_whole_file=start == 0)
            if tail is not None:
                return tail
            if start == 0:
                raise AuditError(f"{self.path} holds no audit record", hint="it is something else: move it away")


def _last_record(data: bytes, *, is_whole_file: bool) -> _Tail | None:
    """What follows from the file's last bytes; None where they do not reach back to a whole record."""
    body, newline, fragment = data.rpartition(b"\n")
    torn = hashlib.sha256(fragment).hexdigest() if fragment else None
    if not newline:
        return _Tail(FIRST, torn, needs_newline=True) if is_whole_file else None
    lines = body.split(b"\n")
    if not is_whole_file:
        lines = lines[1:]
    for line in reversed(lines):
        if (found := _hash_of(line)) is not None:
            return _Tail(found, torn, needs_newline=bool(fragment))
    if is_whole_file and all(line.startswith(_BEGINNING) or _BEGINNING.startswith(line) for line in lines):
        return _Tail(FIRST, torn, needs_newline=bool(fragment))
    return None


def _hash_of(line: bytes) -> str | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    found = fields.get("hash") if isinstance(fields, dict) else None
    return found if isinstance(found, str) else None


def _lock(file: int, path: Path) -> None:
    """Wait for the lock, but not for ever: another process may have been stopped while it held it."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise AuditError(
                    f"the audit {path} is locked by another process", hint="see `fuser -v` on it"
                ) from None
            time.sleep(0.02)
        else:
            return


def _write(file: int, data: bytes) -> None:
    """All of it and on the disk, or none of it."""
    size = os.fstat(file).st_size
    try:
        if os.write(file, data) != len(data):
            raise OSError("the disk took only a part of the record")
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def as_json(record: AuditRecord) -> dict[str, Any]:
    """A record as it stands in the file: the contract's keys first."""
    fields = asdict(record)
    ordered = {key: fields.pop(key) for key in _KEYS}
    return {**ordered, **fields}


def record_hash(fields: dict[str, Any]) -> str:
    """SHA-256 over the record's JSON without its `hash`: keys sorted, no blanks, ASCII."""
    rest = {key: value for key, value in fields.items() if key != "hash"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def who() -> str:
    """The user of this process; the number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def stamp(epoch_seconds: float) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Line number and record of each line; None where a line is no record (a crash left it unfinished).

    Raises:
        AuditError: the file is there and cannot be read.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise AuditError(f"the audit {path} cannot be read: {error.strerror}") from error
    with os.fdopen(file, "rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            fields = json.loads(line) if _hash_of(line) is not None else None
            yield number, fields

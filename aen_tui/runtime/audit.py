"""Who did what, with what result: append-only lines of JSON, each chained to the one before by its hash.

A record is written under a lock and is on the disk (fsync) when `append` returns. What cannot be
recorded is not done: every failure here is an `AuditError`. Beside the file stands its head, the last
record's hash, by which a cut end is known; and each record's hash goes to syslog.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aen_tui.config.paths import fsync_folder
from aen_tui.errors import AuditError
from aen_tui.model.plans import AuditRecord
from aen_tui.runtime.syslog import Syslog, witness_text

FIRST = "0" * 64
"""`prev` of the first record."""

_BEGINNING = b'{"id"'
"""How each record begins; what is left of the very first one after a crash is known by it."""

SYSLOG_ONLY = "SYSLOG-ONLY"
"""What is typed to go on where the file cannot be written and syslog takes records."""

_BLOCK = 64 * 1024
_LOCK_SECONDS = 5.0
_ROOM_BYTES = 16 * 1024
"""A disk with less than this is full: a step's two records might not fit."""
_KEYS = ("id", "kind", "at", "user", "cluster", "node", "argv", "reason", "result", "prev", "hash")
"""The contract's keys, first in each line; what else a record has follows."""


@dataclass(frozen=True, slots=True)
class _Tail:
    prev: str
    """The last whole record's hash."""
    torn: str | None
    needs_newline: bool
    before: str = FIRST
    """The `prev` of the last whole record."""


@dataclass(frozen=True, slots=True)
class AuditHealth:
    """Whether records can be written."""

    error: str | None = None
    """Why the file cannot be written; None where it can."""
    has_syslog: bool = False
    """Whether syslog listens."""

    @property
    def is_well(self) -> bool:
        """Whether actions can be recorded in the file."""
        return self.error is None


class AuditLog:
    """One file of records, `audit.jsonl`.

    Args:
        path: the file; it and its folder are made with modes 0600 and 0700 where they are missing.
        syslog: where each record's hash goes too; None: nowhere.
        may_fall_back: whether a record goes to syslog alone where the file cannot be written.
        copied: gets each record's line once it is written, for colleagues to read.
    """

    def __init__(
        self,
        path: Path,
        *,
        syslog: Syslog | None = None,
        may_fall_back: bool = False,
        copied: Callable[[bytes], None] | None = None,
    ) -> None:
        self.path = path
        self._syslog = syslog
        self._may_fall_back = may_fall_back
        self._copied = copied

    def falling_back(self) -> AuditLog:
        """The same log, of which records go to syslog alone where the file cannot be written."""
        return AuditLog(self.path, syslog=self._syslog, may_fall_back=True, copied=self._copied)

    def append(self, record: AuditRecord) -> AuditRecord:
        """Write a record; blocks for the lock and the disk, so call it in a thread.

        Args:
            record: `prev`, `hash`, `torn`, `lost`, `no_head` and `syslog` are set here, whatever they hold.

        Returns:
            The record as written.

        Raises:
            AuditError: it could not be written whole and brought to the disk.
        """
        to_syslog = self._syslog.connect() if self._syslog is not None else None
        try:
            return self._append(record, to_syslog)
        except (OSError, AuditError) as error:
            if self._may_fall_back and to_syslog is not None:
                return self._only_to_syslog(record, to_syslog)
            if isinstance(error, AuditError):
                raise
            raise AuditError(
                f"the audit {self.path} cannot be written: {error.strerror or error}",
                hint="without a record nothing is done; free the disk or correct the file's owner and mode",
            ) from error
        finally:
            if to_syslog is not None:
                to_syslog.close()

    def _append(self, record: AuditRecord, to_syslog: socket.socket | None) -> AuditRecord:
        with self._locked() as file:
            tail = self._tail(file)
            has_syslog = to_syslog is not None
            with _opened(head_file(self.path)) as head:
                said = os.pread(head, len(FIRST), 0).decode("ascii", "replace")
                if not said:  # made before the record: on a full disk it could not be made after it
                    _put_head(head, tail.prev)
                # one record behind: a crash came between record and head
                lost = said if said not in ("", tail.prev, tail.before) else None
                # each record finds the one before's; a crash leaves it too, as it is made before the first
                no_head = not said and tail.prev != FIRST
                written = replace(
                    record, prev=tail.prev, torn=tail.torn, lost=lost, no_head=no_head, syslog=has_syslog, hash=""
                )
                written = replace(written, hash=record_hash(as_json(written)))
                line = json.dumps(as_json(written), ensure_ascii=True).encode("ascii") + b"\n"
                _write(file, (b"\n" if tail.needs_newline else b"") + line)
                _put_head(head, written.hash)
            if to_syslog is not None and self._syslog is not None:
                self._syslog.send(to_syslog, self._witness(written), _epoch(written.at))
            if self._copied is not None:
                self._copied(line)
            return written

    def _only_to_syslog(self, record: AuditRecord, to_syslog: socket.socket) -> AuditRecord:
        written = replace(record, prev=FIRST, torn=None, syslog=True, hash="")
        written = replace(written, hash=record_hash(as_json(written)))
        whole = json.dumps(as_json(written), ensure_ascii=True)
        assert self._syslog is not None
        if not self._syslog.send(to_syslog, self._witness(written, only=whole), _epoch(written.at)):
            raise AuditError("neither the audit file nor syslog takes the record", hint="nothing is done without one")
        return written

    def _witness(self, record: AuditRecord, *, only: str = "") -> str:
        return witness_text(record.hash, record.at, record.kind, record.id, os.getuid(), self.path, only=only)

    def health(self) -> AuditHealth:
        """Whether a record could be written now, as far as can be known without writing one; blocks a little."""
        has_syslog = self._syslog is not None and self._syslog.is_there
        try:
            self._refuse_unwritable()
        except AuditError as error:
            return AuditHealth(error.message, has_syslog)
        except OSError as error:
            return AuditHealth(f"the audit {self.path} cannot be written: {error.strerror or error}", has_syslog)
        return AuditHealth(None, has_syslog)

    def _refuse_unwritable(self) -> None:
        there = next(folder for folder in (self.path.parent, *self.path.parent.parents) if folder.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            raise AuditError(f"the audit {self.path} cannot be written: {there} may not be written")
        disk = os.statvfs(there)
        free = disk.f_frsize * (disk.f_bavail if os.geteuid() else disk.f_bfree)
        if disk.f_flag & os.ST_RDONLY or free < _ROOM_BYTES:
            why = "the disk is full" if free < _ROOM_BYTES else "the disk is mounted read-only"
            raise AuditError(f"the audit {self.path} cannot be written: {why}")
        try:
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            self._refuse_untrusted(file)
            self._tail(file)
        finally:
            os.close(file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not self.path.exists()
        with _opened(self.path, os.O_APPEND) as file:
            self._refuse_untrusted(file)
            _lock(file, self.path)
            if is_new:
                fsync_folder(self.path.parent)
            yield file

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
        if (found := _links(line)) is not None:
            return _Tail(found[0], torn, needs_newline=bool(fragment), before=found[1])
    if is_whole_file and all(line.startswith(_BEGINNING) or _BEGINNING.startswith(line) for line in lines):
        return _Tail(FIRST, torn, needs_newline=bool(fragment))
    return None


def _links(line: bytes) -> tuple[str, str] | None:
    """`hash` and `prev` of a record; None where the line is none."""
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    found = fields.get("hash") if isinstance(fields, dict) else None
    return (found, str(fields.get("prev"))) if isinstance(found, str) else None


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


@contextmanager
def _opened(path: Path, more_flags: int = 0) -> Iterator[int]:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | more_flags
    file = os.open(path, flags, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def head_file(path: Path) -> Path:
    """Where the last record's hash stands beside the records."""
    return path.with_suffix(".head")


def _put_head(file: int, hash_: str) -> None:
    """Written in place: the same bytes of the same block, so it needs no room once it is there."""
    os.pwrite(file, hash_.encode("ascii") + b"\n", 0)
    os.fsync(file)


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


def stamp(epoch_seconds: float) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _epoch(at: str) -> float:
    try:
        return datetime.fromisoformat(at).timestamp()
    except ValueError:
        return 0.0


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
            fields = json.loads(line) if _links(line) is not None else None
            yield number, fields

"""A rolling job on disk: how far it came, for `do --resume` after the program was killed.

One JSON file a job, 0600, replaced whole and brought to the disk before and after each step. Beside it stands a
lock that the running job holds: what runs is not resumed. The audit stays the word on what was done; the file
says what is left.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from aen_tui.config.paths import make_private_folder, write_private
from aen_tui.errors import AuditError, PlanRefusedError
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.jobs import JobPhase, MemberPhase
from aen_tui.model.plans import ActionName, Step
from aen_tui.model.rolling import Batch
from aen_tui.model.text import visible_line

SCHEMA = 1
KEPT_JOBS = 100
"""Files of ended jobs beyond this many go, the oldest first."""
_ID = re.compile(r"[0-9a-f]{12}\Z")


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A step, and how far it is."""

    step: Step
    phase: MemberPhase = MemberPhase.WAITING
    pid_after: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as it stands in its file."""

    id: str
    cluster: str
    user: str
    action: ActionName
    settings: RollingSettings
    batches: tuple[Batch, ...]
    members: tuple[MemberRecord, ...]
    """In the order of the plan's steps."""
    run: int = 1
    phase: JobPhase = JobPhase.RUNNING
    started_at: str = ""
    """UTC, ISO 8601, of this run."""
    reason: str | None = None
    syslog_only: bool = False
    """Whether its records may stand in syslog alone."""
    left_out: tuple[str, ...] = ()
    verified_before: tuple[str, ...] = ()
    """TARGETs that earlier runs have verified."""
    schema: int = field(default=SCHEMA)


class JobFolder:
    """`$XDG_STATE_HOME/aen-tui/jobs`.

    Args:
        path: the folder; made with mode 0700 where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.Lock()

    def save(self, record: JobRecord) -> None:
        """Replace a job's file; it is on the disk when this returns. Blocks, so call it in a thread.

        Raises:
            AuditError: it could not be written: then nothing further may be done.
        """
        file = self._file(record.id)
        data = msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
        try:
            with self._writing:  # a thread may still be at it while everything is being cancelled
                write_private(file, data)
        except OSError as error:
            raise AuditError(
                f"the job's file {file} cannot be written: {error.strerror or error}",
                hint="a job that could not be resumed is not carried on; free the disk",
            ) from error

    def load(self, job: str) -> JobRecord:
        """Read a job; blocks a little.

        Raises:
            PlanRefusedError: there is none of that id, or it is not one that this program wrote for this user.
        """
        file = self._file(job)
        try:
            handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as opened:
                info = os.fstat(opened.fileno())
                if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid() or info.st_mode & 0o077:
                    raise PlanRefusedError(f"{file} is open to others", hint="it decides what is run: look at it")
                data = opened.read()
        except FileNotFoundError:
            ids = ", ".join(self.open_ids()) or "none"
            raise PlanRefusedError(f"there is no job {job}", hint=f"jobs that are not over: {ids}") from None
        except OSError as error:
            raise PlanRefusedError(f"{file} cannot be read: {error.strerror}") from error
        try:
            record = msgspec.json.decode(data, type=JobRecord)
        except msgspec.MsgspecError as error:
            raise PlanRefusedError(f"{file} is no job: {visible_line(str(error), 200)}") from error
        if record.schema != SCHEMA or record.id != job:
            raise PlanRefusedError(f"{file} was written by another version, or is another job's")
        return record

    def open_ids(self) -> list[str]:
        """Ids of the jobs that have not everything verified, oldest first; blocks a little."""
        found: list[tuple[float, str]] = []
        with suppress(OSError):
            for file in self.path.glob("*.json"):
                with suppress(PlanRefusedError, OSError):
                    if not is_over(self.load(file.stem)):
                        found.append((file.stat().st_mtime, file.stem))
        return [job for _, job in sorted(found)]

    def saved_at(self, job: str) -> float:
        """When a job's file was last written, epoch seconds; OSError where there is none."""
        return self._file(job).stat().st_mtime

    def mark(self) -> int:
        """Another one whenever a job's file was written."""
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return 0

    def is_running(self, job: str) -> bool:
        """Whether a process holds the job's lock; nothing is left behind by asking."""
        try:
            file = os.open(self._file(job).with_suffix(".lock"), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    @contextmanager
    def running(self, job: str) -> Iterator[None]:
        """Hold a job's lock while it runs; blocks a little.

        Raises:
            PlanRefusedError: another process runs it.
            AuditError: the lock cannot be made.
        """
        try:
            make_private_folder(self.path)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(self._file(job).with_suffix(".lock"), flags, 0o600)
        except OSError as error:
            raise AuditError(f"a job's lock in {self.path} cannot be made: {error.strerror or error}") from error
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PlanRefusedError(f"job {job} is running", hint="wait for its end") from None
            yield
        finally:
            os.close(file)

    def prune(self) -> None:
        """Remove the oldest files of jobs that are over; blocks a little."""
        with suppress(OSError):
            files = sorted(self.path.glob("*.json"), key=lambda file: file.stat().st_mtime)
            for file in files[:-KEPT_JOBS]:
                with suppress(PlanRefusedError, AuditError, OSError):
                    with self.running(file.stem):
                        if is_over(self.load(file.stem)):
                            file.unlink()
                            file.with_suffix(".lock").unlink()

    def _file(self, job: str) -> Path:
        if not _ID.match(job):
            raise PlanRefusedError(f"`{visible_line(job, 60)}` is no job's id", hint="twelve of 0-9 and a-f")
        return self.path / f"{job}.json"


def is_over(record: JobRecord) -> bool:
    """Whether nothing of a job is left to do."""
    return all(member.phase is MemberPhase.VERIFIED for member in record.members) and not record.left_out

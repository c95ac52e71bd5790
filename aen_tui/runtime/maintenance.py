"""`:maintenance`: announced, recorded, remembered over restarts, expired. What it covers is shown and not counted.

The windows stand in `maintenance-NAME.json` of the state folder, 0600, under a lock: several programs of one user
share them, and the one that takes an expired window out records its end. Others' programs know nothing of them.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from aen_tui.checks import rate
from aen_tui.config.paths import make_private_folder, write_private
from aen_tui.config.targets import Target
from aen_tui.errors import AenError
from aen_tui.model.clock import Clock
from aen_tui.model.inventory import Inventory
from aen_tui.model.maintenance import REASON_CHARACTERS, Window, planned_of
from aen_tui.model.node import NodeName
from aen_tui.model.plans import AuditRecord
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.audit import AuditLog, stamp
from aen_tui.runtime.identity import identity
from aen_tui.runtime.template_file import template_path
from aen_tui.state.events import Event, Events
from aen_tui.state.store import Store

ACTION = "maintenance"
KIND = "maintenance"
MOST_WINDOWS = 2000
_LIMIT_BYTES = 2 * 1024 * 1024


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    windows: list[Window]


def maintenance_path(installation: str) -> Path:
    """The file of an installation, beside the one of its messages."""
    beside = template_path(installation)
    return beside.with_name(beside.name.replace("templates-", "maintenance-", 1))


class Maintenance:
    """The windows of one installation.

    Args:
        inventory: whose nodes they are of.
        store: its nodes are told what of them is planned.
        clock: now.
        audit: takes a record at the beginning and at the end of each.
        events: takes a line, likewise.
        file: where they are remembered; None = only in memory (a demo is another installation each time).
    """

    def __init__(
        self, inventory: Inventory, store: Store, clock: Clock, audit: AuditLog, events: Events, file: Path | None
    ) -> None:
        self._inventory = inventory
        self._store = store
        self._clock = clock
        self._audit = audit
        self._events = events
        self._file = file
        self._windows: tuple[Window, ...] = ()
        self._mark: object = None
        """What the file was when it was read."""
        self._problem = ""

    @property
    def windows(self) -> tuple[Window, ...]:
        """Those of now, the one that ends first at the front."""
        wall = self._clock.wall()
        return tuple(sorted((one for one in self._windows if one.until > wall), key=lambda one: one.until))

    def load(self) -> None:
        """Read what is remembered, and tell the nodes; a file that cannot be used is an event."""
        if self._file is None:
            return
        mark = _mark(self._file)
        if mark != self._mark:
            self._mark = mark
            try:
                self._windows = _read(self._file)
            except AenError as error:
                self._tell(error.message)
        self._apply()

    async def look(self) -> None:
        """Once a second: what others of this user announced, what has ended."""
        self.load()
        wall = self._clock.wall()
        if any(one.until <= wall for one in self._windows):
            try:
                self._told(await asyncio.to_thread(self._take_out, lambda one: one.until <= wall, "expired"), "expired")
            except AenError as error:  # they have ended all the same
                self._windows = tuple(one for one in self._windows if one.until > wall)
                self._tell(error.message)
            self._apply()

    async def begin(self, targets: Sequence[Target], seconds: float, reason: str) -> tuple[Window, ...]:
        """Announce it; what was announced for the same targets before has ended with it.

        Raises:
            AuditError: it cannot be recorded, so it is not begun.
            AenError: no reason, a path as a target, too many, or it cannot be remembered.
        """
        reason = visible_line(reason.strip(), REASON_CHARACTERS)
        if not reason:
            raise AenError("a maintenance wants a reason", hint=":maintenance TARGET 2h REASON")
        if any(target.path is not None for target in targets):
            raise AenError("a path is under no maintenance", hint="NODE or NODE/SERVICE")
        who, wall = identity(), self._clock.wall()
        new = tuple(
            Window(uuid.uuid4().hex[:12], one.node, one.service, wall, wall + seconds, reason, who.user)
            for one in targets
        )
        again = {window.target for window in new}
        await asyncio.to_thread(self._take_out, lambda one: one.target in again, "replaced", new)
        self._apply()
        for window in new:
            until = time.strftime("%Y-%m-%d %H:%M", time.localtime(window.until))
            self._event(window, "begins", f"until {until}, {window.reason}")
        return new

    async def end(self, targets: Sequence[Target]) -> tuple[Window, ...]:
        """End what was announced for targets; a whole node ends what its services have too. Those that ended.

        Raises:
            AuditError: it cannot be recorded.
            AenError: it cannot be remembered.
        """
        nodes = {one.node for one in targets if one.service is None}
        services = {(one.node, one.service) for one in targets}
        ended = await asyncio.to_thread(
            self._take_out, lambda one: one.node in nodes or (one.node, one.service) in services, "ended"
        )
        self._told(ended, "ended")
        self._apply()
        return ended

    # -- file and audit, in a thread ----------------------------------------------------------------

    def _take_out(
        self, is_over: Callable[[Window], bool], result: str, new: Sequence[Window] = ()
    ) -> tuple[Window, ...]:
        """Records first: what cannot be recorded is not done."""
        with _locked(self._file):
            known = self._windows if self._file is None else _read(self._file)
            over = tuple(one for one in known if is_over(one))
            kept = (*(one for one in known if not is_over(one)), *new)
            if len(kept) > MOST_WINDOWS:
                raise AenError(f"more than {MOST_WINDOWS} maintenances at once")
            for window in new:
                self._record(window, "intent", None)
            if self._file is not None:
                _write(self._file, kept)
                self._mark = _mark(self._file)
            self._windows = kept
            for window in over:
                self._record(window, "outcome", result)
        return over

    def _record(self, window: Window, kind: str, result: str | None) -> None:
        who = identity()
        self._audit.append(
            AuditRecord(
                id=f"{ACTION}-{window.id}",
                kind=kind,
                at=stamp(self._clock.wall()),
                user=who.user,
                cluster=self._inventory.name,
                node=window.node,
                argv=(),
                reason=f"{window.reason} (until {stamp(window.until)})",
                result=result,
                prev="",
                hash="",
                service=window.service or "",
                action=ACTION,
                is_demo=self._inventory.is_demo,
                plan=f"{ACTION}-{window.id}",
                uid=who.uid,
                login_uid=who.login_uid,
                claimed_origin=who.claimed,
            )
        )

    # -- what follows from them ---------------------------------------------------------------------

    def _apply(self) -> None:
        by_node: dict[NodeName, list[Window]] = {}
        for window in self.windows:
            by_node.setdefault(window.node, []).append(window)
        for name, node in self._store.snapshot().nodes.items():
            planned = planned_of(by_node.get(name, ()))
            if planned != node.planned:
                self._store.update(name, lambda known, planned=planned: rate(replace(known, planned=planned)))  # type: ignore[misc]

    def _event(self, window: Window, word: str, detail: str) -> None:
        service = f" of {visible_line(window.service, 100)}" if window.service else ""
        text = f"maintenance{service} on {visible_line(window.node, 100)} {word}: {detail}"
        short = f"maintenance{service} {word}"
        source = f"{window.service or ''}:{word}"
        wall = self._clock.wall()
        self._events.add(
            Event(wall, window.node, KIND, Severity.OK, text, source=source, short=short, detail=detail, is_cause=True)
        )

    def _told(self, windows: Sequence[Window], word: str) -> None:
        for window in windows:
            self._event(window, word, window.reason)

    def _tell(self, text: str) -> None:
        if text != self._problem:
            self._problem = text
            self._events.add(Event(self._clock.wall(), None, KIND, Severity.WARNING, visible_line(text, 300)))


def _mark(file: Path) -> object:
    try:
        info = file.stat()
    except OSError:
        return None
    return info.st_mtime_ns, info.st_ino, info.st_size


def _read(file: Path) -> tuple[Window, ...]:
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise AenError(f"{file} cannot be read: {error.strerror}") from error
    with os.fdopen(opened, "rb") as reading:
        info = os.fstat(reading.fileno())
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid() or info.st_size > _LIMIT_BYTES:
            raise AenError(f"{file} is no file that this user's program wrote")
        try:
            written = msgspec.json.decode(reading.read(_LIMIT_BYTES), type=_Written)
        except (msgspec.DecodeError, OSError) as error:
            raise AenError(f"{file} is broken: {error}", hint="move it away") from error
    if written.version != 1:
        raise AenError(f"{file} was written by another version ({written.version})")
    return tuple(replace(one, reason=visible_line(one.reason, REASON_CHARACTERS)) for one in written.windows)


def _write(file: Path, windows: Sequence[Window]) -> None:
    data = msgspec.json.encode({"version": 1, "windows": [asdict(one) for one in windows]})
    try:
        write_private(file, data)
    except OSError as error:
        raise AenError(f"{file} cannot be written: {error.strerror}") from error


@contextmanager
def _locked(file: Path | None) -> Iterator[None]:
    """One program at a time."""
    if file is None:
        yield
        return
    try:
        make_private_folder(file.parent)
        lock = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise AenError(f"{file} cannot be locked: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

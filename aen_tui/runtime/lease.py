"""Leases between the operators of one jump host: who is working on a group or a node, since when, and nobody else.

A file a group in `[actions] lease_dir`, held by flock: the kernel lets go when its process dies, so a record that is
still in a file nobody locks is a dead process's, and is taken over with a note. A file is never removed:
that would let two hold one lease. No link is followed, in the folder's name or in a file's.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import re
import stat
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aen_tui.errors import PlanRefusedError
from aen_tui.model.clock import Clock, SystemClock
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role
from aen_tui.model.text import visible_line

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_PREFIX, _SUFFIX = "lease.", ".json"
_MODE = 0o660
_READ_BYTES = 4096
_TRIES, _TRY_SECONDS = 3, 0.005
"""A colleague who only looks locks the file for an instant."""
_NODE = "node:"
FRONT = "the gateways and the server"
"""One group over data centers: never two gateways at once, nor the server and a gateway, in whose jobs they may be."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease; every word is the holder's own."""

    user: str
    pid: int
    since: float
    """Epoch seconds."""
    group: str
    """A data center, `server`, `FRONT`, or `node:NAME`."""
    plan_id: str
    what: str
    """What is being done and how far it is: `rolling restart 12/50`; often empty."""

    @property
    def is_group(self) -> bool:
        """Whether it is more than one node's."""
        return not self.group.startswith(_NODE)

    @property
    def is_front(self) -> bool:
        """Whether it is the one over the gateways and the server, held beside others or for a step on one of them."""
        return self.group == FRONT

    def words(self) -> str:
        """`alice holds east since 14:02:07 (pid 71): rolling restart 12/50`."""
        clock = time.strftime("%H:%M:%S", time.localtime(self.since))
        tail = f": {self.what}" if self.what else ""
        return visible_line(
            f"{self.user} holds {self.group.removeprefix(_NODE)} since {clock} (pid {self.pid}){tail}", 300
        )


@dataclass(slots=True)
class Held:
    """A lease while it is held."""

    group: str
    is_real: bool
    """False where there is no lease folder: nothing keeps others away."""
    note: str = ""
    """`NO LEASE: …` or `taken over from …`; empty where there is nothing to say."""
    _file: int = -1
    _fields: dict[str, Any] = field(default_factory=dict)

    def say(self, what: str) -> None:
        """Tell the others how far it is."""
        if self.is_real:
            self._fields["what"] = what
            _put(self._file, self._fields)


def no_lease(inventory: Inventory) -> str | None:
    """Why there are no leases here, `NO LEASE: …`; None where there are."""
    folder = inventory.actions.lease_dir
    try:
        with open_folder(folder) as at:
            if not os.access(".", os.W_OK | os.X_OK, dir_fd=at):
                return f"NO LEASE: {folder} may not be written by this user"
    except FileNotFoundError:
        return f"NO LEASE: {folder} is not there"
    except OSError as error:
        return f"NO LEASE: {folder}: {error.strerror or error}"
    return None


@contextmanager
def open_folder(folder: Path) -> Iterator[int]:
    """The lease folder, to open names in.

    Raises:
        OSError: it is not there, is a link, may be written by everybody, or belongs to neither root nor this user.
    """
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        info = os.fstat(at)
        if info.st_mode & stat.S_IWOTH:
            raise PermissionError(0, "everybody may write it")
        if info.st_uid not in (0, os.geteuid()) and not info.st_mode & stat.S_IWGRP:
            raise PermissionError(0, "it is another user's")
        yield at
    finally:
        os.close(at)


@contextmanager
def lease(
    inventory: Inventory, group: str, who: str, plan_id: str, *, what: str = "", clock: Clock | None = None
) -> Iterator[Held]:
    """Hold a group (a data center's name, `server`) or a node (`node:NAME`) while the block runs.

    Blocks for some milliseconds at most on a local disk; in a thread where the folder may be on a network.

    Raises:
        PlanRefusedError: somebody holds it; names them and since when.
    """
    if (why := no_lease(inventory)) is not None:
        yield Held(group, is_real=False, note=why)
        return
    try:
        file = _open(inventory, group)
    except OSError as error:
        why = f"NO LEASE: {inventory.actions.lease_dir}/{_name(inventory, group)}: {error.strerror or error}"
        yield Held(group, is_real=False, note=why)
        return
    try:
        _lock(file, group)
        before = _holder(file)
        note = f"taken over: {before.words()}, but that process is gone" if before is not None else ""
        fields = {
            "user": who,
            "pid": os.getpid(),
            "since": (clock or SystemClock()).wall(),
            "installation": inventory.name,
            "group": group,
            "plan": plan_id,
            "what": what,
        }
        try:
            _put(file, fields)
        except OSError as error:  # it is held all the same, by whom is not to be read
            os.ftruncate(file, 0)
            what = f"others cannot read who holds {group.removeprefix(_NODE)}: {error.strerror or error}"
            note = "; ".join(filter(None, (note, what)))
        try:
            yield Held(group, is_real=True, note=note, _file=file, _fields=fields)
        finally:
            os.ftruncate(file, 0)
    finally:
        os.close(file)


@asynccontextmanager
async def leases(
    inventory: Inventory, groups: Sequence[str], who: str, plan_id: str, *, what: str = ""
) -> AsyncIterator[tuple[Held, ...]]:
    """`lease` for several groups, all or none, in one order for everybody; off the loop.

    Raises:
        PlanRefusedError: one of them is held; then none is.
    """

    def enter() -> tuple[ExitStack, tuple[Held, ...]]:
        with ExitStack() as stack:
            wanted = sorted(set(groups))
            held = tuple(stack.enter_context(lease(inventory, one, who, plan_id, what=what)) for one in wanted)
            return stack.pop_all(), held

    entering = asyncio.get_running_loop().run_in_executor(None, enter)
    try:
        stack, held = await asyncio.shield(entering)
    except asyncio.CancelledError:
        entering.add_done_callback(_let_go)
        raise
    with stack:
        yield held


def _let_go(entered: asyncio.Future[tuple[ExitStack, tuple[Held, ...]]]) -> None:
    """Whoever wanted the leases is gone before they came."""
    if entered.exception() is None:
        entered.result()[0].close()


def groups_of(inventory: Inventory, nodes: Sequence[NodeName]) -> tuple[str, ...]:
    """The groups that a rolling job over these nodes needs: their data centers, `server` for what is in none, `FRONT`.

    Two jobs that share a node share a group, however their targets were written.
    """
    found = (inventory.nodes[node].data_center or "server" for node in nodes)
    return tuple(dict.fromkeys((*found, *_front(inventory, nodes))))


def plan_groups(inventory: Inventory, nodes: Sequence[NodeName]) -> tuple[str, ...]:
    """What every plan holds while it works on these nodes: each of them, and `FRONT` where it is one of those."""
    return tuple(dict.fromkeys((*map(node_group, nodes), *_front(inventory, nodes))))


def _front(inventory: Inventory, nodes: Sequence[NodeName]) -> tuple[str, ...]:
    roles = {role for node in nodes for role in inventory.nodes[node].roles}
    return (FRONT,) if roles & {Role.GATEWAY, Role.SERVER} else ()


def node_group(node: NodeName) -> str:
    """The lease of one node."""
    return f"{_NODE}{node}"


def holders(inventory: Inventory) -> list[Holder]:
    """Who holds what of this installation now; this process too. Nothing where there are no leases."""
    found: list[Holder] = []
    prefix = f"{_PREFIX}{_slug(inventory.name)}."
    try:
        with open_folder(inventory.actions.lease_dir) as at:
            with os.scandir(at) as entries:
                names = sorted(one.name for one in entries)
            ours = (name for name in names if name.startswith(prefix) and name.endswith(_SUFFIX))
            found.extend(one for name in ours if (one := _held_by(at, name)) is not None)
    except OSError:
        return found
    return found


def _held_by(at: int, name: str) -> Holder | None:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=at)
    except OSError:
        return None
    try:
        holder = _holder(file)
        if holder is None:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return holder
        return None  # its process is gone
    finally:
        os.close(file)


def _open(inventory: Inventory, group: str) -> int:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open_folder(inventory.actions.lease_dir) as at:
        name = _name(inventory, group)
        try:
            # without O_CREAT first: the kernel refuses that on another's file in a sticky folder
            file = os.open(name, flags, dir_fd=at)
        except FileNotFoundError:
            file = os.open(name, flags | os.O_CREAT, _MODE, dir_fd=at)
    info = os.fstat(file)
    if not stat.S_ISREG(info.st_mode) or info.st_nlink != 1:
        os.close(file)
        raise PermissionError(0, "it is not a file of its own")
    if info.st_uid == os.geteuid() and stat.S_IMODE(info.st_mode) != _MODE:
        os.fchmod(file, _MODE)  # whatever the umask
    return file


def _lock(file: int, group: str) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_TRY_SECONDS)
        else:
            return
    holder = _holder(file)
    what = holder.words() if holder is not None else f"somebody holds {visible_line(group.removeprefix(_NODE))}"
    raise PlanRefusedError(what, hint="wait until it has ended, or talk to them")


def _holder(file: int) -> Holder | None:
    """The record in a lease file; None where it is empty, or no record."""
    data = os.pread(file, _READ_BYTES, 0)
    try:
        fields = json.loads(data)
        return Holder(
            user=visible_line(str(fields["user"]), 60),
            pid=int(fields["pid"]),
            since=float(fields["since"]),
            group=visible_line(str(fields["group"]), 100),
            plan_id=visible_line(str(fields.get("plan", "")), 60),
            what=visible_line(str(fields.get("what", "")), 100),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _put(file: int, fields: dict[str, Any]) -> None:
    data = json.dumps(fields).encode("ascii")
    os.pwrite(file, data, 0)
    os.ftruncate(file, len(data))


def _name(inventory: Inventory, group: str) -> str:
    return f"{_PREFIX}{_slug(inventory.name)}.{_slug(group)}{_SUFFIX}"


def _slug(text: str) -> str:
    """A file name of its own for each text."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_NOT_IN_A_NAME.sub('_', text)[:40].replace('.', '_')}-{digest}"

"""`:usage TARGET`: one walk a filesystem, of the idle class on its node; goes on without a screen, can be cancelled."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from aen_tui.config.paths import state_folder, write_private
from aen_tui.errors import AenError, ProbeError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.usage import DeletedFile, LargeFile, PartUse, Place, Remembered, UserQuota, WalkProgress, WalkTotal
from aen_tui.runtime.errands import Asks, Errand, first_row
from aen_tui.runtime.hung_mounts import hung_mount
from aen_tui.sources import usage

AT_ONCE = 8


@dataclass(slots=True, eq=False)
class FilesystemUse:
    """What is known so far of one filesystem, from one node."""

    node: NodeName
    place: Place
    shared_with: list[NodeName] = field(default_factory=list)
    """Nodes that have the same one: it is walked once."""
    state: str = "waiting"
    """waiting | walking | done | cancelled | failed."""
    quotas: list[UserQuota] = field(default_factory=list)
    quota_error: str | None = None
    deleted: list[DeletedFile] = field(default_factory=list)
    unread: int = 0
    """Processes whose open files may not be seen."""
    new: list[LargeFile] = field(default_factory=list)
    big: list[LargeFile] = field(default_factory=list)
    parts: list[PartUse] = field(default_factory=list)
    progress: WalkProgress | None = None
    total: WalkTotal | None = None
    errors: list[str] = field(default_factory=list)
    before: Remembered | None = None
    """The last walk of the same place."""

    @property
    def ranked(self) -> list[PartUse]:
        """The largest first."""
        return sorted(self.parts, key=lambda part: -part.bytes)

    def grown(self, part: PartUse) -> int | None:
        """Bytes more than at the last walk; None where there was none."""
        return None if self.before is None else part.bytes - self.before.parts.get(part.part, 0)


class UsageJob:
    """One walk over some filesystems. `revision` grows with every change of what it says."""

    def __init__(self, wanted: Sequence[tuple[NodeName, str]], desk: Usages) -> None:
        self.wanted = tuple(wanted)
        """(node, path)."""
        self.filesystems: list[FilesystemUse] = []
        self.failed: dict[NodeName, str] = {}
        """Nodes of which nothing is known, and why."""
        self.revision = 0
        self.is_over = False
        self.was_cancelled = False
        self._desk = desk
        self._task: asyncio.Task[Any] | None = None

    def cancel(self) -> None:
        """End it, on the nodes too; what was found stays."""
        if self._task is not None and not self.is_over:
            self.was_cancelled = True
            self._task.cancel()

    async def run(self) -> None:
        """Find out which filesystems there are, then walk each once."""
        self._task = asyncio.current_task()
        try:
            await self._find()
            limit = asyncio.Semaphore(AT_ONCE)
            async with asyncio.TaskGroup() as group:
                for one in self.filesystems:
                    group.create_task(self._one(one, limit))
        finally:
            for one in self.filesystems:
                if one.state in ("waiting", "walking"):
                    one.state = "cancelled"
            self.is_over = True
            self.revision += 1

    async def _find(self) -> None:
        places: dict[tuple[NodeName, str], Place] = {}

        async def ask(name: NodeName, path: str) -> None:
            try:
                places[name, path] = await self._desk.place(name, path)
            except AenError as error:
                self.failed[name] = error.message
            self.revision += 1

        async with asyncio.TaskGroup() as group:
            for name, path in self.wanted:
                group.create_task(ask(name, path))
        known: dict[object, FilesystemUse] = {}
        for name, path in self.wanted:
            place = places.get((name, path))
            if place is None:
                continue
            if place.error is not None:
                self.failed[name] = f"{path}: {place.error}"
                continue
            key = (place.source, path) if place.is_shared else (name, place.device, path)
            if key in known:
                known[key].shared_with.append(name)
            else:
                known[key] = FilesystemUse(name, place)
        self.filesystems = list(known.values())
        self.revision += 1

    async def _one(self, use: FilesystemUse, limit: asyncio.Semaphore) -> None:
        async with limit:
            use.before = await self._desk.remembered(use)
            await self._instant(use, ())
            use.state = "walking"
            self.revision += 1
            try:
                await self._desk.walk(use, lambda row: self._take(use, row))
                if use.total is None:
                    raise ProbeError("the walk ended without a word", node=use.node)
                use.state = "done"
            except AenError as error:
                use.errors.append(error.message)
                use.state = "failed"
            self.revision += 1
            if use.state == "done" and use.total is not None:
                await self._desk.remember(use)
                if use.total.uids:
                    await self._instant(use, use.total.uids)

    async def _instant(self, use: FilesystemUse, owners: Sequence[int]) -> None:
        use.quotas, use.deleted, use.quota_error = [], [], None
        try:
            await self._desk.instant(use, owners, lambda row: self._take(use, row))
        except AenError as error:
            use.errors.append(error.message)
        self.revision += 1

    def _take(self, use: FilesystemUse, row: usage.Row) -> None:
        self.revision += 1
        match row:
            case UserQuota():
                use.quotas.append(row)
            case DeletedFile():
                use.deleted.append(row)
            case PartUse():
                use.parts.append(row)
            case WalkProgress():
                use.progress = row
            case WalkTotal():
                use.total = row
            case str():
                use.quota_error = row
            case int():
                use.unread = row
            case (word, file):
                (use.new if word == "new" else use.big).append(file)


class Usages:
    """Starts walks and remembers what they said.

    Args:
        inventory: whose nodes.
        snapshot: the state of the moment.
        clock: for when a walk was.
        ask: `Runtime.errand`.
        spawn: runs a task in the runtime's own group.
        folder: where the last walks are kept; not at all where None.
    """

    def __init__(
        self,
        inventory: Inventory,
        *,
        snapshot: Callable[[], ClusterState],
        clock: Clock,
        ask: Asks,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        folder: Path | None,
    ) -> None:
        self.last: UsageJob | None = None
        """The job that was begun last."""
        self._inventory = inventory
        self._snapshot = snapshot
        self._clock = clock
        self._ask = ask
        self._spawn = spawn
        self._folder = folder
        self._known: dict[str, Remembered] = {}

    def start(self, wanted: Sequence[tuple[NodeName, str]]) -> UsageJob:
        """Begin a walk; the one before is cancelled, as a node does two errands at a time."""
        if self.last is not None:
            self.last.cancel()
        self.last = UsageJob(wanted, self)
        self._spawn(self.last.run())
        return self.last

    async def place(self, name: NodeName, path: str) -> Place:
        """Which filesystem a path is on.

        Raises:
            AenError: the node is away, its mount hangs, or it did not answer.
        """
        node = self._snapshot().nodes[name]
        if node.connection.state is not LinkState.UP:
            raise ProbeError(f"the node is {node.connection.state.value}", node=name)
        if (hung := hung_mount(node, path)) is not None:
            raise ProbeError(hung, node=name)
        order, seconds = usage.request_place(node.spec, path), usage.PLACE_SECONDS
        found = await first_row(self._ask, name, usage.ERRAND, order, usage.decode_place, seconds=seconds)
        if found is None:
            raise ProbeError("the errand usage said nothing", node=name)
        return found

    async def instant(self, use: FilesystemUse, owners: Sequence[int], take: Callable[[usage.Row], None]) -> None:
        """Quotas and deleted files, under sudo where there is a probe.

        Raises:
            AenError: the node is away, or did not answer.
        """
        order, seconds = usage.request_instant(use.place.path, owners), usage.INSTANT_SECONDS
        await self._ask(
            use.node, Errand(usage.ERRAND, order, row=usage.decode, take=take, seconds=seconds, raised=True)
        )

    async def walk(self, use: FilesystemUse, take: Callable[[usage.Row], None]) -> None:
        """The walk, as the login user.

        Raises:
            AenError: the node is away, or it took more than four hours.
        """
        await self._ask(
            use.node,
            Errand(
                usage.ERRAND,
                usage.request_walk(self._inventory.nodes[use.node], use.place.path),
                row=usage.decode,
                take=take,
                seconds=usage.WALK_SECONDS,
                most_bytes=usage.WALK_BYTES,
            ),
        )

    # -- the last walk -----------------------------------------------------------------------------

    def _key(self, use: FilesystemUse) -> str:
        where = use.place.source if use.place.is_shared else use.node
        return hashlib.sha256(f"{self._inventory.name}\0{where}\0{use.place.path}".encode()).hexdigest()[:32]

    async def remembered(self, use: FilesystemUse) -> Remembered | None:
        """What the last walk of the same place said."""
        key = self._key(use)
        if key not in self._known and self._folder is not None:
            found = await asyncio.to_thread(_read, self._folder / f"{key}.json")
            if found is not None:
                self._known[key] = found
        return self._known.get(key)

    async def remember(self, use: FilesystemUse) -> None:
        """Keep what a walk said, for the next."""
        assert use.total is not None
        parts = {part.part: part.bytes for part in use.parts}
        known = Remembered(self._clock.wall(), use.total.bytes, use.total.files, parts)
        self._known[self._key(use)] = known
        if self._folder is not None:
            with suppress(OSError):
                await asyncio.to_thread(_write, self._folder / f"{self._key(use)}.json", known)


def usage_folder() -> Path:
    """Where the last walks are kept."""
    return state_folder() / "usage"


def _read(file: Path) -> Remembered | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Remembered)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _write(file: Path, known: Remembered) -> None:
    write_private(file, msgspec.json.encode(known), synced=False)

"""One node, watched for ever: connect, start the probe, take its frames, notice its loss, try again."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from aen_tui.checks import rate
from aen_tui.errors import AenError, ConnectionLostError, DeadlineError, JumpError, ProbeError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import HttpState, LinkState, LogPath, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.logs import Cursor, LogKey
from aen_tui.model.node import NodeName, NodeSpec
from aen_tui.runtime.backoff import Backoff
from aen_tui.runtime.discovered_logs import discovered_logs
from aen_tui.runtime.errands import Errand
from aen_tui.runtime.history import Older
from aen_tui.runtime.log_sources import place_refusal
from aen_tui.runtime.own_growth import GROWTH_WORDS
from aen_tui.runtime.probe_config import start_config
from aen_tui.runtime.raised import LOOK_AGAIN_SECONDS, RaisedProbe, Recorded
from aen_tui.runtime.received import Received
from aen_tui.runtime.together import Arrival, Together
from aen_tui.sources import log_files
from aen_tui.state.store import Store
from aen_tui.transports import Link
from aen_tui.transports.shipping import ProbeChannel, start_probe

HEARTBEAT_SECONDS = 5.0
"""The probe leaves 15 s after the last one. Each costs up to six ssh packets through a gateway (asyncssh puts an
ignored one before every packet): every 3 s, 53 nodes took an eighth of all that is spent here when idle."""
SILENCE_SECONDS = 8.0
"""No frame for so long (or two intervals and a bit) means lost: seen within 10 s."""
PROBE_START_SECONDS = 20.0


class Pool(Protocol):
    """Where links come from (transports/pool.py)."""

    async def connect(self, node: NodeSpec, on_phase: Callable[[str], None]) -> Link:
        """The node's one shared connection."""
        ...

    def via(self, node: NodeName) -> NodeName | None:
        """The node whose connection carries it."""
        ...

    async def wait_via_up(self, node: NodeName) -> None:
        """Return when what carries the node is up."""
        ...


class NodeWatch:
    """Keeps what is known of one node true."""

    def __init__(
        self,
        spec: NodeSpec,
        received: Received,
        *,
        inventory: Inventory,
        pool: Pool,
        store: Store,
        clock: Clock,
        together: Together,
        recorded: Recorded | None = None,
    ) -> None:
        self.spec = spec
        self.received = received
        self.link: Link | None = None
        """The open connection; None while there is none."""
        self.told_logs: Sequence[LogPath] | None = None
        """Those that its own configuration tells of, as it was when that connection was made; None: not read yet."""
        self._inventory = inventory
        self._pool = pool
        self._store = store
        self._clock = clock
        self._probe: ProbeChannel | None = None
        self._retry = asyncio.Event()
        self._lost: asyncio.Future[AenError] | None = None
        self._backoff = Backoff()
        self._raised = RaisedProbe(spec, received, self._note, recorded)
        self._next_number = 1
        self._paused = False
        self._was_up = False
        self._together = together
        self._held: list[tuple[bytes, Arrival]] = []
        """Samples that wait for those of other nodes, as they came."""
        self._is_poked = False
        """Whether somebody waits for the next sample."""
        for path in received.log_kinds:
            self._number(path)

    def follow(self, path: LogPath, tail_bytes: int = log_files.TAIL_BYTES) -> None:
        """Follow a file from now on; idempotent. One that may not be read is not followed."""
        if path in self.received.paths.values() or self._may_not_read(path) is not None:
            return
        number = self._number(path)
        if self._probe is not None:
            request = log_files.follow_request(number, path, self.received.cursors.get(path), tail_bytes)
            self._probe.send({"op": "follow", **request})

    def _may_not_read(self, path: str) -> str | None:
        return place_refusal(LogKey(self.spec.name, LogPath(path)), self._inventory)

    async def older(self, path: LogPath, before: Cursor | None, size: int, since: float | None) -> Older:
        """Older bytes of a followed file.

        Raises:
            AenError: the node is away, or did not answer in time.
        """
        number = next((number for number, known in self.received.paths.items() if known == path), None)
        probe = self._probe if number is None else self._raised.carries(number) or self._probe
        if number is None or probe is None:
            raise ConnectionLostError("the node is not up", node=self.spec.name)
        return await self.received.older.read(probe.send, number, before, size, since)

    async def errand(self, errand: Errand[Any]) -> bool:
        """Have the node do an errand (runtime/errands.py); whether it was done under sudo.

        Raises:
            AenError: it failed, or the node is away.
        """
        for path in errand.order.get("logs", ()):
            if (why := self._may_not_read(path)) is not None:
                raise ProbeError(why, node=self.spec.name)
        under_sudo = self._raised.running if errand.raised else None
        probe = under_sudo or self._probe
        if probe is None:
            raise ConnectionLostError("the node is not up", node=self.spec.name)
        await self.received.errands.run(probe.send, replace(errand, raised=under_sudo is not None))
        return under_sudo is not None

    def poke(self) -> None:
        """Ask for a sample now; a wish: a probe that is being lost is noticed where it is awaited."""
        self._is_poked = True
        if self._probe is not None:
            with suppress(ConnectionLostError):
                self._probe.send({"op": "poke"})
            with suppress(ConnectionLostError):
                self._raised.poke()

    def retry_now(self) -> None:
        """Do not wait for the next try."""
        self._retry.set()

    def hold(self, paused: bool) -> None:
        """Stop or go on taking from the probe: a reader here is slower than the log."""
        self._paused = paused
        if self._probe is not None:
            (self._probe.pause if paused else self._probe.resume)()
        self._raised.hold(paused)

    def _number(self, path: LogPath) -> int:
        number = self._next_number
        self._next_number += 1
        self.received.paths[number] = path
        return number

    async def run(self) -> None:
        """Try for ever; every failure becomes state."""
        while True:
            error: AenError
            try:
                await self._once()
                error = ConnectionLostError("the connection was closed", node=self.spec.name)
            except AenError as caught:
                error = caught
            finally:
                self._close()
            await self._wait(error)

    def _note(self, text: str) -> None:
        notes = self._store.node(self.spec.name).connection.notes
        self._set(notes=(*(note for note in notes if note != text), text))

    def note_growth(self, notes: tuple[str, ...]) -> None:
        """Which logs grow because they are watched, in place of what was said of it before."""
        before = self._store.node(self.spec.name).connection.notes
        kept = tuple(note for note in before if GROWTH_WORDS not in note)
        if (*kept, *notes) != before:
            self._set(notes=(*kept, *notes))

    def _close(self) -> None:
        self._raised.close()
        self._held.clear()
        if self._probe is not None:
            self._probe.close()
            self._probe = None
        self.received.lost()
        self.link = None

    async def _once(self) -> None:
        self._set(state=self._trying(), phase="connect", next_try_at=None)
        self.link = await self._pool.connect(self.spec, lambda phase: self._set(phase=phase))
        self._set(phase="probe", peer=self.link.peer, user=self.link.user, via=self._pool.via(self.spec.name))
        for note in self.link.notes:
            self._note(note)
        self.received.reset()
        self.received.awaited_logs = None
        self._lost = asyncio.get_running_loop().create_future()
        self.received.last_frame_at = self._clock.monotonic()
        self.received.is_raising = self._raised.is_allowed
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(self._read_configuration(self.link))]
            error: AenError
            try:
                self._probe = await self._start(self.link)
                beside.append(group.create_task(self._raise(self.link, self._probe)))
                error = await self._beat(self._lost, self._probe)
            except AenError as caught:
                error = caught
            finally:
                for task in beside:
                    task.cancel()
        raise error

    async def _start(self, link: Link) -> ProbeChannel:
        """The node's probe, following all that was wanted by the time it has started."""
        config = start_config(self.spec, self.received, self._inventory, session=secrets.token_hex(8))
        seconds = PROBE_START_SECONDS + self._inventory.ssh.connect_timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                probe = await start_probe(link, self.spec, self._frame, self._gone, config=config)
        except TimeoutError:
            raise DeadlineError(f"the probe did not start within {seconds:g} s", node=self.spec.name) from None
        started = {entry["id"] for entry in config["follow"]}
        for number, path in self.received.paths.items():
            if number not in started:  # wanted while the probe was on its way
                request = log_files.follow_request(number, path, self.received.cursors.get(path))
                probe.send({"op": "follow", **request})
        if self._paused:
            probe.pause()
        return probe

    async def _read_configuration(self, link: Link) -> None:
        """Beside the probe's start, which a file on a mount that hangs would hold up."""
        told = await discovered_logs(link, self.spec)
        if told is None:  # what an earlier connection has told still holds
            told = self.told_logs or []
        self.told_logs = told
        with suppress(ConnectionLostError):  # of the probe, whose loss is noticed where it is awaited
            for path in told:
                self.follow(path)
        self.received.await_logs([path for path in told if path in self.received.paths.values()])

    async def _raise(self, link: Link, probe: ProbeChannel) -> None:
        """A second probe under sudo, once the first has said what it may not see."""
        if not self._raised.is_allowed:
            return
        await self._store.wait_for_node(self.spec.name, lambda _node: self.received.sections.services() is not None)
        with suppress(ConnectionLostError):  # of the first probe, whose loss is noticed where it is awaited
            while self._raised.is_allowed:
                wanted = self._raised.wanted()
                if wanted is not None:
                    config = start_config(self.spec, self.received, self._inventory, session=secrets.token_hex(8))
                    config.update(wanted, owner=config["owner"] + "-sudo", http=[], services=[], mounts=[], ports=[])
                    await self._raised.run(link, config, lambda number: probe.send({"op": "unfollow", "id": number}))
                    for request in self._raised.given_back():
                        probe.send({"op": "follow", **request})
                self.received.not_raised()
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _beat(self, lost: asyncio.Future[AenError], probe: ProbeChannel) -> AenError:
        """Send heartbeats until the probe is gone or silent; why."""
        silence = max(SILENCE_SECONDS, 2 * self.spec.interval_seconds + 4)
        next_beat = 0.0
        while True:
            due = min(next_beat, self.received.last_frame_at + silence)
            await asyncio.wait([lost], timeout=max(0.1, due - self._clock.monotonic()))
            if lost.done():
                return lost.result()
            now = self._clock.monotonic()
            if self._paused:
                self.received.last_frame_at = now
            quiet = now - self.received.last_frame_at
            if quiet > silence:
                hint = "the network or the node is stuck"
                return ConnectionLostError(f"no word for {quiet:.0f} s", node=self.spec.name, hint=hint)
            if now < next_beat:
                continue
            next_beat = now + HEARTBEAT_SECONDS
            probe.heartbeat()
            self._raised.heartbeat()

    def _frame(self, kind: str, payload: bytes | memoryview) -> None:
        """Take a frame at once; a sample that nobody waits for, together with those of others."""
        node = self._store.node(self.spec.name)
        if kind == "S" and node.complete and node.connection.state is LinkState.UP and not self._is_poked:
            if not self._held:
                self._together.put_off(self._take_held)
            self._held.append((bytes(payload), Arrival.now(self._clock)))
            return
        self._take_held()
        if kind == "S":
            self._is_poked = False
        self._take(kind, payload)

    def _take_held(self) -> None:
        held, self._held = self._held, []
        for payload, at in held:
            self._take("S", payload, at)

    def _take(self, kind: str, payload: bytes | memoryview, at: Arrival | None = None) -> None:
        first = self._store.node(self.spec.name).connection.state is not LinkState.UP
        try:
            self.received.frame(kind, payload, at=at)
        except ProbeError as error:
            self._fail(error)
            return
        if first and kind == "S":
            self._was_up = True
            self._backoff.reset()

    def _gone(self, reason: str | None) -> None:
        failure = self._probe.failure if self._probe is not None else None
        self._fail(failure or ConnectionLostError(reason or "the probe ended", node=self.spec.name))

    def _fail(self, error: AenError) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error)

    def _trying(self) -> LinkState:
        """A node that was up stays stale while it is tried again; the cause of one that never was stays too."""
        return self._store.node(self.spec.name).connection.state

    async def _wait(self, error: AenError) -> None:
        delay = self._backoff.next_seconds()
        node = self._store.node(self.spec.name)
        state = LinkState.STALE if self._was_up else LinkState(_state_of(error))
        changed = state is not node.connection.state
        self._set(
            state=state,
            since=self._clock.wall() if changed else node.connection.since,
            error=error.message,
            hint=error.hint,
            phase=None,
            next_try_at=self._clock.monotonic() + delay,
        )
        self._explain_unasked()
        self._retry.clear()
        async with asyncio.TaskGroup() as group:
            reasons: set[asyncio.Task[object]] = {group.create_task(self._retry.wait())}
            if isinstance(error, JumpError):
                reasons.add(group.create_task(self._pool.wait_via_up(self.spec.name)))
            await asyncio.wait(reasons, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
            for reason in reasons:
                reason.cancel()

    def _explain_unasked(self) -> None:
        """What this node asks for others is not known while it is away."""
        reason = f"{self.spec.name}, which asks it, is not up"
        for name in {target.node for target in self.received.asked}:
            self._store.update(name, lambda node: replace(node, http=tuple(self._unasked(node, reason))))

    def _unasked(self, node: NodeState, reason: str) -> list[HttpState]:
        return [replace(one, error=reason) if one.asked_on == self.spec.name else one for one in node.http]

    def _set(self, **changes: object) -> None:
        def change(node: NodeState) -> NodeState:
            return rate(replace(node, connection=replace(node.connection, **changes)))  # type: ignore[arg-type]

        self._store.update(self.spec.name, change)


def _state_of(error: AenError) -> str:
    return str(getattr(error, "state", "probe")).replace("stale", "refused")

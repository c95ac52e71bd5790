"""Whether an act had its effect, judged by what is seen afterwards and by nothing else.

The probe sees; where it may not, the plan's own proof command is asked. What is judged stands in `runtime.proofs`;
`Verifier` feeds it, pokes the probe, asks and keeps the deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aen_tui.actions.resolve import SUPERVISOR
from aen_tui.actions.scene import find_service
from aen_tui.actions.supervised import HOLD_SECONDS
from aen_tui.errors import AenError, NoProcessError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState, NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Proof, Result, Step
from aen_tui.runtime.before_after import LookAtProcess
from aen_tui.runtime.proofs import watcher_of
from aen_tui.runtime.proofs.given_up import GivenUp
from aen_tui.runtime.proofs.observed import Observed
from aen_tui.runtime.proofs.watching import COMING, UNSEEN_SECONDS, Verdict, Watcher, words
from aen_tui.state.store import Store

VERIFY_SECONDS = 45.0
"""Longer than an interval of HTTP (10 s) and a daemon's way to its port."""
FAILED_SECONDS = 4.0
"""How long a state is looked for that says more of a failure that supervisor has already told."""
LISTEN_SECONDS = 150.0
"""For a store on its way to its port: a journal is replayed, a Java machine warms up."""
POKE_SECONDS = 1.0
ASK_SECONDS = 1.0
"""A proof command is run this often at most while the proof is awaited."""
SETTLE_ASK_SECONDS = 5.0
"""And this often while a plan waits for what it did to settle."""
TICK_SECONDS = 0.1
SAME_START_SECONDS = 2.0
"""A process of the same pid that began at another time is another one; a kernel's start times are rounded."""

Ask = Callable[[], Awaitable[tuple[ServiceState, ...]]]
"""Runs a step's proof command; the states it says, seen at the moment at which it was asked."""
Burst = Callable[[], Awaitable[str | None]]
"""Counts error lines since the act: what a burst of them is, in words; None where there is none."""


def proof_seconds(step: Step) -> float:
    """How long a step's proof is awaited: a longer startsecs than the ordinary one comes on top."""
    seconds = VERIFY_SECONDS if step.listens is None and step.store is None else LISTEN_SECONDS
    return seconds + max(0.0, step.hold_seconds - HOLD_SECONDS)


class Verifier:
    """Feeds watchers from the store until they know, or time is up.

    Args:
        store: where the probe's frames arrive.
        clock: deadlines are its monotonic seconds.
        poke: asks a node's probe for a sample now.
        look: looks at a process; None: none can be looked at.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        poke: Callable[[NodeName], None],
        look: LookAtProcess | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._poke = poke
        self._look = look

    async def verify(self, step: Step, *, acted_at: float, gave_up: bool = False, ask: Ask | None = None) -> Verdict:
        """Watch a step's node until its proof holds or fails, `proof_seconds` after the act at the latest.

        Args:
            step: what was done.
            acted_at: monotonic seconds at which its command returned.
            gave_up: supervisor itself said that it failed: what is seen only says how, and nothing makes it good.
            ask: what says the program's state instead of the probe.
        """
        watcher = GivenUp(step, acted_at) if gave_up else watcher_of(step, acted_at)
        seconds = FAILED_SECONDS if gave_up else proof_seconds(step)
        return await self._watched(step, watcher, acted_at + seconds, ask, is_told=gave_up)

    async def observe(
        self,
        step: Step,
        *,
        lost_at: float,
        seconds: float,
        ask: Ask | None = None,
        pid: int | None = None,
        has_words: bool = False,
    ) -> Verdict:
        """What became of a step that a lost link hid: seen once the link is back.

        Args:
            step: what was done, or was on its way.
            lost_at: monotonic seconds from which on it is looked for.
            seconds: how long it is looked for.
            ask: what says the program's state instead of the probe.
            pid: the new process, where it was seen before the link went; another one means that it died.
            has_words: whether the command itself had answered, so that it cannot still be at work.
        """
        watcher = Observed(step, lost_at, pid=pid, has_words=has_words)
        return await self._watched(step, watcher, self._clock.monotonic() + seconds, ask)

    async def _watched(
        self, step: Step, watcher: Watcher, deadline: float, ask: Ask | None, *, is_told: bool = False
    ) -> Verdict:
        poked_at = asked_at = looked_at = -max(POKE_SECONDS, ASK_SECONDS)
        asked: tuple[ServiceState, ...] | None = None
        while True:
            now = self._clock.monotonic()
            if ask is not None and (asked is None or now - asked_at >= ASK_SECONDS):
                asked_at, asked = now, await ask()
            node = self._store.node(step.target.node)
            if asked is not None:
                node = replace(node, services=asked)
            verdict = watcher.look(node, now)
            if verdict is not None and self._may_be_survived(step, verdict):
                if now < deadline and now - looked_at < POKE_SECONDS:
                    verdict = None
                else:
                    looked_at = now
                    left = await self._survivor(step)
                    verdict = verdict if left is None else left if now >= deadline else None
            if verdict is not None:
                return verdict
            if now >= deadline:
                late = watcher.too_late(node)
                return late if is_told or asked is not None else _as_of_now(late, node)
            if now - poked_at >= POKE_SECONDS:
                poked_at = now
                self._poke_all(step)
            await self._next(min(TICK_SECONDS, deadline - now))

    async def settle(
        self,
        step: Step,
        pid: int | None,
        seconds: float,
        *,
        is_current: Callable[[], bool],
        ask: Ask | None = None,
        burst: Burst | None = None,
    ) -> Verdict | None:
        """Watch on after the proof; what counts instead of it, or None where it held.

        It held where a look at the end of that time shows it so. What nobody could look at then is not known:
        the store keeps what it saw last when a link goes.

        Args:
            step: what was verified.
            pid: the pid that was verified; None after a stop.
            seconds: how long.
            is_current: False ends the watch: something else was done to the target.
            ask: what says the program's state instead of the probe; asked seldom, and at the end until it says one.
            burst: says whether the node's logs burst with errors; asked as seldom.
        """
        asked_at = self._clock.monotonic()
        end = asked_at + seconds
        poked_at = -POKE_SECONDS
        while is_current():
            now = self._clock.monotonic()
            node = self._store.node(step.target.node)
            is_over = now >= end
            pause = ASK_SECONDS if is_over else SETTLE_ASK_SECONDS
            is_due = now - asked_at >= pause or (is_over and asked_at < end)
            if is_due:
                asked_at = now
            if ask is not None:
                node = replace(node, services=await ask() if is_due else ())
            service = find_service(node, step.target)
            broken = _broken(step, pid, service) if service is not None else None
            if broken is None and burst is not None and is_due:
                broken = await burst()
            if broken is not None:
                return Verdict(Result.FAILED, pid, broken) if is_current() else None
            if is_over and (ask is None or is_due):
                unseen = _unseen(node, service, end)
                if unseen is None:
                    return None
                if node.connection.state is not LinkState.UP or now >= end + _silence(node):
                    return Verdict(Result.UNVERIFIED, pid, unseen)
                if now - poked_at >= POKE_SECONDS:
                    poked_at = now
                    self._poke_all(step)
            await self._next(TICK_SECONDS if is_over else min(TICK_SECONDS, end - now))
        return None

    def _may_be_survived(self, step: Step, verdict: Verdict) -> bool:
        """A script calls its service stopped once the pid file is gone; supervisor waits for the process itself."""
        is_stopped = step.proof is Proof.PID_GONE and verdict.result is Result.VERIFIED
        return is_stopped and step.target.manager != SUPERVISOR and step.before.pid is not None

    async def _survivor(self, step: Step) -> Verdict | None:
        """What is said where the process of before is still there, or nobody could look; None where it is gone."""
        pid = step.before.pid
        if self._look is None or pid is None:
            return None
        try:
            found = await self._look(step.target.node, pid)
        except NoProcessError:
            return None
        except AenError as error:
            return Verdict(
                Result.UNVERIFIED, None, f"whether pid {pid} is gone could not be looked at: {error.message}"
            )
        began, known = found.started_at, step.before.started_at
        if began is not None and known is not None and abs(began - known) > SAME_START_SECONDS:
            return None
        return Verdict(Result.FAILED, pid, f"it is called stopped, but its process {pid} is still there")

    def _poke_all(self, step: Step) -> None:
        self._poke(step.target.node)
        if step.asked_on is not None and step.asked_on != step.target.node:
            self._poke(step.asked_on)

    async def _next(self, seconds: float) -> None:
        """Wait for a change of the store, a tick at the longest."""
        revision = self._store.revision
        try:
            async with asyncio.timeout(max(0.01, seconds)):
                await self._store.wait_for(lambda state: state.revision != revision)
        except TimeoutError:
            return


def _as_of_now(late: Verdict, node: NodeState) -> Verdict:
    """What was seen last before the link went says nothing about what came after it."""
    if late.result is not Result.FAILED or node.connection.state is LinkState.UP:
        return late
    return Verdict(Result.UNVERIFIED, late.pid, f"{late.error}, as it was seen before the link went")


def _broken(step: Step, pid: int | None, service: ServiceState) -> str | None:
    if service.state == "unknown":
        return None
    if step.proof is Proof.PID_GONE:
        return f"it came back: {words(service)}" if service.state in COMING else None
    if service.state == "RUNNING" and service.pid == pid:
        return None
    if service.state == "RUNNING":
        return f"pid {pid} died, pid {service.pid} took its place"
    return f"pid {pid} died: {words(service)}"


def _unseen(node: NodeState, service: ServiceState | None, since: float) -> str | None:
    """Why nothing is known of a service from some moment on; None where it was seen."""
    link = node.connection
    if link.state is not LinkState.UP:
        return f"the link to {node.name} was lost: {link.error or link.state.value}"
    if service is None:
        return "the probe does not show it any more"
    if service.seen_at is None or service.seen_at < since:
        return "the probe has not shown it since"
    if service.state == "unknown":
        return f"its state may not be seen: {service.error or service.description or 'unknown'}"
    return None


def _silence(node: NodeState) -> float:
    """For how many seconds a frame is waited for: a node may be looked at seldom."""
    return max(UNSEEN_SECONDS, 2.0 * node.interval_seconds)

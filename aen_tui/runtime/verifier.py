"""Whether an act had its effect, judged by what is seen afterwards and by nothing else.

The probe sees; where it may not, the plan's own proof command is asked. Only what was seen after the command
returned counts. A watcher looks at one node's state at a time and knows no clock but the one at which each fact
was seen; `Verifier` feeds it, pokes the probe, asks and keeps the deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from aen_tui.actions.resolve import SUPERVISOR
from aen_tui.actions.scene import find_service
from aen_tui.actions.supervised import HOLD_SECONDS
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState, NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Proof, Result, Step
from aen_tui.state.store import Store

VERIFY_SECONDS = 45.0
"""Longer than an interval of HTTP (10 s) and a daemon's way to its port."""
FAILED_SECONDS = 4.0
"""How long a state is looked for that says more of a failure that supervisor has already told."""
UNSEEN_SECONDS = 12.0
"""How long a state that may not be seen is waited for."""
POKE_SECONDS = 1.0
ASK_SECONDS = 1.0
"""A proof command is run this often at most while the proof is awaited."""
SETTLE_ASK_SECONDS = 5.0
"""And this often while a plan waits for what it did to settle."""
TICK_SECONDS = 0.1
IN_FLIGHT_SECONDS = 0.3
"""A frame that was on its way when the command returned may still show what was before."""

SYSV_GRACE_SECONDS = 10.0
"""A daemon may write its pid file after its script has returned."""

Ask = Callable[[], Awaitable[ServiceState]]
"""Runs a step's proof command; the state it says, seen at the moment at which it was asked."""

_DEAD = frozenset({"BACKOFF", "FATAL", "EXITED", "STOPPED"})
_GONE = frozenset({"STOPPED", "EXITED", "FATAL", "absent"})
_COMING = frozenset({"RUNNING", "STARTING"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was seen."""

    result: Result
    pid: int | None = None
    """The pid after the act, where there is one."""
    error: str | None = None


class Watcher(Protocol):
    """Judges one step from the states of its node, in the order they come."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """The verdict, or None where it is too early."""
        ...

    def too_late(self, node: NodeState) -> Verdict:
        """The verdict when time is up."""
        ...


def watcher_of(step: Step, acted_at: float) -> Watcher:
    """The watcher for a step's proof: NEW_PID, PID_GONE or NEW_WORKERS (of which it judges the master)."""
    kinds: dict[Proof, Callable[[Step, float], Watcher]] = {
        Proof.NEW_PID: NewPid,
        Proof.PID_GONE: PidGone,
        Proof.NEW_WORKERS: SameMaster,
    }
    return kinds[step.proof](step, acted_at)


class _Watching:
    """What the watchers have in common."""

    def __init__(self, step: Step, acted_at: float) -> None:
        self.step = step
        self.acted_at = acted_at
        self.pid: int | None = None
        """The new pid, once it was seen."""

    def fresh(self, node: NodeState) -> ServiceState | None:
        """The service, where a frame since the act shows it."""
        service = find_service(node, self.step.target)
        if service is None or service.seen_at is None or service.seen_at <= self.acted_at:
            return None
        return service

    def is_settled(self, service: ServiceState, after: float = IN_FLIGHT_SECONDS) -> bool:
        """Whether the frame cannot have been on its way when the command returned."""
        return service.seen_at is not None and service.seen_at > self.acted_at + after

    def is_blind(self, service: ServiceState, now: float) -> bool:
        """Whether waiting for an unknown state is in vain: it was unknown before, or long enough."""
        was_blind = self.step.before.state == "unknown" and self.is_settled(service)
        return was_blind or now > self.acted_at + UNSEEN_SECONDS

    def unlisted(self, node: NodeState) -> Verdict | None:
        """Unverified at once, where the probe never listed the target and does not after the act either."""
        if self.step.before.seen_at is not None or find_service(node, self.step.target) is not None:
            return None
        shown = [service for service in node.services if service.supervisor == self.step.target.supervisor]
        if not any(self.is_settled(service) for service in shown):
            return None
        errors = dict.fromkeys(service.error for service in shown if service.error)
        return self.unverified("the probe does not show it" + "".join(f": {error}" for error in errors))

    def unseen(self, node: NodeState) -> Verdict | None:
        """Unverified, where nothing may be or was seen."""
        link = node.connection
        if link.state is not LinkState.UP:
            return self.unverified(f"the link to {node.name} was lost: {link.error or link.state.value}")
        service = self.fresh(node)
        if service is None:
            return self.unverified("the probe has not shown it since")
        if service.state == "unknown":
            return self.unverified(f"its state may not be seen: {service.error or service.description or 'unknown'}")
        return None

    def unverified(self, why: str) -> Verdict:
        return Verdict(Result.UNVERIFIED, self.pid, why)

    def failed(self, why: str, service: ServiceState) -> Verdict:
        return Verdict(Result.FAILED, service.pid, why)


class NewPid(_Watching):
    """A pid other than before, RUNNING for `hold_seconds` of frames, and its URL answers after it was seen."""

    def __init__(self, step: Step, acted_at: float) -> None:
        super().__init__(step, acted_at)
        self._running_since: float | None = None
        self._pid_seen_at = 0.0

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """Dead at any time is failed."""
        service = self.fresh(node)
        if service is None:
            return self.unlisted(node)
        if service.state == "unknown":
            return self.unseen(node) if self.is_blind(service, now) else None
        if service.state in _DEAD:
            grace = IN_FLIGHT_SECONDS if service.manager == SUPERVISOR else SYSV_GRACE_SECONDS
            return self.failed(_words(service), service) if self.pid or self.is_settled(service, grace) else None
        if service.pid is None or service.pid == self.step.before.pid:
            return None
        if self.pid is not None and service.pid != self.pid:
            return self.failed(f"pid {self.pid} died, pid {service.pid} took its place: {_words(service)}", service)
        if self.pid is None:
            self.pid, self._pid_seen_at = service.pid, service.seen_at or now
        return self._running(node, service)

    def _running(self, node: NodeState, service: ServiceState) -> Verdict | None:
        if service.state != "RUNNING" or service.seen_at is None:
            if self._running_since is not None:
                return self.failed(f"pid {self.pid} was RUNNING, now it is {_words(service)}", service)
            return None
        if self._running_since is None:
            self._running_since = service.seen_at
        has_held = service.seen_at - self._running_since >= self.step.hold_seconds
        if not has_held or self._silence(node) is not None:
            return None
        return self._not_known_before() or Verdict(Result.VERIFIED, self.pid)

    def _not_known_before(self) -> Verdict | None:
        """A pid may be the one from before where that could not be seen."""
        if self.step.action is ActionName.RESTART and self.step.before.state == "unknown":
            return self.unverified(f"pid {self.pid} is RUNNING; which it was before is not known")
        return None

    def _silence(self, node: NodeState) -> str | None:
        """Why the URL does not count as answering; None where it answers or none is wanted."""
        if self.step.answers is None:
            return None
        answer = next((answer for answer in node.http if answer.name == self.step.answers), None)
        if answer is None or answer.seen_at is None or answer.seen_at <= self._pid_seen_at:
            return f"{self.step.answers_url} was not asked since"
        if answer.status_code is None:
            return f"{answer.url} does not answer: {answer.error or 'nothing came'}"
        return None

    def too_late(self, node: NodeState) -> Verdict:
        """Unverified where it was not seen, failed where it was and is not so."""
        unseen = self.unseen(node)
        service = self.fresh(node)
        if unseen is not None or service is None:
            return unseen or self.unverified("the probe has not shown it since")
        if self.pid is None:
            if service.state in _COMING and service.pid is not None:
                return self.failed(f"pid {service.pid} is the same as before", service)
            return self.failed(_words(service), service)
        if self._running_since is None:
            return self.unverified(f"pid {self.pid} is still {service.state}")
        silence = self._silence(node)
        if silence is not None and "not asked" in silence:
            return self.unverified(f"pid {self.pid} is RUNNING; {silence}")
        if silence is not None:
            return self.failed(f"pid {self.pid} is RUNNING, but {silence}", service)
        return self.unverified(f"pid {self.pid} was not seen RUNNING for {self.step.hold_seconds:g} s")


class PidGone(_Watching):
    """No process any more."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """Gone counts at once; that it is still there only when time is up."""
        service = self.fresh(node)
        if service is None:
            return self.unlisted(node)
        if service.state == "unknown":
            return self.unseen(node) if self.is_blind(service, now) else None
        return Verdict(Result.VERIFIED) if service.state in _GONE and service.pid is None else None

    def too_late(self, node: NodeState) -> Verdict:
        """Failed where it is still there."""
        unseen = self.unseen(node)
        service = self.fresh(node)
        if unseen is not None or service is None:
            return unseen or self.unverified("the probe has not shown it since")
        return self.failed(f"it is still there: {_words(service)}", service)


class SameMaster(_Watching):
    """The master that was there before goes on."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """Another master is a restart, none a failure."""
        service = self.fresh(node)
        if service is None:
            return self.unlisted(node)
        if not self.is_settled(service):
            return None
        if service.state == "unknown":
            return self.unseen(node) if self.is_blind(service, now) else None
        if service.state != "RUNNING":
            return self.failed(_words(service), service)
        before = self.step.before.pid
        if before is not None and service.pid != before:
            return self.failed(f"the master changed from pid {before} to pid {service.pid}", service)
        return Verdict(Result.VERIFIED, service.pid)

    def too_late(self, node: NodeState) -> Verdict:
        """Nothing was seen."""
        return self.unseen(node) or self.unverified("the probe has not shown it since")


class Failed(_Watching):
    """It failed by supervisor's own words; its state says more."""

    def look(self, node: NodeState, now: float) -> Verdict | None:
        """The first state that cannot be from before."""
        service = self.fresh(node)
        if service is None:
            return Verdict(Result.FAILED) if self.unlisted(node) is not None else None
        if not self.is_settled(service) or service.state == "STARTING":
            return None
        return self.failed(_words(service), service)

    def too_late(self, node: NodeState) -> Verdict:
        """Failed all the same."""
        return Verdict(Result.FAILED)


def _words(service: ServiceState) -> str:
    detail = service.error or service.description
    return f"{service.state}: {detail}" if detail else service.state


class Verifier:
    """Feeds watchers from the store until they know, or time is up.

    Args:
        store: where the probe's frames arrive.
        clock: deadlines are its monotonic seconds.
        poke: asks a node's probe for a sample now.
    """

    def __init__(self, store: Store, clock: Clock, poke: Callable[[NodeName], None]) -> None:
        self._store = store
        self._clock = clock
        self._poke = poke

    async def verify(self, step: Step, *, acted_at: float, gave_up: bool = False, ask: Ask | None = None) -> Verdict:
        """Watch a step's node until its proof holds or fails, `VERIFY_SECONDS` after the act at the latest.

        A longer startsecs than the ordinary one comes on top.

        Args:
            step: what was done.
            acted_at: monotonic seconds at which its command returned.
            gave_up: supervisor itself said that it failed: what is seen only says how, and nothing makes it good.
            ask: what says the program's state instead of the probe.
        """
        watcher = Failed(step, acted_at) if gave_up else watcher_of(step, acted_at)
        longer = max(0.0, step.hold_seconds - HOLD_SECONDS)
        deadline = acted_at + (FAILED_SECONDS if gave_up else VERIFY_SECONDS + longer)
        poked_at = asked_at = -max(POKE_SECONDS, ASK_SECONDS)
        asked: ServiceState | None = None
        while True:
            now = self._clock.monotonic()
            if ask is not None and (asked is None or now - asked_at >= ASK_SECONDS):
                asked_at, asked = now, await ask()
            node = self._store.node(step.target.node)
            if asked is not None:
                node = replace(node, services=(asked,))
            verdict = watcher.look(node, now)
            if verdict is not None:
                return verdict
            if now >= deadline:
                return watcher.too_late(node)
            if now - poked_at >= POKE_SECONDS:
                poked_at = now
                self._poke_all(step)
            await self._next(min(TICK_SECONDS, deadline - now))

    async def settle(
        self, step: Step, pid: int | None, seconds: float, *, is_current: Callable[[], bool], ask: Ask | None = None
    ) -> str | None:
        """Watch on after the proof; why it does not hold any more, or None where it held.

        Args:
            step: what was verified.
            pid: the pid that was verified; None after a stop.
            seconds: how long.
            is_current: False ends the watch: something else was done to the target.
            ask: what says the program's state instead of the probe; asked seldom, and once more at the end.
        """
        asked_at = self._clock.monotonic()
        end = asked_at + seconds
        while is_current():
            now = self._clock.monotonic()
            service = find_service(self._store.node(step.target.node), step.target)
            if ask is not None:
                service = None
                if now >= end or now - asked_at >= SETTLE_ASK_SECONDS:
                    asked_at, service = now, await ask()
            broken = _broken(step, pid, service) if service is not None else None
            if broken is not None:
                return broken if is_current() else None
            if now >= end:
                return None
            await self._next(min(TICK_SECONDS, end - now))
        return None

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


def _broken(step: Step, pid: int | None, service: ServiceState) -> str | None:
    if service.state == "unknown":
        return None
    if step.proof is Proof.PID_GONE:
        return f"it came back: {_words(service)}" if service.state in _COMING else None
    if service.state == "RUNNING" and service.pid == pid:
        return None
    if service.state == "RUNNING":
        return f"pid {pid} died, pid {service.pid} took its place"
    return f"pid {pid} died: {_words(service)}"

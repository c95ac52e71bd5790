"""Whether an act had its effect, judged by what is seen afterwards and by nothing else.

The probe sees; where it may not, the plan's own proof command is asked. What is judged stands in `runtime.proofs`;
`Verifier` feeds it, pokes the probe, asks and keeps the deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aen_tui.actions.scene import find_service
from aen_tui.actions.supervised import HOLD_SECONDS
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import Proof, Step
from aen_tui.runtime.proofs import watcher_of
from aen_tui.runtime.proofs.given_up import GivenUp
from aen_tui.runtime.proofs.observed import Observed
from aen_tui.runtime.proofs.watching import COMING, Verdict, Watcher, words
from aen_tui.state.store import Store

VERIFY_SECONDS = 45.0
"""Longer than an interval of HTTP (10 s) and a daemon's way to its port."""
FAILED_SECONDS = 4.0
"""How long a state is looked for that says more of a failure that supervisor has already told."""
POKE_SECONDS = 1.0
ASK_SECONDS = 1.0
"""A proof command is run this often at most while the proof is awaited."""
SETTLE_ASK_SECONDS = 5.0
"""And this often while a plan waits for what it did to settle."""
TICK_SECONDS = 0.1

Ask = Callable[[], Awaitable[ServiceState]]
"""Runs a step's proof command; the state it says, seen at the moment at which it was asked."""
Burst = Callable[[], Awaitable[str | None]]
"""Counts error lines since the act: what a burst of them is, in words; None where there is none."""


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
        watcher = GivenUp(step, acted_at) if gave_up else watcher_of(step, acted_at)
        longer = max(0.0, step.hold_seconds - HOLD_SECONDS)
        seconds = FAILED_SECONDS if gave_up else VERIFY_SECONDS + longer
        return await self._watched(step, watcher, acted_at + seconds, ask)

    async def observe(self, step: Step, *, lost_at: float, seconds: float, ask: Ask | None = None) -> Verdict:
        """What became of a step whose command's words were lost with the link: seen once the link is back.

        Args:
            step: what was on its way.
            lost_at: monotonic seconds at which the link was lost.
            seconds: how long it is looked for.
            ask: what says the program's state instead of the probe.
        """
        return await self._watched(step, Observed(step, lost_at), self._clock.monotonic() + seconds, ask)

    async def _watched(self, step: Step, watcher: Watcher, deadline: float, ask: Ask | None) -> Verdict:
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
        self,
        step: Step,
        pid: int | None,
        seconds: float,
        *,
        is_current: Callable[[], bool],
        ask: Ask | None = None,
        burst: Burst | None = None,
    ) -> str | None:
        """Watch on after the proof; why it does not hold any more, or None where it held.

        Args:
            step: what was verified.
            pid: the pid that was verified; None after a stop.
            seconds: how long.
            is_current: False ends the watch: something else was done to the target.
            ask: what says the program's state instead of the probe; asked seldom, and once more at the end.
            burst: says whether the node's logs burst with errors; asked as seldom.
        """
        asked_at = self._clock.monotonic()
        end = asked_at + seconds
        while is_current():
            now = self._clock.monotonic()
            service = find_service(self._store.node(step.target.node), step.target)
            is_due = now >= end or now - asked_at >= SETTLE_ASK_SECONDS
            if is_due:
                asked_at = now
            if ask is not None:
                service = await ask() if is_due else None
            broken = _broken(step, pid, service) if service is not None else None
            if broken is None and burst is not None and is_due:
                broken = await burst()
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
        return f"it came back: {words(service)}" if service.state in COMING else None
    if service.state == "RUNNING" and service.pid == pid:
        return None
    if service.state == "RUNNING":
        return f"pid {pid} died, pid {service.pid} took its place"
    return f"pid {pid} died: {words(service)}"

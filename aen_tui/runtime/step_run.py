"""One step's command on its link, and the questions around it that change nothing."""

from __future__ import annotations

import asyncio

from aen_tui.actions.claims import Claim, claim
from aen_tui.errors import TransportError
from aen_tui.model.command import CommandResult
from aen_tui.model.plans import Proof, Result, Step
from aen_tui.runtime.verifier import Verdict
from aen_tui.transports import Link

_PS = "/bin/ps"
_PS_SECONDS = 10.0
_WORKER_LOOKS, _WORKER_LOOK_SECONDS = 10, 0.5
"""A master with a large configuration takes a while to start its workers."""


class StepRun:
    """A step while it is carried out."""

    def __init__(self, step: Step, link: Link) -> None:
        self._step = step
        self._link = link
        self._workers_before: frozenset[int] | None = None

    async def command(self) -> Claim:
        """Run the step's command once and judge what it said.

        Where sudo refuses for want of a terminal nothing was run, so it is asked again on one.

        Raises:
            TransportError: the link went, or it did not end in time; whether it took effect is not known.
        """
        step = self._step
        if step.proof is Proof.NEW_WORKERS:
            self._workers_before = await self._workers()
        said = claim(step, await self._run(pty=False))
        return claim(step, await self._run(pty=True)) if said.wants_tty else said

    async def new_workers(self, master: Verdict) -> Verdict:
        """Whether the master has a child that it had not before."""
        before = self._workers_before
        for _ in range(_WORKER_LOOKS):
            after = await self._workers()
            if before is None or after is None:
                return Verdict(Result.UNVERIFIED, master.pid, "the master's workers could not be listed")
            if after - before:
                return master
            await asyncio.sleep(_WORKER_LOOK_SECONDS)
        return Verdict(Result.FAILED, master.pid, "the master has no new worker")

    async def _run(self, *, pty: bool) -> CommandResult:
        return await self._link.run(self._step.argv, timeout_seconds=self._step.deadline_seconds, pty=pty)

    async def _workers(self) -> frozenset[int] | None:
        """Pids of the master's children; None where they cannot be listed."""
        pid = self._step.before.pid
        if pid is None:
            return None
        try:
            result = await self._link.run((_PS, "-o", "pid=", "--ppid", str(pid)), timeout_seconds=_PS_SECONDS)
        except TransportError:
            return None
        words = result.output.split()
        return frozenset(int(word) for word in words) if all(word.isdigit() for word in words) else None

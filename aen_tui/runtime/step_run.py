"""One step's command on its link, and the questions before and after it that change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aen_tui.actions.claims import Claim, claim, refused, wants_terminal
from aen_tui.actions.status_text import service_of, unknown
from aen_tui.errors import TransportError
from aen_tui.model.clock import Clock
from aen_tui.model.command import CommandResult
from aen_tui.model.facts import ServiceState
from aen_tui.model.plans import Proof, Result, Step
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.transports import Link

_PS = "/bin/ps"
_PS_SECONDS = 10.0
_STATUS_SECONDS = 20.0
"""supervisorctl is an interpreter that starts on a node which may be busy."""
_WORKER_LOOKS, _WORKER_LOOK_SECONDS = 10, 0.5
"""A master with a large configuration takes a while to start its workers."""


class StepRun:
    """A step while it is carried out."""

    def __init__(self, step: Step, link: Link, clock: Clock) -> None:
        self._step = step
        self._link = link
        self._clock = clock
        self._on_terminal = False
        """sudo has asked for a terminal; one refusal is enough, each may be mailed to root."""
        self._refused: str | None = None
        """Why sudo does not run the proof's command; then it is not tried again."""
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
        return claim(step, await self._run(step.argv, step.deadline_seconds))

    async def look(self) -> ServiceState:
        """The program's state by the step's `proof_argv`; `unknown` with the reason where it does not say."""
        target, seen_at = self._step.target, self._clock.monotonic()
        if self._refused is not None:
            return unknown(target, self._refused, seen_at)
        try:
            result = await self._run(self._step.proof_argv, _STATUS_SECONDS)
        except TransportError as error:
            return unknown(target, error.message, seen_at)
        if result.exit_status != 0:
            self._refused = refused(result)
        return service_of(target, result, seen_at)

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

    async def _run(self, argv: Sequence[str], seconds: float) -> CommandResult:
        """Run a command; where sudo runs it only on a terminal, nothing was run, and it is asked again on one."""
        result = await self._link.run(argv, timeout_seconds=seconds, pty=self._on_terminal)
        if not self._on_terminal and wants_terminal(result):
            self._on_terminal = True
            result = await self._link.run(argv, timeout_seconds=seconds, pty=True)
        return result

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

"""One step's command on its link, and the questions before and after it that change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aen_tui.actions.claims import Claim, claim, refused, wants_terminal
from aen_tui.actions.preflight import wants_password
from aen_tui.actions.status_text import services_of, unknown
from aen_tui.errors import TransportError
from aen_tui.model.clock import Clock
from aen_tui.model.command import CommandResult
from aen_tui.model.facts import ServiceState
from aen_tui.model.jobs import OUTPUT_LINES
from aen_tui.model.plans import Proof, Result, Step
from aen_tui.model.secret import Secret
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.sudo_secrets import SudoSecrets
from aen_tui.transports import Link

_PS = "/bin/ps"
_PS_SECONDS = 10.0
_STATUS_SECONDS = 20.0
"""supervisorctl is an interpreter that starts on a node which may be busy."""
_WORKER_LOOKS, _WORKER_LOOK_SECONDS = 10, 0.5
"""A master with a large configuration takes a while to start its workers."""


class StepRun:
    """A step while it is carried out."""

    def __init__(self, step: Step, link: Link, clock: Clock, secrets: SudoSecrets) -> None:
        self.step = step
        """What is carried out; its `before` may be known better once it was asked for."""
        self.was_cut = False
        """Whether the link failed under a question."""
        self._link = link
        self._clock = clock
        self._secrets = secrets
        self._password: Secret | None = None
        """Taken by sudo for this step once; kept to the step's end, however long that is."""
        self._on_terminal = step.met is not None and step.met.on_terminal
        """sudo wants a terminal; one refusal is enough, each may be mailed to root."""
        self._refused: str | None = (step.met.proof_refusal if step.met is not None else "") or None
        """Why sudo does not run the proof's command; then it is not tried again."""
        self._workers_before: frozenset[int] | None = None
        self.lines: tuple[str, ...] = ()
        """What the command printed, the last `OUTPUT_LINES` of it."""

    def is_over(self, link: Link | None) -> bool:
        """Whether it runs over this link, and the link is still open."""
        return link is self._link and not link.is_closed

    def over(self, link: Link) -> StepRun:
        """The same step's questions over another link."""
        if link is self._link:
            return self
        other = StepRun(self.step, link, self._clock, self._secrets)
        other._workers_before = self._workers_before
        return other

    async def command(self) -> Claim:
        """Run the step's command once and judge what it said.

        Where sudo refuses for want of a terminal nothing was run, so it is asked again on one.

        Raises:
            TransportError: the link went, or it did not end in time; whether it took effect is not known.
        """
        step = self.step
        if step.proof is Proof.NEW_WORKERS:
            self._workers_before = await self._workers()
        result = await self._run(step.argv, step.deadline_seconds)
        self.lines = tuple(result.output.splitlines()[-OUTPUT_LINES:])
        return claim(step, result)

    async def look(self) -> tuple[ServiceState, ...]:
        """What the step's `proof_argv` says, one at least; `unknown` with the reason where it does not say."""
        target, seen_at = self.step.target, self._clock.monotonic()
        if self._refused is not None:
            return (unknown(target, self._refused, seen_at),)
        try:
            result = await self._run(self.step.proof_argv, _STATUS_SECONDS)
        except TransportError as error:
            self.was_cut = True
            return (unknown(target, error.message, seen_at),)
        if result.exit_status != 0:
            self._refused = refused(result)
        return services_of(target, result, seen_at)

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
        if wants_password(argv):
            return await self._run_with_password(argv, seconds)
        result = await self._link.run(argv, timeout_seconds=seconds, pty=self._on_terminal)
        if not self._on_terminal and wants_terminal(result):
            self._on_terminal = True
            result = await self._link.run(argv, timeout_seconds=seconds, pty=True)
        return result

    async def _run_with_password(self, argv: Sequence[str], seconds: float) -> CommandResult:
        """Run a command to which sudo wants a password; a wrong one is one attempt, on one node."""
        if self._password is not None:
            return await self._run_with(self._password, argv, seconds)
        async with self._secrets.lent(self._link.user, self.step.target.node) as loan:
            if loan.secret is None:
                return CommandResult(tuple(argv), None, "", refusal=loan.why_not)
            result = await self._run_with(loan.secret, argv, seconds)
            loan.was_taken = result.took_password or (None if result.refusal is None else False)
        if loan.was_taken:
            self._password = loan.secret
        return result

    async def _run_with(self, password: Secret, argv: Sequence[str], seconds: float) -> CommandResult:
        return await self._link.run(argv, timeout_seconds=seconds, sudo_password=password, pty=self._on_terminal)

    async def _workers(self) -> frozenset[int] | None:
        """Pids of the master's children; None where they cannot be listed."""
        pid = self.step.before.pid
        if pid is None:
            return None
        try:
            result = await self._link.run((_PS, "-o", "pid=", "--ppid", str(pid)), timeout_seconds=_PS_SECONDS)
        except TransportError:
            self.was_cut = True
            return None
        words = result.output.split()
        return frozenset(int(word) for word in words) if all(word.isdigit() for word in words) else None

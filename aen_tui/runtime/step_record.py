"""The pair of audit records of one step."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from aen_tui.actions.commands import LOGIN
from aen_tui.errors import AuditError
from aen_tui.model.clock import Clock
from aen_tui.model.command import environment_of
from aen_tui.model.plans import AuditRecord, Plan, Result, Step
from aen_tui.runtime.audit import AuditLog, stamp
from aen_tui.runtime.identity import identity
from aen_tui.runtime.proofs.watching import Verdict

INTERRUPTED = "interrupted while it was carried out"
NOT_BEGUN = "interrupted before it was begun: nothing was run"


class StepRecord:
    """Intent before, outcome after; a later outcome of the same id corrects the one before.

    Args:
        audit: where it is written.
        clock: for the time of day.
        plan: the plan.
        number: the step's place in it, from 1; plan id and number are the records' id.
        step: the step; its `before` may be known better once it is on its way.
        login: the login user on the node.
        reason: why.
    """

    def __init__(
        self, audit: AuditLog, clock: Clock, plan: Plan, number: int, step: Step, login: str, reason: str | None
    ) -> None:
        self.plan = plan
        self.step = step
        self._audit = audit
        self._clock = clock
        self.id = f"{plan.id}-{number}"
        """Of both records."""
        self._login = login
        self._reason = reason

    async def intent(self) -> None:
        """Record what is about to be done; where it is interrupted meanwhile, that nothing was run is recorded too.

        Raises:
            AuditError: it could not be recorded, so it may not be done.
        """
        record = self._record("intent", None, None, None, None)
        writing = asyncio.get_running_loop().run_in_executor(None, self._audit.append, record)
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            while not writing.done():  # its thread goes on, and an outcome comes after its intent
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([writing])
            with suppress(AuditError):
                writing.result()
                self._audit.append(self._record("outcome", Result.REFUSED, NOT_BEGUN, None, None))
            raise

    async def outcome(self, result: Result, error: str | None, *, pid: int | None, claimed: bool | None) -> None:
        """Record what came of it.

        Raises:
            AuditError: it could not be recorded.
        """
        record = self._record("outcome", result, error, pid, claimed)
        await asyncio.shield(asyncio.to_thread(self._audit.append, record))

    async def outcome_of(self, verdict: Verdict, *, claimed: bool | None) -> None:
        """Record a verdict with what it rests on.

        Raises:
            AuditError: it could not be recorded.
        """
        record = self._record("outcome", verdict.result, verdict.error, verdict.pid, claimed)
        warnings = tuple(f"differs: {one}" for one in verdict.warnings)
        record = replace(record, rests_on=(*verdict.rests_on, *warnings))
        await asyncio.shield(asyncio.to_thread(self._audit.append, record))

    def interrupted(self) -> str:
        """Record, while everything is being cancelled, that it was on its way; that in words, and why it is no record.

        Whoever ends the program is not held up by a disk that is full.
        """
        try:
            self._audit.append(self._record("outcome", Result.UNVERIFIED, INTERRUPTED, None, None))
        except AuditError as error:
            return f"{INTERRUPTED}; {error.message}"
        return INTERRUPTED

    def _record(
        self, kind: str, result: Result | None, error: str | None, pid: int | None, claimed: bool | None
    ) -> AuditRecord:
        step, who = self.step, identity()
        return AuditRecord(
            id=self.id,
            kind=kind,
            at=stamp(self._clock.wall()),
            user=who.user,
            cluster=self.plan.cluster,
            node=step.target.node,
            argv=step.argv,
            reason=self._reason,
            result=None if result is None else result.value,
            prev="",
            hash="",
            service=step.target.service,
            action=step.action.value,
            run_as=self._login if step.user == LOGIN else step.user,
            pid_before=step.before.pid,
            pid_after=pid,
            claimed=claimed,
            error=error,
            is_demo=self.plan.is_demo,
            proof=step.proof_argv,
            plan=self.plan.id,
            uid=who.uid,
            login_uid=who.login_uid,
            claimed_origin=who.claimed,
            environment=environment_of(step.argv),
        )

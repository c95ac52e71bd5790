"""Carries a rolling plan out: batch after batch through the executor, a gate between them, its file always true.

What was not confirmed is not done: a member whose node is away, or that is not as it was, is passed over and stays
on the list of what is left. A step whose result is not known counts as one that failed; neither is repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from aen_tui.actions.rolling import not_idle
from aen_tui.actions.rolling_text import target_word
from aen_tui.errors import AuditError, PlanRefusedError
from aen_tui.model.clock import Clock
from aen_tui.model.inventory import Inventory
from aen_tui.model.jobs import JobPhase, MemberPhase, MemberState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import PlanEvent, Result, Step
from aen_tui.model.rolling import Batch, RollingPlan
from aen_tui.runtime.audit import stamp
from aen_tui.runtime.executor import Executor
from aen_tui.runtime.identity import identity
from aen_tui.runtime.job import Job
from aen_tui.runtime.job_file import JobFolder, JobRecord, MemberRecord
from aen_tui.runtime.job_left import commands_for, is_same_command
from aen_tui.runtime.lease import Held, groups_of, leases
from aen_tui.runtime.step_record import INTERRUPTED

_BAD = frozenset({MemberPhase.FAILED, MemberPhase.UNVERIFIED})
_OPEN = frozenset({MemberPhase.RUNNING, MemberPhase.CLAIMED})
AppsNow = Callable[[NodeName], Awaitable[int | None]]
LOCKED = "locked: arm again, then resume"
FORGOTTEN = "sudo's password is forgotten by now: resume to type it"


class Roller:
    """One rolling job's way.

    Args:
        job: what is rolled; its work is a rolling plan.
        executor: carries each step out.
        inventory: what is worked on.
        clock: for the file's time of day.
        folder: where its file is kept.
        apps_now: looks how many apps run on a node; None where that cannot be seen now.
        verified_before: TARGETs that earlier runs of it have verified.
        reason: why, for the audit.
        syslog_only: as the executor takes it.
        asks_at_once: whoever starts it waits at a terminal for nothing else: a password that was forgotten is asked
            for there and then. Elsewhere the job is paused, and somebody's key asks: a dialog that opens by itself
            would take what is typed for something else.
    """

    def __init__(
        self,
        job: Job,
        *,
        executor: Executor,
        inventory: Inventory,
        clock: Clock,
        folder: JobFolder,
        apps_now: AppsNow,
        verified_before: Sequence[str] = (),
        reason: str | None = None,
        syslog_only: bool = False,
        asks_at_once: bool = False,
    ) -> None:
        assert isinstance(job.work, RollingPlan)
        self._job = job
        self._rolling = job.work
        self._executor = executor
        self._inventory = inventory
        self._folder = folder
        self._apps_now = apps_now
        self._reason = reason
        self._syslog_only = syslog_only
        self._asks_at_once = asks_at_once
        self._may_ask = True
        """Somebody's key has just begun or resumed it."""
        self._stopped: str | None = None
        """Why nothing further begins, whatever the failures."""
        self._held: tuple[Held, ...] = ()
        self._saving = asyncio.Lock()
        self._begun: set[int] = set()
        """Members whose step may have begun."""
        self._first = JobRecord(
            id=job.id,
            cluster=inventory.name,
            user=identity().user,
            action=job.plan.action,
            settings=self._rolling.settings,
            batches=self._rolling.batches,
            members=(),
            run=self._rolling.run,
            started_at=stamp(clock.wall()),
            reason=reason,
            syslog_only=syslog_only,
            left_out=self._rolling.left_out,
            verified_before=tuple(verified_before),
        )

    async def run(self) -> None:
        """Go through the batches; the job is ended when this returns, however it does."""
        plan = self._rolling.plan
        for number, step in enumerate(plan.steps):
            self._job.take(PlanEvent("planned", Result.PLANNED, step, place=self._rolling.place(number)))
        groups = groups_of(self._inventory, [step.target.node for step in plan.steps])
        who = identity().user
        try:
            if (why := self._executor.guard.refusal(plan)) is not None:
                raise PlanRefusedError(why)
            with self._folder.running(self._job.id):
                await self._save()
                async with leases(self._inventory, groups, who, plan.id, what=self._words()) as self._held:
                    for held in self._held:
                        if held.note:
                            self._job.remark(held.note)
                    await self._batches()
                await self._save_or_stop(self._judged()[0])
            phase, result = self._judged()
            self._close(phase, result, self._why())
        except (PlanRefusedError, AuditError) as error:
            self._refused(error)
        except asyncio.CancelledError:
            self._broken_off()
            raise

    async def _batches(self) -> None:
        for batch in self._rolling.batches:
            while waiting := [member for member in batch.members if self._phase(member) is MemberPhase.WAITING]:
                if not await self._may_begin(batch):
                    return
                async with asyncio.TaskGroup() as tasks:
                    for member in waiting:
                        tasks.create_task(self._member(member, batch))
                if self._stopped is not None or self._bad() > self._rolling.settings.max_failures:
                    return

    async def _may_begin(self, batch: Batch) -> bool:
        """Wait while it is paused, locked, or wants a password that somebody must type; False: nothing further begins.

        Raises:
            PlanRefusedError: there is no password, and nothing was begun.
        """
        while True:
            self._may_ask |= self._job.is_held
            if not await self._job.may_go_on():
                return False
            if self._executor.guard.is_locked:
                self._job.pause(LOCKED)
            elif (why := await self._without_password(batch)) is None:
                self._may_ask = self._asks_at_once
                return True
            elif self._asks_at_once:
                self._stopped = why
                return False
            else:
                self._job.pause(why if why == FORGOTTEN else f"{why}; resume to be asked again")

    async def _without_password(self, batch: Batch) -> str | None:
        """Have the password that a batch wants; why there is none."""
        steps = tuple(self._rolling.plan.steps[one] for one in batch.members if self._phase(one) is MemberPhase.WAITING)
        plan = replace(self._rolling.record_plan, steps=steps)
        if not self._executor.would_ask(plan):
            return None
        if not self._may_ask:
            return FORGOTTEN
        why = await self._executor.without_password(plan)
        if why is not None and not self._begun:
            raise PlanRefusedError(why)
        return why

    async def _member(self, member: int, batch: Batch) -> None:
        """A step, if it may begin: whose arming has run out, or that somebody held up meanwhile, goes on waiting."""
        try:
            step = self._as_confirmed(member, batch)
            plan = replace(self._rolling.record_plan, steps=(step,), first=member + 1)
            if self._executor.guard.is_locked:
                return
            if (why := self._executor.guard.refusal(plan)) is not None:
                self._stopped = why
            elif (why := self._executor.refusal(plan) or await self._not_idle(step)) is not None:
                raise PlanRefusedError(why)
            elif self._phase(member) is MemberPhase.WAITING and not self._job.is_held:
                await self._carry_out(member, step, batch)
        except PlanRefusedError as error:
            self._job.pass_over(member + 1, error.message)
        except AuditError as error:
            self._stopped = error.message
        await self._save_or_stop()

    async def _not_idle(self, step: Step) -> str | None:
        """Why a node may not be worked on where only idle ones are; looks for it anew, as apps come and go."""
        if not self._rolling.settings.idle_only:
            return None
        return not_idle(await self._apps_now(step.target.node))

    async def _carry_out(self, member: int, step: Step, batch: Batch) -> None:
        place = self._rolling.place(member)
        plan = replace(self._rolling.record_plan, steps=(step,), first=member + 1)
        seen: list[PlanEvent] = []

        def emit(event: PlanEvent) -> None:
            seen.append(event)
            if event.event not in ("planned", "finished"):
                self._job.take(replace(event, place=place))

        self._begun.add(member)
        await self._save()
        result = await self._executor.execute(
            plan, emit, reason=self._reason, settle=batch.settles, syslog_only=self._syslog_only, in_job=True
        )
        is_started = any(event.event == "step-started" for event in seen)
        if result is Result.REFUSED and not is_started and self._executor.guard.is_locked:  # it waits until it may
            self._begun.discard(member)
            return
        if not any(event.event == "verified" for event in seen):  # refused on its way: a lease, the audit
            error = seen[-1].error if seen else None
            self._job.take(PlanEvent("verified", result, step, error=error, place=place))
        with contextlib.suppress(OSError):  # a courtesy; the lease itself is held
            for held in self._held:
                await asyncio.to_thread(held.say, self._words())

    def _as_confirmed(self, member: int, batch: Batch) -> Step:
        """The step to carry out: what was confirmed, from where an earlier step of this job left it.

        Raises:
            PlanRefusedError: what would be run is something else, or nothing would be.
        """
        confirmed = self._rolling.plan.steps[member]
        if not batch.follows:
            return confirmed
        (fresh,) = self._executor.plan(confirmed.action, [confirmed.target]).steps
        if not is_same_command(fresh, confirmed):
            raise PlanRefusedError("what would be run is not what was confirmed")
        return replace(confirmed, before=fresh.before)

    # -- what is known of it -----------------------------------------------------------------------

    def _phase(self, member: int) -> MemberPhase:
        return next(one.phase for one in self._job.state.members if one.number == member + 1)

    def _bad(self) -> int:
        return sum(one.phase in _BAD for one in self._job.state.members)

    def _words(self) -> str:
        ended, total = self._job.state.progress
        return f"rolling {self._rolling.plan.action.value} {ended}/{total}"

    def _record(self, phase: JobPhase | None) -> JobRecord:
        state = self._job.state
        steps = self._rolling.plan.steps
        members = tuple(
            MemberRecord(steps[one.number - 1], self._sure_phase(one), one.pid_after, one.error)
            for one in state.members
        )
        return replace(self._first, members=members, phase=phase or state.phase)

    def _sure_phase(self, member: MemberState) -> MemberPhase:
        """*running* from the moment at which it may have begun: whoever reads the file then must look."""
        is_begun = member.phase is MemberPhase.WAITING and member.number - 1 in self._begun
        return MemberPhase.RUNNING if is_begun else member.phase

    async def _save(self, phase: JobPhase | None = None) -> None:
        async with self._saving:
            await asyncio.to_thread(self._folder.save, self._record(phase))

    async def _save_or_stop(self, phase: JobPhase | None = None) -> None:
        try:
            await self._save(phase)
        except AuditError as error:
            self._stopped = error.message

    # -- its end -----------------------------------------------------------------------------------

    def _judged(self) -> tuple[JobPhase, Result]:
        state, bad = self._job.state, self._bad()
        failed = any(one.phase is MemberPhase.FAILED for one in state.members)
        is_whole = all(one.phase is MemberPhase.VERIFIED for one in state.members) and not self._rolling.left_out
        result = Result.FAILED if failed else Result.VERIFIED if is_whole else Result.UNVERIFIED
        phase = JobPhase.DONE
        if self._job.is_aborted:
            phase = JobPhase.ABORTED
        elif failed or self._stopped is not None or bad > self._rolling.settings.max_failures:
            phase = JobPhase.FAILED
        return phase, result

    def _why(self) -> str | None:
        state = self._job.state
        if self._stopped is not None:
            return self._stopped
        counts = {phase: sum(one.phase is phase for one in state.members) for phase in MemberPhase}
        words = [f"{counts[phase]} {phase.value}" for phase in MemberPhase if counts[phase]]
        if self._rolling.left_out:
            words.append(f"{len(self._rolling.left_out)} left out")
        if counts[MemberPhase.VERIFIED] == len(state.members) and not self._rolling.left_out:
            return None
        first = next((one for one in state.members if one.phase in _BAD), None)
        tail = f"; {first.node}/{first.service}: {first.error}" if first is not None and first.error else ""
        head = "aborted: " if self._job.is_aborted else ""
        return f"{head}{', '.join(words)}{tail}"

    def _close(self, phase: JobPhase, result: Result, error: str | None) -> None:
        state, steps = self._job.state, self._rolling.plan.steps
        left = [steps[one.number - 1] for one in state.members if one.phase is not MemberPhase.VERIFIED]
        words = [*(target_word(step.target) for step in left), *self._rolling.left_out]
        self._job.end(
            phase,
            result,
            error,
            left=tuple(words),
            commands=commands_for(self._rolling, left, self._inventory) if words else (),
        )

    def _refused(self, error: PlanRefusedError | AuditError) -> None:
        """A lease, the guard or the disk said no before anything was done, or the disk after it."""
        is_begun = any(one.started_at is not None for one in self._job.state.members)
        self._close(JobPhase.FAILED, Result.FAILED if is_begun else Result.REFUSED, error.message)

    def _broken_off(self) -> None:
        """The program ends: no time for anything but the truth."""
        for one in self._job.state.members:
            if one.phase in _OPEN:
                step, place = self._rolling.plan.steps[one.number - 1], self._rolling.place(one.number - 1)
                self._job.take(PlanEvent("verified", Result.UNVERIFIED, step, error=INTERRUPTED, place=place))
        self._job.abort()
        result = Result.UNVERIFIED if self._begun else Result.REFUSED
        if any(one.phase is MemberPhase.FAILED for one in self._job.state.members):
            result = Result.FAILED
        self._close(JobPhase.ABORTED, result, self._why())
        with contextlib.suppress(AuditError):
            self._folder.save(self._record(JobPhase.ABORTED))

"""A rolling job that was broken off: what it did, by its file and by the audit, and what is left of it.

A step that was on its way when the program was killed is neither done nor undone until it is looked at: a new pid
that runs and answers is *verified by observation*, and so recorded. What cannot be seen so is done again only where
somebody confirms that very step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from aen_tui.actions.again import plan_again
from aen_tui.actions.preflight import wants_password
from aen_tui.actions.rolling_text import target_word
from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.inventory import Inventory
from aen_tui.model.jobs import JobPhase, MemberPhase
from aen_tui.model.plans import Plan, Result, Risk, Step
from aen_tui.model.rolling import Batch, RollingPlan
from aen_tui.model.text import visible_line
from aen_tui.runtime.audit_book import AuditBook, AuditStep
from aen_tui.runtime.executor import Executor
from aen_tui.runtime.job_file import JobFolder, JobRecord, MemberRecord, is_over
from aen_tui.runtime.proofs.watching import Verdict

LOOK_SECONDS = 20.0
"""A program on its way back: its start, its hold and its port."""
BY_OBSERVATION = "the program was killed while this was on its way: by what was seen since"
_UNKNOWN = frozenset({MemberPhase.RUNNING, MemberPhase.CLAIMED, MemberPhase.UNVERIFIED})
_OUTCOMES = {"verified": MemberPhase.VERIFIED, "failed": MemberPhase.FAILED, "refused": MemberPhase.FAILED}


@dataclass(frozen=True, slots=True, eq=False)
class Resumption:
    """A job that can be continued."""

    record: JobRecord
    """As it is known after looking; already in its file, unless that was dry."""
    seen: tuple[str, ...]
    """Sentences: what was found out about steps that were on their way."""

    @property
    def verified(self) -> tuple[str, ...]:
        """TARGETs that are done, those of earlier runs first."""
        done = [target_word(one.step.target) for one in self.record.members if one.phase is MemberPhase.VERIFIED]
        return (*self.record.verified_before, *done)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return is_over(self.record)

    @property
    def unknown(self) -> tuple[str, ...]:
        """TARGETs of steps of which it is not known whether they took effect."""
        return tuple(target_word(one.step.target) for one in self.record.members if one.phase in _UNKNOWN)

    def plan(self, scene: Scene, *, again: bool) -> RollingPlan:
        """What is left, planned from the state of now.

        Args:
            scene: what is known.
            again: whether steps of which nothing is known are done again: only where somebody confirms them.

        Raises:
            PlanRefusedError: nothing is left that could be done.
        """
        record = self.record
        notes, out = [f"{len(self.verified)} done before", *self.seen], list(record.left_out)
        for word in self.unknown:
            what = "it would be done AGAIN" if again else "it is left: only a person confirms it"
            notes.append(f"{word} was on its way when the program ended, what it did is not known: {what}")
            out += [] if again else [word]
        wanted = {MemberPhase.WAITING, MemberPhase.SKIPPED, MemberPhase.FAILED} | (_UNKNOWN if again else set())
        left: list[tuple[Batch, list[Step]]] = []
        for batch in record.batches:
            steps = [record.members[one].step for one in batch.members if record.members[one].phase in wanted]
            if steps:
                left.append((batch, steps))
        return plan_again(
            scene,
            record.action,
            left,
            record.settings,
            plan_id=record.id,
            run=record.run + 1,
            left_out=out,
            notes=notes,
        )


def read_job(folder: JobFolder, book: AuditBook, inventory: Inventory, job: str) -> JobRecord:
    """A job's record, with what the audit knows better; blocks, so call it in a thread.

    Raises:
        PlanRefusedError: there is no such job, it is another installation's, it runs, or it is over.
        AuditError: the audit is there and cannot be read.
    """
    record = folder.load(job)
    if record.cluster != inventory.name:
        raise PlanRefusedError(
            f"job {job} belongs to {visible_line(record.cluster, 80)}, not to {inventory.name}",
            hint="say its --inventory",
        )
    with folder.running(job):
        own = f"{job}-" if record.run == 1 else f"{job}.{record.run}-"
        steps = {str(step.intent.get("id")): step for step in book.steps() if not step.colleague}
    members = tuple(
        _by_audit(member, steps.get(f"{own}{number}"), is_complete=not record.syslog_only)
        for number, member in enumerate(record.members, 1)
    )
    return replace(record, members=members)


def looks_by_command(record: JobRecord) -> tuple[Step, ...]:
    """The steps on their way of which only their proof's command can tell what became; somebody confirms it first."""
    return tuple(one.step for one in record.members if one.phase in _UNKNOWN and one.step.proof_argv)


async def look_at(
    record: JobRecord, executor: Executor, say: Callable[[str], None], *, is_dry: bool = False
) -> tuple[JobRecord, list[str]]:
    """Look what became of the steps that were on their way; what is verified by that is recorded in the audit.

    Args:
        record: the job.
        executor: looks.
        say: gets a sentence for each step that is looked at.
        is_dry: no command is run and nothing is recorded: only what the probe sees counts.

    Raises:
        AuditError: it could not be recorded.
    """
    members = list(record.members)
    seen: list[str] = []
    asking = [] if is_dry else [step for step in looks_by_command(record) if wants_password(step.proof_argv)]
    why_not = await executor.without_password(_plan_of(record, *asking)) if asking else None

    async def look(step: Step) -> Verdict:
        if is_dry and step.proof_argv:
            return Verdict(Result.UNVERIFIED, error="only a command can tell, which a dry run does not run")
        if why_not is not None and step in asking:
            return Verdict(Result.UNVERIFIED, error=why_not)
        say(f"{target_word(step.target)}: was on its way when the program ended; looking what became of it")
        return await executor.observe(step, LOOK_SECONDS)

    open_ = [(number, member) for number, member in enumerate(members, 1) if member.phase in _UNKNOWN]
    async with asyncio.TaskGroup() as tasks:
        looks = [tasks.create_task(look(member.step)) for _, member in open_]
    for (number, member), looked in zip(open_, looks, strict=True):
        verdict = looked.result()
        step, word = member.step, target_word(member.step.target)
        if verdict.result is Result.VERIFIED:
            if not is_dry:
                await executor.record_seen(_plan_of(record, step), number, step, verdict, BY_OBSERVATION)
            pids = f"pid {step.before.pid or 'none'} -> {verdict.pid or 'none'}"
            seen.append(f"{word}: verified by observation, {pids}")
            members[number - 1] = replace(member, phase=MemberPhase.VERIFIED, pid_after=verdict.pid, error=None)
        else:
            why = visible_line(verdict.error or verdict.result.value, 300)
            seen.append(f"{word}: {why}")
            members[number - 1] = replace(member, phase=MemberPhase.UNVERIFIED, error=why)
    return replace(record, members=tuple(members), phase=JobPhase.ABORTED), seen


def _plan_of(record: JobRecord, *steps: Step) -> Plan:
    plan_id = record.id if record.run == 1 else f"{record.id}.{record.run}"
    return Plan(plan_id, record.action, record.cluster, steps, Risk.WORD, record.cluster)


def _by_audit(member: MemberRecord, recorded: AuditStep | None, *, is_complete: bool) -> MemberRecord:
    """A step whose last word did not reach the file; the audit is written first and is believed."""
    if member.phase not in _UNKNOWN:
        return member
    if recorded is None:  # killed before it was begun, unless the record went to syslog alone
        return replace(member, phase=MemberPhase.WAITING) if is_complete else member
    phase = _OUTCOMES.get(str(recorded.outcome.get("result"))) if recorded.outcome is not None else None
    return member if phase is None else replace(member, phase=phase)

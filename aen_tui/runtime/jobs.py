"""Every job of this run of the program, and the way to begin one: what `Runtime` gives to screen and `do`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aen_tui.actions.order import make_whole_plan
from aen_tui.actions.rolling import make_rolling_plan
from aen_tui.actions.scene import Scene
from aen_tui.errors import AuditError
from aen_tui.model.clock import Clock
from aen_tui.model.inventory import Inventory, RollingSettings
from aen_tui.model.jobs import JobPhase, JobState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Step, Target
from aen_tui.model.rolling import RollingPlan
from aen_tui.runtime.audit_book import AuditBook
from aen_tui.runtime.durations import durations, expected_seconds
from aen_tui.runtime.executor import Executor
from aen_tui.runtime.job import Job, Listener
from aen_tui.runtime.job_file import JobFolder, JobRecord
from aen_tui.runtime.job_past import left_over
from aen_tui.runtime.resume import Resumption, look_at, looks_by_command, read_job
from aen_tui.runtime.rolling import AppsNow, Roller
from aen_tui.state.store import Store

CLEAN_UP_SECONDS = 15 * 60.0
"""The longest that clean-ups may take: a node that is waited for, a clone of many files that is removed."""
SHOWN_JOBS = 200
"""Ended jobs beyond this many are forgotten here; audit and files keep them."""


class Jobs:
    """Jobs, newest last.

    Args:
        inventory: what is worked on.
        executor: carries steps out.
        store: what is known.
        clock: ages.
        book: the audit, for durations and for jobs that were broken off.
        folder: where rolling jobs keep their files.
        spawn: starts a task of the runtime's.
        apps_now: looks how many apps run on a node; None where that cannot be seen now.
    """

    def __init__(
        self,
        *,
        inventory: Inventory,
        executor: Executor,
        store: Store,
        clock: Clock,
        book: AuditBook,
        folder: Path,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        apps_now: AppsNow,
    ) -> None:
        self._inventory = inventory
        self._executor = executor
        self._store = store
        self._clock = clock
        self._book = book
        self._folder = JobFolder(folder)
        self._spawn = spawn
        self._apps_now = apps_now
        self._jobs: dict[str, Job] = {}
        self._watchers: list[Callable[[str], None]] = []
        self._states: tuple[JobState, ...] | None = ()
        self._to_clean: set[asyncio.Task[None]] = set()
        """Plans on their way that clean up after themselves."""

    # -- plans -------------------------------------------------------------------------------------

    def plan_rolling(
        self,
        action: ActionName,
        targets: Sequence[Target],
        *,
        settings: RollingSettings | None = None,
        left_out: Sequence[str] = (),
    ) -> RollingPlan:
        """A rolling plan from the present state; pure.

        Args:
            action: restart, start or stop.
            targets: what it is done to.
            settings: the inventory's where None.
            left_out: TARGETs that were meant and cannot be planned, as their nodes are not up.

        Raises:
            PlanRefusedError: nothing that could be done, or it may not be.
        """
        sizes = settings or self._inventory.actions.rolling
        plan = make_rolling_plan(self._scene(), action, targets, sizes, plan_id=_new_id())
        away = [f"not up: {', '.join(dict.fromkeys(left_out))}"] if left_out else []
        return replace(plan, left_out=tuple(left_out), notes=(*plan.notes, *away))

    def plan_everything(
        self,
        action: ActionName,
        nodes: Sequence[NodeName],
        *,
        also: Sequence[Target] = (),
        settings: RollingSettings | None = None,
    ) -> RollingPlan:
        """Restart, stop or start everything on some nodes in the order of dependence; pure.

        Args:
            action: restart, stop or start.
            nodes: whose services are meant.
            also: mongod and elasticsearch, where they are meant.
            settings: the inventory's where None; there is no canary.

        Raises:
            PlanRefusedError: nothing that could be done, or it may not be.
        """
        sizes = settings or self._inventory.actions.rolling
        return make_whole_plan(self._scene(), action, nodes, sizes, plan_id=_new_id(), also=also)

    async def looks_by_command(self, job: str) -> tuple[Step, ...]:
        """The steps of a job that was broken off that `resumption` asks about by their `proof_argv`; runs nothing.

        Raises:
            PlanRefusedError: there is no such job, it is another installation's, or it runs.
        """
        return looks_by_command(await self._read(job))

    async def resumption(self, job: str, say: Callable[[str], None], *, is_dry: bool = False) -> Resumption:
        """A job that was broken off, after a look at what became of the steps that were on their way.

        Args:
            job: its id.
            say: gets a sentence for each step that is looked at.
            is_dry: nothing is run, recorded or filed.

        Raises:
            PlanRefusedError: there is no such job, it is another installation's, or it runs.
            AuditError: what was seen could not be recorded.
        """
        record, seen = await look_at(await self._read(job), self._executor, say, is_dry=is_dry)
        if not is_dry:
            await asyncio.to_thread(self._folder.save, record)
        return Resumption(record, tuple(seen))

    async def _read(self, job: str) -> JobRecord:
        return await asyncio.to_thread(read_job, self._folder, self._book, self._inventory, job)

    def plan_resumed(self, resumption: Resumption, *, again: bool) -> RollingPlan:
        """What is left of a job; `again`: with the steps of which nothing is known, for a person to confirm.

        Raises:
            PlanRefusedError: nothing is left that could be done.
        """
        return resumption.plan(self._scene(), again=again)

    def nodes_of(self, job: str) -> list[NodeName]:
        """The nodes on which a job has something left; blocks a little.

        Raises:
            PlanRefusedError: there is no such job.
        """
        record = self._folder.load(job)
        words = [NodeName(word.partition("/")[0]) for word in record.left_out]
        found = [*(member.step.target.node for member in record.members), *words]
        return [node for node in dict.fromkeys(found) if node in self._inventory.nodes]

    def open_ids(self) -> list[str]:
        """Ids of jobs that were broken off or left something, oldest first; blocks a little."""
        return self._folder.open_ids()

    def left_over(self) -> list[JobState]:
        """Jobs of earlier runs of the program, on this installation, that left something, oldest first; blocks."""
        if self._inventory.is_demo:  # another installation each time, under the same name
            return []
        return left_over(self._folder, self._inventory, self._clock, tuple(self._jobs))

    def mark(self) -> int:
        """Another one whenever `left_over` may have changed; blocks hardly."""
        return self._folder.mark()

    def _scene(self) -> Scene:
        return Scene(self._inventory, self._store.snapshot(), self._clock.monotonic())

    # -- jobs --------------------------------------------------------------------------------------

    def states(self) -> tuple[JobState, ...]:
        """Every job, newest last; the same tuple while nothing changes."""
        if self._states is None:
            self._states = tuple(job.state for job in self._jobs.values())
        return self._states

    def get(self, job: str) -> Job | None:
        """A job by its id; None where it is not of this run."""
        return self._jobs.get(job)

    def on_change(self, watcher: Callable[[str], None]) -> Callable[[], None]:
        """Call somebody on the loop after each change of a job, with its id; what is returned ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def start(
        self,
        work: Plan | RollingPlan,
        *,
        reason: str | None = None,
        settle: bool = False,
        syslog_only: bool = False,
        resumption: Resumption | None = None,
        emit: Listener | None = None,
        asks_at_once: bool = False,
    ) -> Job:
        """Begin a job in the runtime's own task group.

        Args:
            work: what was confirmed.
            reason: why, for the audit.
            settle: a plain plan waits `settle_seconds` after each proof, too.
            syslog_only: as the executor takes it.
            resumption: what a resumed plan continues.
            emit: gets the events, last a `finished`, as `Job.subscribe` would tell them.
            asks_at_once: as `Roller` takes it.
        """
        why = self._executor.guard.reason(reason)
        job = Job(work, self._clock, reason=why, changed=self._changed)
        if emit is not None:
            job.subscribe(emit)
        self._forget()
        self._jobs.pop(job.id, None)
        self._jobs[job.id] = job
        self._changed(job)
        if isinstance(work, RollingPlan):
            done = resumption.verified if resumption is not None else ()
            roller = Roller(
                job,
                executor=self._executor,
                inventory=self._inventory,
                clock=self._clock,
                folder=self._folder,
                apps_now=self._apps_now,
                verified_before=done,
                reason=reason,
                syslog_only=syslog_only,
                asks_at_once=asks_at_once,
            )
            self._spawn(roller.run())
        else:
            self._spawn(self._plain(job, work, reason=reason, settle=settle, syslog_only=syslog_only))
        self._spawn(self._expect(job))
        return job

    async def clean_up(self) -> None:
        """Break off the plans that clean up after themselves, and wait until they have; nothing else is touched.

        Whoever is cancelled meanwhile leaves what is not removed yet; the audit says what that is.
        """
        for task in self._to_clean:
            task.cancel()
        if self._to_clean:
            await asyncio.wait(self._to_clean, timeout=CLEAN_UP_SECONDS)

    async def _plain(self, job: Job, plan: Plan, *, reason: str | None, settle: bool, syslog_only: bool) -> None:
        """A plan as it is: one step after the other, to the first that is not verified."""
        error: str | None = None
        task = asyncio.current_task()
        if task is not None and any(step.removes for step in plan.steps):
            self._to_clean.add(task)
            task.add_done_callback(self._to_clean.discard)

        def take(event: PlanEvent) -> None:
            nonlocal error
            if event.event == "finished":
                error = event.error
            else:
                job.take(event)

        try:
            result = await self._executor.execute(
                plan,
                take,
                reason=reason,
                settle=settle,
                syslog_only=syslog_only,
                may_go_on=lambda: not job.is_aborted,
            )
        except asyncio.CancelledError:
            has_begun = any(one.started_at is not None for one in job.state.members)
            why = "the program ended" if has_begun else "the program ended before anything was done"
            job.end(JobPhase.ABORTED, Result.UNVERIFIED if has_begun else Result.REFUSED, why)
            raise
        phase = JobPhase.FAILED if result in (Result.FAILED, Result.REFUSED) else JobPhase.DONE
        if job.is_aborted and result is Result.UNVERIFIED:
            phase = JobPhase.ABORTED
        job.end(phase, result, error)

    async def _expect(self, job: Job) -> None:
        """What the audit says of how long it will take; nothing where it says nothing."""
        try:
            known = durations(await asyncio.to_thread(self._book.steps))
        except AuditError:
            return
        work, settles = job.work, dict[int, float]()
        if isinstance(work, RollingPlan):
            settles = {
                member + 1: work.settle_seconds for batch in work.batches if batch.settles for member in batch.members
            }
        if not job.state.has_ended:
            job.expect(
                {
                    number: expected_seconds(known, step, settle_seconds=settles.get(number, 0.0))
                    for number, step in enumerate(job.plan.steps, 1)
                }
            )
        if isinstance(work, RollingPlan):
            await asyncio.to_thread(self._folder.prune)

    def _forget(self) -> None:
        ended = [id_ for id_, job in self._jobs.items() if job.state.has_ended]
        for id_ in ended[: max(0, len(ended) - SHOWN_JOBS)]:
            del self._jobs[id_]

    def _changed(self, job: Job) -> None:
        self._states = None
        for watcher in list(self._watchers):
            watcher(job.id)


def _new_id() -> str:
    return uuid.uuid4().hex[:12]

"""The real jobs over a made-up installation: what is started stands still until a test drives it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aen_tui.model.jobs import JobState
from aen_tui.model.plans import Plan, PlanEvent, Result
from aen_tui.model.rolling import RollingPlan
from aen_tui.runtime.executor import Executor
from aen_tui.runtime.guard import Guard
from aen_tui.runtime.job import Job
from aen_tui.runtime.jobs import Jobs

CALL = "start-job"
"""How a start stands among the runtime's calls."""


def made_up_jobs(runtime: Any, guard: Guard, folder: Path) -> Jobs:
    """Jobs of a `tests.support.states.FakeRuntime`."""
    executor = Executor(
        inventory=runtime.inventory,
        store=runtime.store,
        clock=runtime.clock,
        audit=runtime.audit,
        read_only=guard.read_only,
        link_of=lambda _node: None,
        poke=lambda _node: None,
        settle_task=_close,
        guard=guard,
    )
    return _Jobs(runtime, executor, folder)


class _Jobs(Jobs):
    def __init__(self, runtime: Any, executor: Executor, folder: Path) -> None:
        super().__init__(
            inventory=runtime.inventory,
            executor=executor,
            store=runtime.store,
            clock=runtime.clock,
            book=runtime.audit_book,
            folder=folder,
            spawn=_close,
            apps_now=lambda node: runtime.projects.looks.apps_now(node),
        )
        self._runtime = runtime

    def start(self, work: Plan | RollingPlan, **more: Any) -> Job:
        self._runtime.calls.append((CALL, work))
        return super().start(work, **more)


def _close(work: Coroutine[Any, Any, None]) -> None:
    work.close()


def begin(job: Job, *numbers: int) -> None:
    """Steps begin, and their commands return."""
    for number in numbers:
        _take(job, number, PlanEvent("step-started"))


def claim(job: Job, number: int, *lines: str) -> None:
    """The command has returned, and said this."""
    _take(job, number, PlanEvent("step-finished", Result.CLAIMED, lines=lines))


def prove(job: Job, number: int, result: Result = Result.VERIFIED, error: str | None = None) -> None:
    """What came of it."""
    detail = {"rests_on": ("a new pid", "RUNNING for 3.1 s")} if result is Result.VERIFIED else {}
    _take(job, number, PlanEvent("verified", result, pid_after=4000 + number, error=error, detail=detail))


def _take(job: Job, number: int, event: PlanEvent) -> None:
    assert isinstance(job.work, RollingPlan)
    job.take(replace(event, step=job.plan.steps[number - 1], place=job.work.place(number - 1)))


def phases(state: JobState) -> Sequence[str]:
    """How each member does, in order."""
    return [member.phase.value for member in state.members]

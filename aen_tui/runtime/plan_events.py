"""What is told of a plan while it is carried out, from what is known of its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from aen_tui.actions.claims import Claim
from aen_tui.model.plans import Plan, PlanEvent, Result, Step
from aen_tui.runtime.proofs.watching import Verdict

Emit = Callable[[PlanEvent], None]


def emit_all(plan: Plan, emit: Emit) -> None:
    """One `planned` a step."""
    for step in plan.steps:
        emit(PlanEvent("planned", Result.PLANNED, step))


def telling(emit: Emit, notes: Sequence[str]) -> Emit:
    """The same, with the leases' notes beside the first step that is started."""
    left = list(notes)

    def told(event: PlanEvent) -> None:
        if left and event.event == "step-started":
            event = replace(event, detail={"lease": tuple(left)})
            left.clear()
        emit(event)

    return told


def finished(step: Step, said: Claim, lines: tuple[str, ...]) -> PlanEvent:
    """A step's command has ended, or its words were lost; `lines` are what it printed."""
    return PlanEvent("step-finished", _claimed(said), step, error=said.error, lines=lines)


def judged(step: Step, verdict: Verdict) -> PlanEvent:
    """What was seen of a step."""
    return PlanEvent(
        "verified", verdict.result, step, pid_after=verdict.pid, error=verdict.error, detail=verdict.detail
    )


def _claimed(said: Claim) -> Result:
    if said.was_refused:
        return Result.REFUSED
    if said.was_lost:
        return Result.UNVERIFIED
    return Result.FAILED if said.is_ok is False else Result.CLAIMED

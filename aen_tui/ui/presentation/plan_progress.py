"""A plan while it is carried out, from its events: what is claimed, what is proved, on what it rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aen_tui.model.plans import Plan, PlanEvent, Proof, Result, Step

FINAL = frozenset({Result.VERIFIED, Result.FAILED, Result.UNVERIFIED, Result.REFUSED})
_WATCHED = frozenset({Proof.NEW_PID, Proof.PID_GONE})
"""What can still be undone by a death (or a return to life) after it was proved."""


@dataclass(slots=True)
class StepProgress:
    """How far one step is."""

    step: Step
    result: Result | None = None
    """None until the command has returned."""
    started_at: float | None = None
    """Monotonic seconds."""
    ended_at: float | None = None
    """Monotonic seconds of the last change of `result`."""
    pid_after: int | None = None
    error: str | None = None
    claimed: bool | None = None
    """Whether the command's own words were of success; None before it returned, and where they were lost."""
    detail: dict[str, Any] = field(default_factory=dict)
    """What the result rests on, as the runtime says it."""
    lines: tuple[str, ...] = ()
    """What the command printed."""

    def elapsed_seconds(self, now: float) -> float | None:
        """From the start to the proof, or until now where there is none yet."""
        if self.started_at is None:
            return None
        end = self.ended_at if self.result in FINAL and self.ended_at is not None else now
        return max(0.0, end - self.started_at)


class PlanProgress:
    """What has happened to a plan so far. A death after the proof turns it to *failed*."""

    def __init__(self, plan: Plan, now: float) -> None:
        self.plan = plan
        self.started_at = now
        self.steps = [StepProgress(step) for step in plan.steps]
        self.result: Result | None = None
        """None while steps are on their way."""
        self.error: str | None = None
        self.verified_at: float | None = None
        self.is_finished = False
        """All steps have ended; a death while settling may still follow."""

    def take(self, event: PlanEvent, now: float) -> None:
        """Count an event in."""
        if event.event == "planned":
            return
        if event.step is not None and event.event != "finished":
            self._take_step(self._of(event.step), event, now)
        if event.event == "finished":
            self.is_finished = True
            self._end(event.result or Result.UNVERIFIED, event.error, now)
        elif self.is_finished or all(step.result in FINAL for step in self.steps):
            self._end(self._worst(), event.error, now)

    def _of(self, step: Step) -> StepProgress:
        for entry in self.steps:
            if entry.step is step:
                return entry
        return next((entry for entry in self.steps if entry.step.target == step.target), self.steps[0])

    def _take_step(self, entry: StepProgress, event: PlanEvent, now: float) -> None:
        if event.step is not None and event.step.proof_argv:
            entry.step = event.step  # with what the proof command said of the time before
        if entry.started_at is None:
            entry.started_at = now if event.event == "step-started" else self.started_at
        entry.detail.update(_flat(event.detail))
        if event.event == "step-started":
            return
        result = event.result or Result.UNVERIFIED
        entry.lines = event.lines or entry.lines
        if event.event == "step-finished" and result not in (Result.REFUSED, Result.UNVERIFIED):
            entry.claimed = result is Result.CLAIMED
            result = Result.CLAIMED  # whatever the command said: what was seen afterwards decides
        if result is not entry.result:
            entry.result, entry.ended_at = result, now
        entry.pid_after = event.pid_after if event.pid_after is not None else entry.pid_after
        entry.error = event.error

    def _worst(self) -> Result:
        results = {step.result for step in self.steps}
        for result in (Result.FAILED, Result.REFUSED, Result.UNVERIFIED):
            if result in results:
                return result
        return Result.VERIFIED

    def _end(self, result: Result, error: str | None, now: float) -> None:
        self.result = result
        self.error = error
        if result is Result.VERIFIED and self.verified_at is None:
            self.verified_at = now
        for entry in self.steps:
            is_open = entry.result in (None, Result.CLAIMED) and entry.started_at is not None
            if is_open or (len(self.steps) == 1 and entry.result is not result):
                entry.result, entry.ended_at = result, now

    def settle_left_seconds(self, settle_seconds: float, now: float) -> float | None:
        """Seconds for which a death would still turn it to *failed*; None where nothing is watched."""
        if self.verified_at is None or self.result is not Result.VERIFIED:
            return None
        if not any(entry.step.proof in _WATCHED and not entry.step.proof_argv for entry in self.steps):
            return None
        left = self.verified_at + settle_seconds - now
        return left if left > 0 else None


def _flat(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in detail.items() if value not in (None, "", [], ())}

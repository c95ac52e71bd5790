"""A job's state from the events of its plan; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from aen_tui.actions.card_text import VERBS
from aen_tui.actions.rolling_text import title
from aen_tui.model.jobs import OUTPUT_LINES, BatchState, JobPhase, JobState, MemberPhase, MemberState
from aen_tui.model.plans import Plan, PlanEvent, Result, Step
from aen_tui.model.rolling import RollingPlan
from aen_tui.model.text import visible_line

LINE_CHARACTERS = 1000
_PHASES = {
    Result.VERIFIED: MemberPhase.VERIFIED,
    Result.FAILED: MemberPhase.FAILED,
    Result.REFUSED: MemberPhase.FAILED,
    Result.UNVERIFIED: MemberPhase.UNVERIFIED,
}


def first_state(
    work: Plan | RollingPlan, now: float, wall: float, *, reason: str | None, expected: Sequence[float | None] = ()
) -> JobState:
    """A job at its start.

    Args:
        work: what it does.
        now: monotonic seconds.
        wall: epoch seconds.
        reason: why.
        expected: seconds that each step is expected to take, where known.
    """
    plan = work.plan if isinstance(work, RollingPlan) else work
    seconds = list(expected) or [None] * len(plan.steps)
    members = [_member(number, step, seconds[number - 1]) for number, step in enumerate(plan.steps, 1)]
    if isinstance(work, RollingPlan):
        batches = tuple(
            BatchState(batch.number, visible_line(batch.label, 100), tuple(members[one] for one in batch.members))
            for batch in work.batches
        )
    else:
        batches = tuple(BatchState(member.number, "step", (member,)) for member in members)
    state = JobState(
        id=plan.id,
        title=title(work) if isinstance(work, RollingPlan) else _plain_title(plan),
        action=plan.action,
        phase=JobPhase.RUNNING,
        batches=batches,
        started_at=now,
        started_wall=wall,
        is_rolling=isinstance(work, RollingPlan),
        reason=None if reason is None else visible_line(reason, 300),
    )
    return replace(state, expected_seconds=_expected(state, now))


def member_of(state: JobState, plan: Plan, event: PlanEvent) -> int | None:
    """The number of the member that an event is about; None where it is about none."""
    if event.place is not None:
        return event.place.member
    if event.step is None or event.event == "finished":
        return None
    same = [
        number
        for number, step in enumerate(plan.steps, 1)
        if (step.target, step.action, step.argv) == (event.step.target, event.step.action, event.step.argv)
    ]
    is_open = {member.number for member in state.members if not member.has_ended}
    return next((number for number in same if number in is_open), same[-1] if same else None)


def fold(state: JobState, number: int, event: PlanEvent, now: float) -> JobState:
    """The state after an event about one member. One that was proved may still turn to failed, or to not known."""
    batches = tuple(
        replace(batch, members=tuple(_told(one, event, now) if one.number == number else one for one in batch.members))
        for batch in state.batches
    )
    after = replace(state, batches=batches)
    if after.has_ended:
        return _after_its_end(after, event)
    return replace(after, expected_seconds=_expected(after, now))


def with_expected(state: JobState, seconds: Mapping[int, float | None], now: float) -> JobState:
    """The state with what each member is expected to take."""
    batches = tuple(
        replace(batch, members=tuple(replace(one, expected_seconds=seconds.get(one.number)) for one in batch.members))
        for batch in state.batches
    )
    after = replace(state, batches=batches)
    return replace(after, expected_seconds=_expected(after, now))


def _after_its_end(state: JobState, event: PlanEvent) -> JobState:
    if event.event == "verified" and event.result is Result.FAILED:
        return replace(state, phase=JobPhase.FAILED, result=Result.FAILED, error=_said(event.error))
    if event.event == "verified" and event.result is Result.UNVERIFIED and state.result is Result.VERIFIED:
        return replace(state, result=Result.UNVERIFIED, error=_said(event.error))
    was_open = state.result is Result.UNVERIFIED and state.phase is JobPhase.DONE and not state.left
    if was_open and all(member.phase is MemberPhase.VERIFIED for member in state.members):
        return replace(state, result=Result.VERIFIED, error=None)
    return state


def _member(number: int, step: Step, expected: float | None) -> MemberState:
    return MemberState(
        number=number,
        node=step.target.node,
        service=visible_line(step.target.service, 200),
        action=step.action,
        pid_before=step.before.pid,
        expected_seconds=expected,
    )


def _told(member: MemberState, event: PlanEvent, now: float) -> MemberState:
    if event.event == "step-started":
        return replace(member, phase=MemberPhase.RUNNING, started_at=now, ended_at=None)
    lines = (*member.lines, *(visible_line(line, LINE_CHARACTERS) for line in event.lines))[-OUTPUT_LINES:]
    detail = dict(member.detail) | {
        visible_line(str(key), 100): visible_line(_in_words(value), LINE_CHARACTERS)
        for key, value in event.detail.items()
        if value not in (None, "", [], ())
    }
    told = replace(member, lines=lines, detail=tuple(detail.items()), error=_said(event.error) or member.error)
    if event.event == "step-finished":
        return replace(told, phase=MemberPhase.CLAIMED)
    if event.event != "verified" or event.result is None:
        return member
    phase = _PHASES.get(event.result, MemberPhase.UNVERIFIED)
    if event.place is not None and event.place.is_skipped:
        phase = MemberPhase.SKIPPED
    before = event.step.before.pid if event.step is not None else member.pid_before
    error = None if phase is MemberPhase.VERIFIED and not event.error else told.error
    return replace(told, phase=phase, ended_at=now, pid_before=before, pid_after=event.pid_after, error=error)


def _in_words(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def _said(text: str | None) -> str | None:
    return None if text is None else visible_line(text, LINE_CHARACTERS)


def _expected(state: JobState, now: float) -> float | None:
    """What is over, and for each batch that is not, its slowest member."""
    known = [
        seconds
        for one in state.members
        if one.phase is MemberPhase.VERIFIED and (seconds := one.elapsed_seconds(now)) is not None
    ]
    guess = fmean(known) if known else None
    left = 0.0
    for batch in state.batches:
        open_ = [one for one in batch.members if not one.has_ended]
        spans = [one.expected_seconds if one.expected_seconds is not None else guess for one in open_]
        if None in spans:
            return None
        begun = [one.started_at for one in open_ if one.started_at is not None]
        gone = now - min(begun) if begun else 0.0
        left += max(0.0, max((span for span in spans if span is not None), default=0.0) - gone)
    return now - state.started_at + left


def _plain_title(plan: Plan) -> str:
    steps = plan.steps
    first = f"{steps[0].target.node}/{steps[0].target.service}" if steps else ""
    others = {step.target for step in steps} - {steps[0].target} if steps else set()
    tail = f" and {len(others)} more" if others else ""
    return visible_line(f"{VERBS[plan.action]} · {first}{tail}", 200)

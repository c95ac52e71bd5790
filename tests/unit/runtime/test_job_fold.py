"""What is told of a job after its end changes how it stands: a death, a link that goes, and what is seen again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.jobs import JobPhase
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Risk
from aen_tui.runtime.job_fold import first_state, fold
from tests.support.steps import STEP


@pytest.mark.parametrize(
    ("told", "result"),
    [
        ([Result.UNVERIFIED], Result.UNVERIFIED),
        ([Result.UNVERIFIED, Result.VERIFIED], Result.VERIFIED),
        ([Result.UNVERIFIED, Result.FAILED], Result.FAILED),
    ],
)
def test_what_is_told_after_the_end(told: list[Result], result: Result) -> None:
    plan = Plan("0" * 12, ActionName.RESTART, "aen-prod", (STEP,), Risk.KEY, "aen-server")
    state = fold(first_state(plan, 0.0, 0.0, reason=None), 1, PlanEvent("verified", Result.VERIFIED, STEP), 1.0)
    state = replace(state, phase=JobPhase.DONE, result=Result.VERIFIED)
    for one in told:
        state = fold(state, 1, PlanEvent("verified", one, STEP, error="the link was lost"), 2.0)
    assert state.result is result
    assert state.error == (None if result is Result.VERIFIED else "the link was lost")

"""After the proof: what does not hold any more while a step settles, and what nobody could see at its end."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aen_tui.model.facts import LinkState
from aen_tui.model.plans import ActionName, Proof, Result, Step
from aen_tui.runtime.proofs.watching import Verdict
from tests.support.steps import SERVER, STEP
from tests.unit.runtime.test_verifier import Asked, Stage, looks, lose

STOP = replace(STEP, action=ActionName.STOP, proof=Proof.PID_GONE)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.mark.parametrize(
    ("state", "pid", "holds"), [("RUNNING", 200, True), ("RUNNING", 201, False), ("FATAL", None, False)]
)
async def test_settling(stage: Stage, state: str, pid: int | None, holds: bool) -> None:
    stage.frame("RUNNING", 200)
    async with asyncio.timeout(60):
        watch = asyncio.ensure_future(stage.verifier.settle(STEP, 200, 30.0, is_current=lambda: True))
        for _ in range(31):
            stage.clock.advance(1.0)
            stage.frame(state, pid)
            await looks()
        broken = await watch
    assert (broken is None) is holds


async def settled(stage: Stage, step: Step = STEP, *, asked: Asked | None = None) -> Verdict | None:
    """Settle for 30 s after one frame, and let a minute pass in which none comes."""
    pid = None if step.proof is Proof.PID_GONE else 200
    async with asyncio.timeout(60):
        watch = asyncio.ensure_future(stage.verifier.settle(step, pid, 30.0, is_current=lambda: True, ask=asked))
        for _ in range(60):
            stage.runtime.change("compute1-1")
            await looks()
            stage.clock.advance(1.0)
        return await watch


@pytest.mark.parametrize("step", [STEP, STOP])
async def test_what_nobody_saw_at_the_end_has_not_settled(stage: Stage, step: Step) -> None:
    stage.frame(*(("STOPPED", None) if step.proof is Proof.PID_GONE else ("RUNNING", 200)))
    found = await settled(stage, step)
    assert found is not None
    assert (found.result, found.error) == (Result.UNVERIFIED, "the probe has not shown it since")
    assert stage.pokes


async def test_a_link_that_is_lost_while_it_settles_leaves_it_unknown(stage: Stage) -> None:
    stage.frame("RUNNING", 200)
    lose(stage, replace(stage.runtime.store.node(SERVER).connection, state=LinkState.STALE, error="no word for 8 s"))
    found = await settled(stage)
    assert found is not None
    assert (found.result, found.pid) == (Result.UNVERIFIED, 200)
    assert "no word for 8 s" in (found.error or "")


async def test_an_answer_that_says_nothing_has_not_settled(stage: Stage) -> None:
    found = await settled(stage, asked=Asked(stage, ("RUNNING", 200), ("unknown", None)))
    assert found is not None
    assert found.result is Result.UNVERIFIED
    assert "a password is required" in (found.error or "")


@pytest.mark.parametrize(("answer", "holds"), [(("RUNNING", 200), True), (("RUNNING", 201), False)])
async def test_settling_asks_seldom_and_at_the_end(stage: Stage, answer: tuple[str, int], holds: bool) -> None:
    asked = Asked(stage, answer)
    async with asyncio.timeout(60):
        watch = asyncio.ensure_future(stage.verifier.settle(STEP, 200, 12.0, is_current=lambda: True, ask=asked))
        for _ in range(13):
            await looks()
            stage.clock.advance(1.0)
            stage.frame("unknown")
        broken = await watch
    assert (broken is None) is holds
    assert [round(at - stage.acted_at) for at in asked.times] == ([5, 10, 12] if holds else [5])


async def test_one_answer_that_says_nothing_is_asked_for_again(stage: Stage) -> None:
    running = ("RUNNING", 200)
    asked = Asked(stage, *[running] * 5, ("unknown", None), ("unknown", None), running)
    assert await settled(stage, asked=asked) is None
    assert [round(at - stage.acted_at) for at in asked.times] == [5, 10, 15, 20, 25, 30, 31, 32]

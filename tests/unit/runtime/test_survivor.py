"""A SysV stop counts once the process is gone, not once its pid file is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aen_tui.errors import AenError, ConnectionLostError, NoProcessError
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Proof, Result, Step
from aen_tui.model.process import ProcessLook
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.verifier import VERIFY_SECONDS, Verifier
from tests.support.steps import STEP
from tests.unit.runtime.test_verifier import SYSV, Stage, looks

BEGAN = 1_700_000_000.0
BEFORE = Known("RUNNING", 100, BEGAN, 60.0, 1.0)
STOP = replace(SYSV, action=ActionName.STOP, proof=Proof.PID_GONE, before=BEFORE)
GONE = NoProcessError("there is no process 100")


async def stopped(step: Step, *found: ProcessLook | AenError) -> tuple[Verdict, int]:
    """The verdict on a stop whose service is called STOPPED at once, and how often its process was looked at.

    Args:
        step: the stop.
        found: one look after the other, the last one again and again.
    """
    stage, left, looked = Stage(), list(found), []

    async def look(node: NodeName, pid: int) -> ProcessLook:
        looked.append((node, pid))
        one = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(one, AenError):
            raise one
        return one

    verifier = Verifier(stage.runtime.store, stage.clock, stage.pokes.append, look)
    async with asyncio.timeout(60):
        task = asyncio.ensure_future(verifier.verify(step, acted_at=stage.acted_at))
        for _ in range(int(VERIFY_SECONDS) + 2):
            stage.clock.advance(1.0)
            stage.frame("STOPPED", manager=step.target.manager)
            await looks()
            if task.done():
                break
        return await task, len(looked)


def alive(at: float | None = BEGAN) -> ProcessLook:
    return ProcessLook(100, started_at=at)


async def test_a_process_that_outlives_its_pid_file_is_failed() -> None:
    verdict, looked = await stopped(STOP, alive())
    assert verdict.result is Result.FAILED
    assert verdict.error == "it is called stopped, but its process 100 is still there"
    assert looked < VERIFY_SECONDS + 3


async def test_one_that_takes_a_while_to_end_is_waited_for() -> None:
    assert await stopped(STOP, alive(), alive(), GONE) == (Verdict(Result.VERIFIED), 3)


@pytest.mark.parametrize("began", [BEGAN + 60.0, BEGAN - 3.0])
async def test_another_process_of_that_pid_is_not_the_one_that_was_stopped(began: float) -> None:
    assert await stopped(STOP, alive(began)) == (Verdict(Result.VERIFIED), 1)


async def test_what_cannot_be_looked_at_is_not_known() -> None:
    verdict, _ = await stopped(STOP, ConnectionLostError("the node is not up"))
    assert verdict.result is Result.UNVERIFIED
    assert "the node is not up" in (verdict.error or "")


async def test_a_supervisor_that_waits_for_its_children_is_not_doubted() -> None:
    step = replace(STEP, action=ActionName.STOP, proof=Proof.PID_GONE)
    assert await stopped(step, alive()) == (Verdict(Result.VERIFIED), 0)

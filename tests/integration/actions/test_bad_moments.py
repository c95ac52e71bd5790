"""^C at every stage, two plans for one node, a target that vanished, a time of day that jumps."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from aen_tui.model.plans import ActionName, PlanEvent, Result
from aen_tui.runtime.audit_verify import verify
from tests.integration.actions.supervisord import NODE, Supervisord, rig
from tests.support.side_by_side import side_by_side, together

__all__ = ["together"]

RUNS = "exec sleep 1000\n"


def newest() -> Supervisord:
    made = Supervisord("4")
    made.program("wk-server", RUNS)
    return made


@pytest.mark.parametrize("stage", ["planned", "step-started", "step-finished", "settling"])
@side_by_side
async def test_an_interrupt_leaves_records_that_verify_and_repeats_nothing(stage: str) -> None:
    async with rig(newest(), settle_seconds=30.0) as made:
        await made.wait("wk-server", "RUNNING")
        reached = asyncio.Event()

        def emit(event: PlanEvent) -> None:
            made.events.append(event)
            if event.event == stage:
                reached.set()

        plan = made.plan(ActionName.RESTART, "wk-server")
        job = asyncio.create_task(made.executor.execute(plan, emit, settle=True))
        if stage == "settling":
            before = plan.steps[0].before.pid
            async with asyncio.timeout(60):
                await made.store.wait_for(
                    lambda state: any(one.pid not in (None, before) for one in state.nodes[NODE].services)
                )
        else:
            await reached.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert len(made.link.ran) <= 1
        kinds = [record["kind"] for record in made.records()]
        assert kinds in ([], ["intent", "outcome"]) if stage == "planned" else kinds == ["intent", "outcome"]
        ends = (None, "unverified", *(["refused"] if stage == "planned" else []))
        assert all(record["result"] in ends for record in made.records())
        assert verify(made.audit_path, None).faults == () or not kinds
        made.events.clear()
        assert await made.do(ActionName.RESTART, "wk-server") is Result.VERIFIED, "and the node is free again"


@side_by_side
async def test_a_second_plan_for_a_node_is_refused_while_the_first_is_carried_out() -> None:
    slow = newest()
    is_seen = slow.prefix / "is-seen"
    wait = f"while [ ! -e {is_seen} ]; do sleep 0.1; done"
    slow.program("wk-server", f"trap '{wait}; exit 0' TERM\nwhile :; do sleep 0.1; done\n", stopwaitsecs=60)
    async with rig(slow) as made:
        await made.wait("wk-server", "RUNNING")
        first, second = (made.plan(ActionName.RESTART, "wk-server") for _ in range(2))
        job = asyncio.create_task(made.execute(first))
        async with asyncio.timeout(60):
            await made.store.wait_for(lambda state: any(one.state == "STOPPING" for one in state.nodes[NODE].services))
        events: list[PlanEvent] = []
        assert await made.executor.execute(second, events.append) is Result.REFUSED
        assert "another plan" in (events[-1].error or "")
        is_seen.touch()
        assert await job is Result.VERIFIED
        assert len(made.link.ran) == 1


@side_by_side
async def test_a_target_that_vanished_is_refused() -> None:
    async with rig(newest()) as made:
        await made.wait("wk-server", "RUNNING")
        plan = made.plan(ActionName.RESTART, "wk-server")
        (made.supervisord.home / "conf.d" / "wk-server.conf").unlink()
        control = made.supervisord.home / "bin" / "supervisorctl"
        await asyncio.to_thread(subprocess.run, [control, "update"], check=True, stdout=subprocess.DEVNULL)
        async with asyncio.timeout(60):
            await made.store.wait_for(lambda state: not state.nodes[NODE].services)
        assert await made.execute(plan) is Result.REFUSED
        assert "not listed any more" in (made.events[-1].error or "")
        assert (made.link.ran, made.records()) == ([], [])


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
@side_by_side
async def test_a_time_of_day_that_jumps_neither_proves_nor_fails_anything(jump: float) -> None:
    async with rig(newest(), settle_seconds=3.0) as made:
        await made.wait("wk-server", "RUNNING")
        real = made.clock.wall
        made.clock.wall = lambda: real() + (jump if made.link.ran else 0.0)
        assert await made.do(ActionName.RESTART, "wk-server", settle=True) is Result.VERIFIED
        assert verify(made.audit_path, None).faults == ()

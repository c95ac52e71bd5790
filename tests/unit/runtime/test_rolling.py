"""A rolling job's way, with an executor that does what a test says: pauses, gates, skips, and what the file holds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from aen_tui.actions.order import make_whole_plan
from aen_tui.actions.planning import make_plan
from aen_tui.errors import PlanRefusedError
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.jobs import JobPhase, MemberPhase
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, PlanEvent, Result, Target
from aen_tui.runtime.job import BY_HAND, Job
from aen_tui.runtime.rolling import FORGOTTEN, LOCKED
from tests.unit.runtime.rolling_world import COMPUTES, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with asyncio.TaskGroup() as tasks:
        found = World(tmp_path, tasks)
        yield found
        for task in found.tasks:
            task.cancel()


async def until(world: World, condition: Callable[[], bool]) -> None:
    """Wait for a change of a job that makes it true."""
    changed = asyncio.Event()
    stop = world.jobs.on_change(lambda _: changed.set())
    async with asyncio.timeout(60):
        while not condition():
            changed.clear()
            await changed.wait()
    stop()


async def ended(job: Job) -> Result:
    async with asyncio.timeout(60):
        return await job.wait()


async def test_batch_after_batch_and_the_same_states_as_events(world: World) -> None:
    rolling = world.plan()
    events: list[PlanEvent] = []
    job = world.jobs.start(rolling, emit=events.append)
    assert await ended(job) is Result.VERIFIED
    assert world.executor.began == world.order(rolling)
    assert [event.place.member for event in events if event.event == "verified" and event.place] == [1, 2, 3, 4, 5, 6]
    assert [event.event for event in events[:6]] == ["planned"] * 6
    assert (events[-1].event, events[-1].result) == ("finished", Result.VERIFIED)
    (state,) = world.jobs.states()
    assert (state.phase, state.progress, state.left) == (JobPhase.DONE, (6, 6), ())
    assert state.members[0].lines == ("wk-compute: stopped", "␛[31mstarted")
    assert set(world.changes) == {job.id}
    assert world.jobs.states() is world.jobs.states()


async def test_the_file_says_running_before_a_step_begins_and_beside_others(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan(canary=0, batch=2, max_failures=0)
    first, second, third = world.order(rolling)[:3]
    job = world.jobs.start(rolling)
    await until(world, lambda: len(world.executor.began) == 2)
    assert (world.filed()[first], world.filed()[second], world.filed()[third]) == ("running", "running", "waiting")
    world.executor.let(first)
    await until(world, lambda: job.state.members[0].has_ended)
    assert len(world.executor.began) == 2, "the gate is the batch's"
    world.executor.holds = False
    world.executor.let(second)
    assert await ended(job) is Result.VERIFIED
    assert set(world.filed().values()) == {"verified"}


@pytest.mark.parametrize(
    ("allowed", "begun", "result", "phase"),
    [
        (0, 2, Result.FAILED, JobPhase.FAILED),
        (1, 4, Result.FAILED, JobPhase.FAILED),
        (9, 6, Result.FAILED, JobPhase.FAILED),
    ],
)
async def test_more_failures_than_may_be_end_it(
    world: World, allowed: int, begun: int, result: Result, phase: JobPhase
) -> None:
    rolling = world.plan(canary=0, batch=2, max_failures=allowed)
    order = world.order(rolling)
    world.executor.results = {order[0]: Result.FAILED, order[3]: Result.UNVERIFIED}
    job = world.jobs.start(rolling)
    assert await ended(job) is result
    assert (len(world.executor.began), job.state.phase) == (begun, phase)
    done = {order[number] for number in range(begun)} - {order[0], order[3]}
    assert job.state.left == tuple(f"{name}/wk-compute" for name in order if name not in done)
    assert job.state.commands[0].endswith("do --resume 0123456789ab")
    assert "--max-failures" in job.state.commands[1]
    assert "1 failed" in (job.state.error or "")


async def test_pause_lets_nothing_begin_and_resume_goes_on(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan()
    (first, *others) = world.order(rolling)
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [first])
    job.pause()
    assert (job.state.phase, job.state.is_busy) == (JobPhase.PAUSED, True)
    world.executor.let(first)
    await until(world, lambda: job.state.members[0].phase is MemberPhase.VERIFIED)
    for _ in range(20):
        await asyncio.sleep(0)
    assert world.executor.began == [first]
    world.executor.holds = False
    job.resume()
    assert await ended(job) is Result.VERIFIED
    assert world.executor.began == [first, *others]


async def test_skip_passes_over_the_next_one(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan()
    order = world.order(rolling)
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [order[0]])
    assert job.skip() == 2
    assert job.state.members[1].phase is MemberPhase.SKIPPED
    assert job.state.members[1].error == BY_HAND
    world.executor.holds = False
    world.executor.let(order[0])
    assert await ended(job) is Result.UNVERIFIED
    assert order[1] not in world.executor.began
    assert len(world.executor.began) == 5
    assert job.state.left == (f"{order[1]}/wk-compute",)
    assert job.skip() is None


async def test_abort_ends_after_what_runs_even_where_it_is_paused(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan()
    first = world.order(rolling)[0]
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [first])
    job.pause()
    job.abort()
    job.resume()
    assert not job.state.has_ended
    world.executor.let(first)
    assert await ended(job) is Result.UNVERIFIED
    assert (job.state.phase, len(job.state.left)) == (JobPhase.ABORTED, 5)
    assert world.filed()[first] == "verified"


async def test_what_is_not_as_confirmed_is_passed_over_and_said(world: World) -> None:
    rolling = world.plan()
    order = world.order(rolling)
    world.executor.refusals = {order[2]: "changed since the plan was made: pid 8", order[4]: f"{order[4]} is not up"}
    job = world.jobs.start(rolling)
    assert await ended(job) is Result.UNVERIFIED
    assert set(order) - set(world.executor.began) == {order[2], order[4]}
    assert [one.error for one in job.state.members if one.phase is MemberPhase.SKIPPED] == [
        "changed since the plan was made: pid 8", f"{order[4]} is not up",
    ]  # fmt: skip


async def test_a_lock_in_the_middle_pauses_it(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan()
    order = world.order(rolling)
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [order[0]])
    world.executor.guard.is_locked = True
    world.executor.let(*order)
    await until(world, lambda: job.state.phase is JobPhase.PAUSED)
    assert "arm again" in job.state.note
    job.resume()
    await until(world, lambda: job.state.phase is JobPhase.PAUSED)
    assert len(world.executor.began) == 1
    world.executor.guard.is_locked = False
    job.resume()
    assert await ended(job) is Result.VERIFIED


@pytest.mark.parametrize("batch", [1, 2])
async def test_arming_that_runs_out_in_a_batch_pauses_it_and_nothing_has_failed(world: World, batch: int) -> None:
    rolling = world.plan(canary=0, batch=batch)
    order = world.order(rolling)
    world.executor.locks_at = order[1]
    job = world.jobs.start(rolling)
    await until(world, lambda: job.state.phase is JobPhase.PAUSED)
    assert "arm again" in job.state.note
    assert (world.executor.began, world.filed()[order[1]]) == ([order[0]], "waiting")
    world.executor.locks_at = None
    world.executor.guard.is_locked = False
    job.resume()
    assert await ended(job) is Result.VERIFIED
    assert sorted(world.executor.began) == sorted(order)


@pytest.mark.parametrize(
    ("apps", "why"), [(1, "1 app runs there"), (3, "3 apps run there"), (None, "how many apps run there is not known")]
)
async def test_of_idle_nodes_alone_one_is_passed_over_that_is_idle_no_longer(
    world: World, apps: int | None, why: str
) -> None:
    world.executor.holds = True
    rolling = world.plan(idle_only=True)
    order = world.order(rolling)
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [order[0]])
    world.apps[order[3]] = apps
    world.executor.holds = False
    world.executor.let(order[0])
    assert await ended(job) is Result.UNVERIFIED
    assert world.executor.began == [name for name in order if name != order[3]]
    assert job.state.members[3].error == why
    assert job.state.left == (f"{order[3]}/wk-compute",)
    assert job.state.commands[1].endswith("--idle-only")


async def test_without_that_wish_nobody_counts_apps(world: World) -> None:
    world.apps = dict.fromkeys(COMPUTES, 7)
    assert await ended(world.jobs.start(world.plan())) is Result.VERIFIED


async def test_what_the_rules_forbid_does_not_begin(world: World) -> None:
    world.executor.guard.why = "read-only: nothing is carried out"
    job = world.jobs.start(world.plan())
    assert await ended(job) is Result.REFUSED
    assert (world.executor.began, job.state.error) == ([], "read-only: nothing is carried out")
    assert not world.folder.exists()


async def test_without_its_file_nothing_is_done(world: World) -> None:
    world.folder.write_text("in the way")
    job = world.jobs.start(world.plan())
    assert await ended(job) is Result.REFUSED
    assert world.executor.began == []


async def test_a_file_that_cannot_be_written_any_more_ends_it(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan()
    first = world.order(rolling)[0]
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [first])
    file = world.folder / "0123456789ab.json"
    file.unlink()
    file.mkdir()
    world.executor.let(first)
    assert await ended(job) is Result.UNVERIFIED
    assert (world.executor.began, job.state.phase) == ([first], JobPhase.FAILED)
    assert "cannot be written" in (job.state.error or "")


async def test_cut_off_in_the_middle_the_step_is_not_known(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan()
    first = world.order(rolling)[0]
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [first])
    for task in world.tasks:
        task.cancel()
    assert await ended(job) is Result.UNVERIFIED
    assert (job.state.phase, job.state.members[0].phase) == (JobPhase.ABORTED, MemberPhase.UNVERIFIED)
    assert world.filed()[first] == "unverified"
    assert len(job.state.left) == 6


async def test_expected_time_comes_from_the_first_ones(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan()
    order = world.order(rolling)
    job = world.jobs.start(rolling)
    await until(world, lambda: world.executor.began == [order[0]])
    assert job.state.expected_seconds is None
    world.clock.advance(10)
    world.executor.let(order[0])
    await until(world, lambda: len(world.executor.began) == 3)
    assert job.state.expected_seconds == pytest.approx(40)
    world.executor.let(*order)
    await ended(job)


async def test_starts_follow_stops_and_only_what_was_confirmed_is_run(world: World) -> None:
    nodes = [NodeName("aen-server"), NodeName("gateway1")]
    rolling = make_whole_plan(world.scene(), ActionName.STOP, nodes, RollingSettings(), plan_id="0123456789ab")
    job = world.jobs.start(rolling)
    assert await ended(job) is Result.VERIFIED
    assert [action for action, _ in world.executor.done] == ["stop"] * len(rolling.plan.steps)
    both = make_whole_plan(world.scene(), ActionName.RESTART, nodes, RollingSettings(), plan_id="0123456789ab")
    world.executor.done.clear()
    job = world.jobs.start(both)
    # nothing of it is down: what would be run is refused, and nothing is started twice
    assert await ended(job) is Result.UNVERIFIED
    assert {action for action, _ in world.executor.done} == {"stop"}
    skipped = [one for one in job.state.members if one.phase is MemberPhase.SKIPPED]
    assert skipped and all("RUNNING already" in (one.error or "") for one in skipped)


async def test_a_single_step_is_a_job_too(world: World) -> None:
    plan = make_plan(
        world.scene(),
        ActionName.RESTART,
        [Target(NodeName("gateway1"), "wk-gateway", "supervisor", "wakari-gateway")],
        plan_id="p1",
    )
    job = world.jobs.start(plan, reason="ticket 7")
    job.pause()
    assert await ended(job) is Result.VERIFIED
    (state,) = world.jobs.states()
    assert (state.title, state.is_rolling, state.phase) == ("restart · gateway1/wk-gateway", False, JobPhase.DONE)
    assert state.reason == "ticket 7"
    assert [one.phase for one in state.members] == [MemberPhase.VERIFIED]
    job.take(PlanEvent("verified", Result.FAILED, plan.steps[0], error="while settling: it died"))
    assert (job.state.phase, job.state.result) == (JobPhase.FAILED, Result.FAILED)
    assert not world.folder.exists()


async def test_jobs_that_were_broken_off_are_known_and_bad_ids_are_not(world: World) -> None:
    rolling = world.plan()
    world.executor.results = {world.order(rolling)[0]: Result.FAILED}
    await ended(world.jobs.start(rolling))
    assert world.jobs.open_ids() == ["0123456789ab"]
    assert set(world.jobs.nodes_of("0123456789ab")) == set(COMPUTES)
    for bad in ("../../../etc/passwd", "0123456789AB", "", "0123456789ab\n", "f" * 12):
        with pytest.raises(PlanRefusedError):
            world.jobs.nodes_of(bad)
    file = world.folder / "0123456789ab.json"
    file.chmod(0o644)
    with pytest.raises(PlanRefusedError, match="open to others"):
        world.jobs.nodes_of("0123456789ab")
    file.chmod(0o600)
    file.write_text(file.read_text().replace('"restart"', '"explode"'))
    with pytest.raises(PlanRefusedError, match="is no job"):
        world.jobs.nodes_of("0123456789ab")
    assert world.jobs.open_ids() == []
    file.unlink()
    file.symlink_to("/etc/passwd")
    with pytest.raises(PlanRefusedError, match="cannot be read"):
        world.jobs.nodes_of("0123456789ab")
    with contextlib.suppress(FileNotFoundError):
        file.unlink()


async def test_a_forgotten_password_pauses_it_until_a_key_asks(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan(canary=1, batch=2, max_failures=0)
    job = world.jobs.start(rolling)
    await until(world, lambda: len(world.executor.began) == 1)
    world.executor.has_password, world.executor.answers = False, ["nobody answered", None]
    world.executor.let(*world.order(rolling))
    await until(world, lambda: job.state.phase is JobPhase.PAUSED)
    assert (job.state.note, len(world.executor.answers)) == (FORGOTTEN, 2), "nobody was asked by surprise"
    job.resume()
    await until(world, lambda: "nobody answered" in job.state.note)
    assert (job.state.phase, len(world.executor.began)) == (JobPhase.PAUSED, 1)
    job.resume()
    assert await ended(job) is Result.VERIFIED
    assert world.executor.answers == []


async def test_the_key_that_resumes_it_asks_whatever_it_was_paused_for(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan(canary=1, batch=2, max_failures=0)
    job = world.jobs.start(rolling)
    await until(world, lambda: len(world.executor.began) == 1)
    world.executor.has_password, world.executor.answers = False, [None]
    world.executor.guard.is_locked = True
    world.executor.let(*world.order(rolling))
    await until(world, lambda: job.state.note == LOCKED)
    world.executor.guard.is_locked = False
    job.resume()
    await until(world, lambda: job.state.has_ended or job.state.phase is JobPhase.PAUSED)
    assert (job.state.note, world.executor.answers) == ("", []), "asked by the key that resumed it"
    assert await ended(job) is Result.VERIFIED


async def test_on_a_terminal_it_is_asked_there_and_then_and_without_it_the_rest_is_left(world: World) -> None:
    world.executor.holds = True
    rolling = world.plan(canary=1, batch=2, max_failures=0)
    job = world.jobs.start(rolling, asks_at_once=True)
    await until(world, lambda: len(world.executor.began) == 1)
    world.executor.has_password, world.executor.answers = False, ["nobody answered"]
    world.executor.let(*world.order(rolling))
    assert await ended(job) is Result.UNVERIFIED
    assert (job.state.phase, job.state.error, len(job.state.left)) == (JobPhase.FAILED, "nobody answered", 5)


async def test_without_a_password_at_its_beginning_nothing_is_done(world: World) -> None:
    world.executor.has_password, world.executor.answers = False, ["none was given"]
    job = world.jobs.start(world.plan())
    assert await ended(job) is Result.REFUSED
    assert (world.executor.began, job.state.error) == ([], "none was given")

"""A job that was broken off: what its file and the audit say, what is looked at, and what is left."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.actions.rolling_text import rolling_text
from aen_tui.errors import AuditError, PlanRefusedError
from aen_tui.model.facts import Connection, LinkState
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.jobs import JobPhase, MemberPhase
from aen_tui.model.node import NodeName
from aen_tui.model.plans import AuditRecord, Plan, Result, Step
from aen_tui.model.projects import ProjectsLook
from aen_tui.model.reading import Reading
from aen_tui.runtime.audit import AuditLog
from aen_tui.runtime.job_file import JobFolder, JobRecord, MemberRecord
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.resume import Resumption
from tests.support.states import NOW_MONOTONIC
from tests.unit.runtime.rolling_world import FakeExecutor, World

JOB = "0123456789ab"
WAITING, RUNNING, VERIFIED = MemberPhase.WAITING, MemberPhase.RUNNING, MemberPhase.VERIFIED


class Looking(FakeExecutor):
    """Sees what a test says."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.verdicts: dict[str, Verdict] = {}
        self.looked_at: list[str] = []
        self.recorded: list[tuple[str, int, str]] = []
        self.disk_is_full = False

    async def observe(self, step: Step, seconds: float) -> Verdict:
        self.looked_at.append(step.target.node)
        return self.verdicts.get(step.target.node, Verdict(Result.UNVERIFIED, None, "pid 7 is the same as before"))

    async def record_seen(self, plan: Plan, number: int, step: Step, verdict: Verdict, why: str) -> None:
        if self.disk_is_full:
            raise AuditError("the disk is full")
        self.recorded.append((plan.id, number, step.target.node))


class Broken:
    """A job of six computes in its file, broken off as a test says."""

    def __init__(self, world: World, audit: AuditLog) -> None:
        self.world = world
        self.audit = audit
        self.executor = Looking(world)
        world.jobs._executor = self.executor  # type: ignore[assignment]
        self.rolling = world.plan()
        self.order = world.order(self.rolling)

    def write(self, *phases: MemberPhase, **parts: object) -> None:
        """The file; members beyond the phases wait."""
        all_ = [*phases, *[WAITING] * (6 - len(phases))]
        record = JobRecord(
            id=JOB,
            cluster=self.world.inventory.name,
            user="ops",
            action=self.rolling.plan.action,
            settings=self.rolling.settings,
            batches=self.rolling.batches,
            members=tuple(map(MemberRecord, self.rolling.plan.steps, all_)),
        )
        JobFolder(self.world.folder).save(replace(record, **parts))  # type: ignore[arg-type]

    def recorded(self, number: int, kind: str, result: str | None = None) -> None:
        """A record in the audit."""
        step = self.rolling.plan.steps[number - 1]
        self.audit.append(
            AuditRecord(
                id=f"{JOB}-{number}",
                kind=kind,
                at="2026-11-21T07:00:00.000Z",
                user="ops",
                cluster="aen-prod",
                node=step.target.node,
                argv=step.argv,
                reason=None,
                result=result,
                prev="",
                hash="",
            )
        )

    async def look(self) -> Resumption:
        return await self.world.jobs.resumption(JOB, lambda _: None)

    def left(self, found: Resumption, *, again: bool) -> list[str]:
        return self.world.order(self.world.jobs.plan_resumed(found, again=again))


@pytest.fixture
async def broken(tmp_path: Path) -> AsyncIterator[Broken]:
    async with asyncio.TaskGroup() as tasks:
        world = World(tmp_path, tasks)
        yield Broken(world, AuditLog(tmp_path / "audit.jsonl"))
        for task in world.tasks:
            task.cancel()


async def test_what_is_seen_to_be_done_is_recorded_and_not_done_again(broken: Broken) -> None:
    broken.write(VERIFIED, RUNNING, RUNNING)
    for number in (2, 3):
        broken.recorded(number, "intent")
    second, third = broken.order[1:3]
    broken.executor.verdicts = {name: Verdict(Result.VERIFIED, 9) for name in (second, third)}
    found = await broken.look()
    assert sorted(broken.executor.looked_at) == sorted([second, third])
    assert sorted(broken.executor.recorded) == [(JOB, 2, second), (JOB, 3, third)]
    assert broken.left(found, again=False) == broken.order[3:]
    assert found.verified == tuple(f"{name}/wk-compute" for name in broken.order[:3])
    filed = broken.world.filed()
    assert [filed[name] for name in broken.order[:4]] == ["verified"] * 3 + ["waiting"]


async def test_what_is_seen_and_cannot_be_recorded_is_said_by_its_own_error(broken: Broken) -> None:
    broken.write(VERIFIED, RUNNING, RUNNING)
    for number in (2, 3):
        broken.recorded(number, "intent")
    broken.executor.verdicts = {name: Verdict(Result.VERIFIED, 9) for name in broken.order[1:3]}
    broken.executor.disk_is_full = True
    with pytest.raises(AuditError, match="the disk is full"):
        await broken.look()


async def test_what_is_not_known_is_done_again_only_where_it_is_confirmed(broken: Broken) -> None:
    broken.write(VERIFIED, RUNNING)
    broken.recorded(2, "intent")
    second = broken.order[1]
    found = await broken.look()
    assert broken.executor.recorded == []
    assert broken.left(found, again=False) == broken.order[2:]
    left = broken.world.jobs.plan_resumed(found, again=False)
    assert left.left_out == (f"{second}/wk-compute",)
    again = broken.world.jobs.plan_resumed(found, again=True)
    assert broken.world.order(again) == broken.order[1:]
    assert again.run == 2
    assert again.record_plan.id == f"{JOB}.2"
    text = "\n".join(rolling_text(again, NOW_MONOTONIC))
    assert "what it did is not known: it would be done AGAIN" in text
    assert "pid 7 is the same as before" in text


async def test_with_the_doubtful_one_left_the_job_is_never_wholly_verified(broken: Broken) -> None:
    broken.write(VERIFIED, RUNNING)
    broken.recorded(2, "intent")
    found = await broken.look()
    job = broken.world.jobs.start(broken.world.jobs.plan_resumed(found, again=False), resumption=found)
    async with asyncio.timeout(60):
        assert await job.wait() is Result.UNVERIFIED
    assert broken.executor.began == broken.order[2:]
    assert (job.state.phase, job.state.left) == (JobPhase.DONE, (f"{broken.order[1]}/wk-compute",))
    assert broken.world.jobs.open_ids() == [JOB]


def asked_by_command(broken: Broken, *, password: bool = False) -> None:
    """What became of the second member only `supervisorctl status` can tell."""
    sudo = ("/usr/bin/sudo", "-S", "-p", "x:") if password else ("sudo", "-n")
    steps = list(broken.rolling.plan.steps)
    steps[1] = replace(steps[1], proof_argv=(*sudo, "supervisorctl", "status", "wk-compute"))
    broken.rolling = replace(broken.rolling, plan=replace(broken.rolling.plan, steps=tuple(steps)))
    broken.write(VERIFIED, RUNNING, RUNNING)
    for number in (2, 3):
        broken.recorded(number, "intent")


async def test_a_dry_look_runs_and_writes_nothing(broken: Broken) -> None:
    asked_by_command(broken)
    second, third = broken.order[1:3]
    broken.executor.verdicts = {name: Verdict(Result.VERIFIED, 9) for name in (second, third)}
    before = {file: file.read_bytes() for file in broken.world.folder.parent.rglob("*") if file.is_file()}
    found = await broken.world.jobs.resumption(JOB, lambda _: None, is_dry=True)
    assert (broken.executor.looked_at, broken.executor.recorded) == ([third], [])
    assert found.unknown == (f"{second}/wk-compute",)
    assert "only a command can tell" in "\n".join(found.seen)
    assert before == {file: file.read_bytes() for file in before}
    assert [step.target.node for step in await broken.world.jobs.looks_by_command(JOB)] == [second]


@pytest.mark.parametrize("why", [None, "none was given"])
async def test_the_password_is_asked_for_before_it_is_looked(broken: Broken, why: str | None) -> None:
    asked_by_command(broken, password=True)
    second, third = broken.order[1:3]
    broken.executor.answers = [why]
    found = await broken.look()
    assert broken.executor.answers == []
    assert sorted(broken.executor.looked_at) == sorted([third] if why else [second, third])
    assert f"{second}/wk-compute: {why or 'pid 7 is the same as before'}" in found.seen


async def test_killed_before_it_was_begun_it_is_simply_left(broken: Broken) -> None:
    broken.write(VERIFIED, RUNNING)
    found = await broken.look()
    assert broken.executor.looked_at == []
    assert broken.left(found, again=False) == broken.order[1:]


async def test_where_records_are_in_syslog_alone_a_missing_one_says_nothing(broken: Broken) -> None:
    broken.write(VERIFIED, RUNNING, syslog_only=True)
    await broken.look()
    assert broken.executor.looked_at == [broken.order[1]]


@pytest.mark.parametrize(("result", "first_left"), [("verified", 2), ("failed", 1)])
async def test_the_audit_knows_better(broken: Broken, result: str, first_left: int) -> None:
    broken.write(VERIFIED, RUNNING)
    broken.recorded(2, "intent")
    broken.recorded(2, "outcome", result)
    found = await broken.look()
    assert broken.executor.looked_at == []
    assert broken.left(found, again=False) == broken.order[first_left:]


async def test_a_node_that_is_not_up_stays_on_the_list(broken: Broken) -> None:
    broken.write(VERIFIED)
    state = broken.world.state
    lost = broken.order[3]
    node = replace(state.nodes[lost], connection=Connection(LinkState.STALE))  # type: ignore[index]
    broken.world.state = replace(state, nodes={**state.nodes, node.name: node})
    rolling = broken.world.jobs.plan_resumed(await broken.look(), again=False)
    assert lost not in broken.world.order(rolling)
    assert rolling.left_out == (f"{lost}/wk-compute",)


async def test_only_idle_nodes_are_gone_on_with_where_the_job_was_of_those(broken: Broken) -> None:
    broken.write(VERIFIED, settings=RollingSettings(idle_only=True))
    found = await broken.look()
    world, (first, second, third) = broken.world, broken.order[1:4]
    runs = {first: 0, second: 2}
    nodes = dict(world.state.nodes)
    for name, count in runs.items():
        nodes[NodeName(name)] = replace(
            nodes[NodeName(name)], projects=Reading(ProjectsLook((), 9, 9, count, count), NOW_MONOTONIC)
        )
    world.state = replace(world.state, nodes=nodes)
    rolling = world.jobs.plan_resumed(found, again=False)
    assert world.order(rolling) == [first]
    assert {f"{name}/wk-compute" for name in (second, third)} <= set(rolling.left_out)
    text = "\n".join(rolling_text(rolling, NOW_MONOTONIC))
    assert f"{second}: 2 apps run there" in text
    assert f"{third}: how many apps run there is not known" in text
    assert "looked at again before its step" in text


async def test_what_is_over_has_nothing_left(broken: Broken) -> None:
    broken.write(*[VERIFIED] * 6)
    assert (await broken.look()).is_over


async def test_another_installations_job_is_refused(broken: Broken) -> None:
    broken.write(cluster="aen-test")
    with pytest.raises(PlanRefusedError, match="belongs to aen-test"):
        await broken.look()


async def test_a_job_that_runs_is_not_resumed(broken: Broken) -> None:
    broken.write(RUNNING)
    with _held(broken.world.folder), pytest.raises(PlanRefusedError, match="is running"):
        await broken.look()
    assert broken.executor.looked_at == []


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    with JobFolder(folder).running(JOB):
        yield

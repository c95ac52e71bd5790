"""What a restart may come to, on real nodes whose supervisors are of both kinds: each judged as what it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from aen_tui.actions import supervised
from aen_tui.model.facts import ClusterState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, PlanEvent, Result, Target
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.proofs.observed import BY_OBSERVATION
from tests.lab import fetched
from tests.lab.fixtures import need_fetched, need_lab
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.variants import Variant
from tests.support.dying import DIES
from tests.whole.conftest import Watching
from tests.whole.rolls import COMPUTE, KEPT, behaving

NAMES = (NodeName("compute1-1"), NodeName("compute1-2"))
"""Supervisor 4.x, and 3.0 on Python 2.7, whose supervisorctl exits 0 whatever happened."""
PROGRAM = "wk-compute"
LOG = LogPath("/opt/wakari/wakari-compute/var/log/wakari/compute-launcher.log")
SLOW = f"#!/bin/sh\n{KEPT} & child=$!\ntrap 'sleep 4; kill $child; exit 0' TERM\nwait $child\n"


@pytest.fixture(scope="module")
def two() -> Iterator[Lab]:
    need_lab()
    need_fetched(lambda: fetched.supervisor_3("3.0"))
    with Lab.start(gateways=1, computes=2, variants={NAMES[1]: Variant(supervisor="3.0")}) as started:
        yield started


@pytest.fixture
async def runtime(two: Lab, watching: Watching, tmp_path: Path) -> AsyncIterator[Runtime]:
    file = two.write_inventory(tmp_path / "two.toml", actions={"settle_seconds": 20})
    async with watching(file) as started:
        async with asyncio.timeout(60):
            await started.store.wait_for(lambda state: all(state.nodes[name].complete for name in NAMES))
        yield started


class Judged:
    """A restart on each of the nodes, at the same time."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.events: dict[NodeName, list[PlanEvent]] = {}

    async def restart(self) -> list[Result]:
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            ended = [tasks.create_task(self._one(name)) for name in NAMES]
        return [one.result() for one in ended]

    async def restart_well(self) -> None:
        """A restart that is verified on each of the nodes."""
        results = await self.restart()
        said = {name: [(one.event, one.result, one.error) for one in self.events[name]] for name in NAMES}
        assert results == [Result.VERIFIED, Result.VERIFIED], said

    async def _one(self, name: NodeName) -> Result:
        plan = self.runtime.plan(ActionName.RESTART, [Target(name, PROGRAM, "supervisor", "wakari-compute")])
        return await self.runtime.execute(plan, self.events.setdefault(name, []).append)

    def told(self, name: NodeName) -> PlanEvent:
        return [event for event in self.events[name] if event.event == "verified"][-1]

    def claimed(self, name: NodeName) -> Result | None:
        return [event for event in self.events[name] if event.event == "step-finished"][-1].result

    async def seen(self, *states: str) -> None:
        """Until each node shows its program so."""

        def shown(name: NodeName) -> list[str]:
            return [one.state for one in self.runtime.store.node(name).services if one.name == PROGRAM]

        def are_so(_: ClusterState) -> bool:
            return all(state in states for name in NAMES for state in shown(name) or [""])

        try:
            async with asyncio.timeout(120):
                await self.runtime.store.wait_for(are_so)
        except TimeoutError:
            nodes = [self.runtime.store.node(name) for name in NAMES]
            raise AssertionError([(node.services, node.connection, node.findings) for node in nodes]) from None


def on_both(two: Lab, made: Callable[[LabNode], AbstractContextManager[None]]) -> ExitStack:
    """The same on each of the nodes."""
    stack = ExitStack()
    for name in NAMES:
        stack.enter_context(made(two.nodes[name]))
    return stack


async def test_one_that_gives_up_is_failed_and_may_be_restarted_out_of_it(two: Lab, runtime: Runtime) -> None:
    judged = Judged(runtime)
    with on_both(two, lambda node: behaving(node, f"#!/bin/sh\n{DIES}")):
        assert await judged.restart() == [Result.FAILED, Result.FAILED]
        for name in NAMES:
            assert judged.claimed(name) is Result.FAILED
            why = judged.told(name).error or ""  # supervisorctl's words where the node was too busy to show its own
            assert "Exited too quickly" in why or "spawn error" in why, why
        await judged.seen("FATAL")
        assert await judged.restart() == [Result.FAILED, Result.FAILED]
    await judged.seen("RUNNING")
    await judged.restart_well()


async def test_one_that_cannot_be_spawned_is_failed_with_the_reason(two: Lab, runtime: Runtime) -> None:
    judged = Judged(runtime)
    with on_both(two, lambda node: behaving(node, f"#!/bin/sh\n{DIES}")):
        for name in NAMES:
            two.nodes[name].path(COMPUTE).chmod(0o644)
        try:
            assert await judged.restart() == [Result.FAILED, Result.FAILED]
            for name in NAMES:
                assert "execut" in (judged.told(name).error or ""), judged.told(name).error
        finally:
            for name in NAMES:
                two.nodes[name].path(COMPUTE).chmod(0o755)


async def test_a_stop_that_takes_its_time_is_waited_for(
    two: Lab, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a stop of 90 s within 180 s: what the node's own files allow a stop is what a command is given."""
    monkeypatch.setattr(supervised, "PROGRAM_SECONDS", 2.0)
    monkeypatch.setattr(supervised, "MARGIN_SECONDS", 5.0)
    judged = Judged(runtime)
    with on_both(two, lambda node: behaving(node, SLOW)):
        await judged.restart_well()
        await judged.restart_well()
        for name in NAMES:
            assert judged.claimed(name) is Result.CLAIMED
            assert BY_OBSERVATION not in judged.told(name).detail["rests_on"]


async def test_one_that_comes_up_and_dies_is_verified_and_then_failed(two: Lab, runtime: Runtime) -> None:
    judged = Judged(runtime)
    await judged.restart_well()
    for name in NAMES:
        two.nodes[name].run(["kill", "-KILL", str(judged.told(name).pid_after)])
    async with asyncio.timeout(60):
        await runtime.store.wait_for(lambda _: all(judged.told(name).result is Result.FAILED for name in NAMES))
    for name in NAMES:
        assert f"while settling: pid {judged.told(name).pid_after} died" in (judged.told(name).error or "")


async def test_every_restart_is_a_mark_in_the_charts_and_in_the_log(two: Lab, runtime: Runtime) -> None:
    judged, seams = Judged(runtime), dict[NodeName, list[str]]()
    await judged.seen("RUNNING")
    await judged.restart_well()
    for name in NAMES:
        with two.nodes[name].supervisor() as server:
            await asyncio.to_thread(server.supervisor.stopProcess, PROGRAM)
            await asyncio.to_thread(server.supervisor.startProcess, PROGRAM)

    def look() -> bool:
        for name in NAMES:
            chunks = runtime.books.book(LogKey(name, LOG)).chunks
            seams[name] = [one.seam.message for one in chunks if one.seam is not None and PROGRAM in one.seam.message]
        return all(len(found) >= 2 for found in seams.values())

    async with asyncio.timeout(60):
        while not look():
            await asyncio.sleep(0.1)
    for name in NAMES:
        ours, others = runtime.events.marks([name], 0.0)[-2:]
        assert (ours.service, ours.by is not None) == (PROGRAM, True)
        assert (others.pid_before, others.by) == (ours.pid_after, None)
        for mark, seam in zip((ours, others), seams[name][-2:], strict=True):
            assert f"{PROGRAM}, pid {mark.pid_before} → {mark.pid_after}" in seam

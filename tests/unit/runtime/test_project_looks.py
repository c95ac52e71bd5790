"""When nodes are asked for their projects: once a minute, sooner where somebody looks, seldom where it is dear."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from aen_tui.errors import ProbeError
from aen_tui.model.facts import Disk, LinkState
from aen_tui.model.node import NodeName
from aen_tui.runtime.hung_mounts import hung_mount
from aen_tui.runtime.project_looks import ATTENDED_SECONDS, EVERY_SECONDS, ProjectLooks
from tests.support.states import FakeRuntime

ONE, TWO = NodeName("compute1-1"), NodeName("compute1-2")


class World:
    """Computes that answer, and how dear that is."""

    def __init__(self) -> None:
        self.runtime = FakeRuntime(problems=False, computes=2, gateways=1)
        self.cost_ms: dict[NodeName, int] = {}
        self.apps = 0
        self.error: ProbeError | None = None
        self.runtime.errands = self.rows
        self.looks = ProjectLooks(
            self.runtime.inventory, self.runtime.store, self.runtime.clock, self.runtime.errand
        )  # fmt: skip

    async def rows(self, node: NodeName, _order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        if self.error is not None:
            raise self.error
        end = {"processes": 9, "projects": 0, "apps": self.apps, "in_projects": 0, "cost_ms": self.cost_ms.get(node, 3)}
        yield json.dumps(end).encode()

    async def pass_by(self, seconds: float) -> list[NodeName]:
        """So much time goes by; who was asked in it."""
        self.runtime.calls.clear()
        for _ in range(int(seconds)):
            self.runtime.clock.advance(1.0)
            for name in self.looks._wanted():
                await self.looks._one(name)
        return [call[1][0] for call in self.runtime.calls if call[0] == "errand"]


@pytest.fixture
async def world() -> World:
    made = World()
    running = asyncio.create_task(made.looks.run())
    await asyncio.sleep(0)  # it has noted who is due when, and waits
    running.cancel()
    await asyncio.wait([running])
    return made


async def test_once_a_minute(world: World) -> None:
    asked = await world.pass_by(3 * EVERY_SECONDS)
    assert asked.count(ONE) == asked.count(TWO) == 3


async def test_sooner_where_somebody_looks(world: World) -> None:
    await world.pass_by(10)
    world.looks.attend([ONE])
    asked = await world.pass_by(60)
    assert 60 / ATTENDED_SECONDS - 1 <= asked.count(ONE) <= 60 / ATTENDED_SECONDS + 1
    assert asked.count(TWO) == 1
    world.looks.attend(())
    await world.pass_by(ATTENDED_SECONDS)
    assert (await world.pass_by(60)).count(ONE) == 1


async def test_a_dear_look_is_seldom(world: World) -> None:
    world.cost_ms[ONE] = 820
    asked = await world.pass_by(500)
    assert asked.count(ONE) <= 4
    assert asked.count(TWO) >= 8


async def test_what_fails_keeps_what_was_known(world: World) -> None:
    await world.pass_by(10)
    world.error = ProbeError("two errands are under way")
    await world.pass_by(EVERY_SECONDS)
    reading = world.runtime.snapshot().nodes[ONE].projects
    assert reading.value is not None
    assert reading.error == "two errands are under way"


async def test_a_card_has_a_count_that_is_fresh(world: World) -> None:
    await world.looks.freshen([ONE])
    assert world.runtime.snapshot().nodes[ONE].projects.seen_at == world.runtime.clock.monotonic()
    world.runtime.calls.clear()
    world.runtime.clock.advance(5)
    await world.looks.freshen([ONE, NodeName("aen-server")])
    assert not world.runtime.calls
    link = replace(world.runtime.snapshot().nodes[TWO].connection, state=LinkState.STALE)
    world.runtime.change(TWO, connection=link)
    await world.looks.freshen([TWO])
    assert not world.runtime.calls


async def test_apps_of_now_are_never_those_of_before(world: World) -> None:
    assert await world.looks.apps_now(ONE) == 0
    world.runtime.clock.advance(1)
    world.apps = 2
    assert await world.looks.apps_now(ONE) == 2
    world.runtime.clock.advance(1)
    world.error = ProbeError("two errands are under way")
    assert await world.looks.apps_now(ONE) is None
    assert await world.looks.apps_now(NodeName("aen-server")) is None, "nobody counts there"


def test_a_mount_that_hangs_is_left_alone() -> None:
    node = World().runtime.snapshot().nodes[ONE]
    assert node.metrics.value is not None
    disk = Disk("/projects", "nfs", 0, 0, 0, 0.0, None, False, "hung")
    hung = replace(node, metrics=replace(node.metrics, value=replace(node.metrics.value, disks=(disk,))))
    assert hung_mount(node, "/projects") is None
    assert hung_mount(hung, "/projects/alice") is not None
    assert hung_mount(hung, "/projects2") is None

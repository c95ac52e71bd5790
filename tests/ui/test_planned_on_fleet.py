"""A node under maintenance says so on Fleet, and the header counts it nowhere."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.checks import rate
from aen_tui.config.targets import Target
from aen_tui.model.facts import Connection, LinkState
from aen_tui.model.node import NodeName
from aen_tui.ui.app import AenApp
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime

GATEWAY = NodeName("gateway1")


async def test_a_planned_node_says_until_when_and_why() -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    lost = Connection(LinkState.STALE, error="lost")
    runtime.store.update(GATEWAY, lambda node: rate(replace(node, connection=lost)))
    async with AenApp(runtime).run_test(size=(200, 50)) as pilot:
        await until(pilot, lambda: "CRITICAL" in screen_text(pilot.app).split("\n")[0])
        await runtime.maintenance.begin([Target(GATEWAY)], 7200, "new kernel")
        await until(pilot, lambda: "PLANNED until" in screen_text(pilot.app))
        assert "new kernel" in screen_text(pilot.app)
        assert "CRITICAL" not in screen_text(pilot.app).split("\n")[0]

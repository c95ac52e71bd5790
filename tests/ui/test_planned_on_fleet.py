"""A node under maintenance says so on Fleet, and the header counts it nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks import rate
from aen_tui.config.targets import Target
from aen_tui.model.facts import Connection, LinkState
from aen_tui.model.node import NodeName
from aen_tui.ui.app import AenApp
from aen_tui.ui.messages import OpenNode
from aen_tui.ui.presentation.fleet_layout import Zoom
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, service
from tests.ui.fleet_stage import zoom_to

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


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 50)])
@pytest.mark.parametrize("zoom", [Zoom.CELL, Zoom.STRIP, Zoom.PANE])
async def test_a_planned_node_is_marked_at_every_zoom(size: tuple[int, int], zoom: Zoom) -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    runtime.store.update(GATEWAY, lambda node: rate(replace(node, connection=Connection(LinkState.STALE, error="x"))))
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await zoom_to(pilot, zoom)
        await until(pilot, lambda: "gateway1" in screen_text(pilot.app))
        assert "◷" not in screen_text(pilot.app)
        await runtime.maintenance.begin([Target(GATEWAY)], 7200, "new kernel")
        await until(pilot, lambda: "◷ gateway1" in screen_text(pilot.app))
        (line,) = (line for line in screen_text(pilot.app).split("\n") if "◷ gateway1" in line)
        if zoom is Zoom.STRIP:
            assert "≈ PLANNED 0s" in line
        await runtime.maintenance.end([Target(GATEWAY)])
        await until(pilot, lambda: "◷" not in screen_text(pilot.app))


@pytest.mark.parametrize("zoom", [Zoom.STRIP, Zoom.PANE])
async def test_a_planned_service_is_marked_and_no_trouble(zoom: Zoom) -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    stopped = service("wk-gateway", "wakari-gateway", "STOPPED")
    runtime.store.update(GATEWAY, lambda node: rate(replace(node, services=(stopped,))))
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await zoom_to(pilot, zoom)
        shown = "■ wk-gateway STOPPED" if zoom is Zoom.PANE else "■ wk-gat… STOPPED "
        await until(pilot, lambda: shown in screen_text(pilot.app))
        await runtime.maintenance.begin([Target(GATEWAY, "wk-gateway")], 7200, "new release")
        words = "◷ wk-gateway STOPPED PLANNED" if zoom is Zoom.PANE else "◷ PLANNED wk-ga"
        await until(pilot, lambda: words in screen_text(pilot.app))
        assert "■" not in screen_text(pilot.app)


async def test_the_page_of_a_planned_node_says_it() -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    await runtime.maintenance.begin([Target(GATEWAY, "wk-gateway")], 7200, "new release")
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        app.post_message(OpenNode(GATEWAY))
        await until(pilot, lambda: "PLANNED wk-gateway until" in screen_text(pilot.app))

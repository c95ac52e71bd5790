"""View 6 on real nodes: a program that is stopped, a gateway that goes, and the way to the log at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from aen_tui.model.facts import LinkState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.state.event_row import EventRow
from aen_tui.ui.app import AenApp
from aen_tui.ui.panels.events import EventsPanel
from aen_tui.ui.panels.logs import LogsPanel
from tests.lab.lab import Lab
from tests.support.screen import screen_text, until
from tests.whole.conftest import Watching

NAME = NodeName("compute1-1")
PROGRAM = "wk-compute"


async def looked_at(runtime: Runtime) -> None:
    """Every node is up, and what it runs was seen."""
    async with asyncio.timeout(60):
        await runtime.store.wait_for(
            lambda state: all(node.connection.state is LinkState.UP for node in state.nodes.values())
        )
        while runtime._noticing.known != set(runtime.inventory.nodes):
            await asyncio.sleep(0.05)


@pytest.fixture
def started(lab: Lab) -> Iterator[None]:
    """The program runs again afterwards."""
    yield
    node = lab.nodes[NAME]
    if node.program(PROGRAM)["statename"] != "RUNNING":
        with node.supervisor() as server:
            server.supervisor.startProcess(PROGRAM)


def rows(runtime: Runtime, words: str) -> list[EventRow]:
    return [row for row in runtime.events.timeline if words in row.words]


async def test_a_stop_is_an_event_and_enter_opens_the_log_there(lab: Lab, watching: Watching, started: None) -> None:
    async with watching() as runtime:
        await looked_at(runtime)
        app = AenApp(runtime)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("6")
            await until(pilot, lambda: isinstance(app.main.panel, EventsPanel))
            with lab.nodes[NAME].supervisor() as server:
                await asyncio.to_thread(server.supervisor.stopProcess, PROGRAM)
            await until(pilot, lambda: bool(rows(runtime, f"{PROGRAM} is STOPPED")))
            (row,) = rows(runtime, f"{PROGRAM} is STOPPED")
            assert list(row.nodes) == [NAME] and row.event.log is not None
            assert row.event.log == LogKey(NAME, row.event.log.path)
            await until(pilot, lambda: f"{PROGRAM} is STOPPED" in screen_text(app))
            await pilot.press("slash", *"stopped", "enter", "enter")
            await until(pilot, lambda: isinstance(app.main.panel, LogsPanel))
            logs = app.main.panel
            assert isinstance(logs, LogsPanel) and logs.keys == (row.event.log,)
            await until(pilot, lambda: f"stopped: {PROGRAM}" in screen_text(app))
            with lab.nodes[NAME].supervisor() as server:
                await asyncio.to_thread(server.supervisor.startProcess, PROGRAM)
            await until(pilot, lambda: bool(rows(runtime, f"start of {PROGRAM}")))


async def test_a_gateway_and_what_is_behind_it_are_one_row(lab: Lab, watching: Watching) -> None:
    gateway = lab.nodes["gateway1"]
    behind = {name for name, place in lab.nodes.items() if place.gateway is gateway}
    async with watching() as runtime:
        await looked_at(runtime)
        gateway.kill_sshd()
        try:
            async with asyncio.timeout(60):
                while not rows(runtime, "connection lost") or set(rows(runtime, "connection lost")[0].nodes) != {
                    "gateway1",
                    *behind,
                }:
                    await asyncio.sleep(0.1)
            assert len(rows(runtime, "connection lost")) == 1
        finally:
            gateway.start_sshd()
        async with asyncio.timeout(60):
            while {name for row in rows(runtime, "connected again") for name in row.nodes} < {"gateway1", *behind}:
                await asyncio.sleep(0.1)

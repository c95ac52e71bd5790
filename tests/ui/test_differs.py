"""`:differs`: who differs, the diff on Enter, at every size; and causes folded on Fleet and on the node page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from aen_tui.checks import rate
from aen_tui.errors import AenError
from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.runtime.causes import Causes
from aen_tui.ui.app import AenApp
from aen_tui.ui.commands import run_line
from aen_tui.ui.screens.check_finding import CheckFindingScreen
from aen_tui.ui.screens.differs import DiffersScreen
from aen_tui.ui.widgets.rows import Rows
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, cluster_state

SIZES = ((80, 24), (200, 50))


async def rows(node: NodeName, _order: Mapping[str, Any]) -> AsyncIterator[bytes]:
    """compute1-3 has another numpy, and words that would be markup."""
    numpy = "numpy 1.10.1 [red]\x1b[2J" if node == "compute1-3" else "numpy 1.9.2 py27_0"
    yield json.dumps({"name": "packages of /opt/wakari/anaconda", "lines": [numpy, "scipy 0.16.0"]}).encode()


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_odd_one_and_its_diff(size: tuple[int, int]) -> None:
    runtime = FakeRuntime(problems=False)
    runtime.errands = rows
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        run_line(app, "differs @dc:east")
        await until(
            pilot, lambda: isinstance(app.screen, DiffersScreen) and bool(app.screen.query_one("#odd", Rows).rows)
        )
        text = screen_text(app)
        assert "east: 3 computes, 1 part differs, 1 alike" in text, "services are alike"
        assert "compute1-3" in text and "numpy" in text
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CheckFindingScreen))
        text = screen_text(app)
        assert "-numpy 1.9.2 py27_0" in text and "+numpy 1.10.1 [red]␛[2J" in text
        assert "compute1-[1-2]" in text
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not isinstance(app.screen, DiffersScreen))


async def test_a_target_without_computes_is_refused() -> None:
    app = AenApp(FakeRuntime(problems=False))
    async with app.run_test(size=(80, 24)):
        with pytest.raises(AenError, match="no computes"):
            run_line(app, "differs @server")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_lost_gateway_is_told_once(size: tuple[int, int]) -> None:
    runtime = FakeRuntime(problems=False)
    state = cluster_state(of=runtime.inventory, problems=False)
    for name, node in state.nodes.items():
        if node.spec.data_center == "east":
            link = replace(node.connection, state=LinkState.STALE, error="no word for 8 s")
            runtime.change(name, connection=link)
    for name in runtime.inventory.nodes:
        runtime.store.update(name, rate)
    Causes(runtime.store).look()
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "CRITICAL" in screen_text(app))
        assert "CRITICAL on" not in screen_text(app), "one node is critical by itself"
        assert "0/4 up  ✖ 1 critical" in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "problems only 1 of 9 +3 " in screen_text(app))
        text = screen_text(app)
        assert "compute1-1 " not in text and "gateway1" in text
        assert "from this follows compute1-[1-3]" in text
        run_line(app, "node compute1-1")
        await until(pilot, lambda: "follows from connection on gateway1" in screen_text(app))

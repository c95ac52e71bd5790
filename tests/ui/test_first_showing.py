"""A view that is shown for the first time: a second may pass before it has its parts."""

from __future__ import annotations

import asyncio

import pytest

from aen_tui.ui.app import AenApp
from aen_tui.ui.panels import find_panels
from tests.support.states import FakeRuntime


@pytest.mark.parametrize("digit", [entry.digit for entry in find_panels() if entry.digit != 1])
async def test_a_second_that_passes_before_a_view_is_mounted_asks_it_nothing(digit: int) -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(80, 24)), asyncio.timeout(20):
        showing = asyncio.create_task(app.main.show(digit))
        while app.main.active != digit:
            await asyncio.sleep(0)
        panel = app.main.panel
        assert not panel.is_mounted
        app._tick()
        assert await showing is panel
        assert panel.is_mounted
        app._tick()

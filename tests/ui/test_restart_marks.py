"""A restart is a line in the charts of its node, with words, and a row in its logs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.markers import Markers
from aen_tui.state.events import Event, Mark
from aen_tui.ui.app import AenApp
from aen_tui.ui.presentation.axes import Curve, Unit
from aen_tui.ui.presentation.axes import Mark as ChartMark
from aen_tui.ui.widgets.chart import Drawing, plot
from tests.support.log_stage import SERVER_LOG, Feeder
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, service

SERVER, GATEWAY = NodeName("aen-server"), NodeName("gateway1")


def drawing(*restarts: float, is_ascii: bool = False) -> Drawing:
    curve = Curve("aen-server", [-120.0, -60.0, -1.0], [10.0, 10.0, 10.0], "series-1")
    marks = tuple(ChartMark(at, "restart of wk-server by ops") for at in restarts)
    return Drawing("CPU", (curve,), Unit.PERCENT, 120, 80, 12, is_ascii, restarts=marks)


def columns(lines: Sequence[tuple[tuple[str, str], ...]]) -> set[int]:
    """Where in the plot something has the colour of a restart."""
    found: set[int] = set()
    for line in lines[1:]:
        at = 0
        for text, role in line:
            if role == "warning" and text.strip():
                found.add(at)
            at += len(text)
    return found


@pytest.mark.parametrize("is_ascii", [False, True])
def test_a_line_stands_at_its_time_and_the_words_say_what(is_ascii: bool) -> None:
    early, late = columns(plot(drawing(-110.0, is_ascii=is_ascii))), columns(plot(drawing(-10.0, is_ascii=is_ascii)))
    assert len(early) == len(late) == 1
    assert min(late) - min(early) > 40
    title = "".join(text for text, _ in plot(drawing(-110.0, -60.0, is_ascii=is_ascii))[0])
    assert title.isascii() or not is_ascii
    assert "restart of wk-server by ops 1m ago, 1 before" in title
    assert columns(plot(drawing())) == set()


def tell(runtime: FakeRuntime, node: NodeName) -> None:
    mark = Mark(runtime.clock.monotonic() - 30.0, "wk-server", 303, 419, "ops")
    runtime.events.add(Event(runtime.clock.wall(), node, "restart", Severity.OK, "restart of wk-server", mark=mark))


async def opened(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await until(pilot, lambda: "CPU" in screen_text(pilot.app))


async def test_the_charts_of_its_node_show_it_and_no_others() -> None:
    for node, is_shown in ((SERVER, True), (GATEWAY, False)):
        runtime = FakeRuntime()
        tell(runtime, node)
        app = AenApp(runtime)
        async with app.run_test(size=(200, 50)) as pilot:
            await until(pilot, lambda app=app: "aen-server" in screen_text(app))  # type: ignore[misc]
            await opened(pilot, "g", "enter")
            await until(pilot, lambda app=app: app.screen is not app.main)  # type: ignore[misc]
            await until(pilot, lambda app=app: "CPU" in screen_text(app))  # type: ignore[misc]
            if is_shown:
                await until(pilot, lambda app=app: "restart of wk-server by ops" in screen_text(app))  # type: ignore[misc]
            assert ("restart of wk-server" in screen_text(app)) is is_shown


async def test_the_metrics_view_shows_it() -> None:
    runtime = FakeRuntime()
    for node in runtime.inventory.nodes:
        tell(runtime, node)
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, "3")
        await until(pilot, lambda: "restart of wk-server by ops 30s ago" in screen_text(app))


async def test_the_logs_of_its_service_have_a_row_of_it() -> None:
    runtime = FakeRuntime()
    Feeder(runtime.books, runtime.clock.wall()).feed(SERVER_LOG, b"2026-11-21 07:00:00,000 INFO x: before\n")
    markers = Markers(runtime.events, runtime.books, runtime.clock)
    for pid in (303, 419):
        runtime.clock.advance(2.0)
        runtime.change("aen-server", services=(service("wk-server", "wakari-server", "RUNNING", pid=pid),))
        markers.look(runtime.snapshot())
    app = AenApp(runtime, logs=[SERVER_LOG])
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "restart of wk-server, pid 303 → 419" in screen_text(app))

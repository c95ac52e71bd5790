"""View 3: rows of figures, one node charted large, marks overlaid."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.pilot import Pilot

from aen_tui.model.node import NodeName
from aen_tui.ui.messages import OpenLogs, OpenNode
from aen_tui.ui.panels.metrics import MetricsPanel
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.rows import Rows
from tests.support.states import FakeRuntime

SIZES = [(60, 14), (80, 22), (120, 38), (200, 48)]


class Host(App[None]):
    """The panel as a view shows it."""

    def __init__(self, runtime: Any) -> None:
        super().__init__()
        self.runtime = runtime
        self.panel = MetricsPanel(runtime)
        self.asked: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.reveal()
        self.panel.take(self.runtime.snapshot())
        self.panel.query_one(Rows).focus()

    def on_open_node(self, message: OpenNode) -> None:
        self.asked.append(message.node)

    def on_open_logs(self, message: OpenLogs) -> None:
        self.asked.append(message.nodes)


def screen_text(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], condition: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the state never came"
        await pilot.pause(0.01)


def large(app: Host) -> Sequence[str]:
    return app.query_one("#large", Chart).lines


@pytest.mark.parametrize("size", SIZES)
async def test_names_figures_and_axes_are_whole_at_every_size(size: tuple[int, int]) -> None:
    app = Host(FakeRuntime())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: any("now" in line for line in large(app)))
        text = screen_text(app)
        for part in ("compute1-1", "71%", "88%", "93%", "CPU compute1-1", "100%", "now"):
            assert part in text, part
        header = next(line for line in text.splitlines() if "node" in line and "mem" in line)
        assert "disk" in header
        assert "out/s" in header


async def test_the_table_is_fitted_again_when_the_terminal_grows() -> None:
    app = Host(FakeRuntime())
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        for size in ((200, 48), (60, 14), (120, 38)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: "out/s" in screen_text(app) and "93%" in screen_text(app))


async def test_computes_come_first() -> None:
    app = Host(FakeRuntime())
    async with app.run_test():
        assert [name[:7] for name in app.panel.order[:6]] == ["compute"] * 6
        assert app.panel.order[-1] == "aen-server"


async def test_the_node_under_the_cursor_is_charted() -> None:
    app = Host(FakeRuntime())
    async with app.run_test() as pilot:
        await until(pilot, lambda: any("CPU compute1-1" in line for line in large(app)))
        await pilot.press("j")
        await until(pilot, lambda: any("CPU compute1-2" in line for line in large(app)))
        await pilot.press("k")
        await until(pilot, lambda: any("CPU compute1-1" in line for line in large(app)))


async def test_tab_and_m_go_round_the_metrics() -> None:
    app = Host(FakeRuntime())
    async with app.run_test() as pilot:
        for key, title in (
            ("tab", "memory"),
            ("m", "fullest disk"),
            ("tab", "network"),
            ("m", "CPU"),
            ("M", "network"),
        ):
            await pilot.press(key)
            await until(pilot, lambda title=title: any(line.startswith(f" {title}") for line in large(app)))
        assert any("a in" in line and "b out" in line for line in large(app))


async def test_marks_are_overlaid_with_letters_and_cleared() -> None:
    app = Host(FakeRuntime())
    async with app.run_test(size=(120, 38)) as pilot:
        await pilot.press("space", "space")
        assert app.panel.query_one(Rows).cursor == 2
        await pilot.press("g")
        await until(pilot, lambda: any("a compute1-1" in line and "b compute1-2" in line for line in large(app)))
        assert screen_text(app).count("◆") == 2
        await pilot.press("u")
        await until(pilot, lambda: not any("b compute" in line for line in large(app)))
        assert "◆" not in screen_text(app)


async def test_a_lost_node_is_old_and_a_node_never_seen_says_why() -> None:
    app = Host(FakeRuntime())
    async with app.run_test(size=(120, 38)) as pilot:
        await pilot.pause()
        lines = screen_text(app).splitlines()
        stale = next(line for line in lines if "compute1-3" in line)
        assert "stale 42s" in stale
        refused = next(line for line in lines if "compute2-2" in line)
        assert "auth" in refused
        assert "no key was accepted" in refused


async def test_figures_grow_old_though_nothing_comes() -> None:
    runtime = FakeRuntime()
    app = Host(runtime)
    async with app.run_test(size=(120, 38)) as pilot:
        await pilot.pause()
        assert "old" not in screen_text(app)
        runtime.clock.advance(60)
        app.panel.tick()
        await pilot.pause()
        row = next(line for line in screen_text(app).splitlines() if "compute1-1" in line)
        assert "old 1m" in row


async def test_only_what_changed_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime()
    app = Host(runtime)
    async with app.run_test() as pilot:
        await pilot.pause()
        made: list[str] = []
        from aen_tui.ui.presentation import metric_rows

        original = metric_rows.row

        def counted(node: Any, *args: Any, **more: Any) -> Any:
            made.append(node.name)
            return original(node, *args, **more)

        monkeypatch.setattr(metric_rows, "row", counted)
        runtime.change("compute1-2", complete=True)
        app.panel.take(runtime.snapshot())
        assert made == ["compute1-2"]
        app.panel.take(runtime.snapshot())
        assert made == ["compute1-2"]


async def test_sorting_freezes_the_order() -> None:
    runtime = FakeRuntime()
    app = Host(runtime)
    async with app.run_test() as pilot:
        await pilot.press("O")
        order = app.panel.order
        newest = [app.panel._newest(name) for name in order]
        assert newest == sorted(newest, reverse=True)
        runtime.series.of(order[-1], "cpu_percent").add(runtime.clock.monotonic(), 99.0)
        runtime.change(order[-1], complete=True)
        app.panel.take(runtime.snapshot())
        assert app.panel.order == order
        assert app.panel.chip == "by cpu"


async def test_enter_opens_the_node_and_l_its_logs() -> None:
    app = Host(FakeRuntime())
    async with app.run_test() as pilot:
        await pilot.press("j", "enter")
        await pilot.press("l")
        await until(pilot, lambda: len(app.asked) == 2)
        assert app.asked == ["compute1-2", ("compute1-2",)]


async def test_aim_puts_the_cursor_and_the_marks() -> None:
    app = Host(FakeRuntime())
    async with app.run_test():
        app.panel.aim([NodeName("compute2-1"), NodeName("compute1-1")])
        assert app.panel.charted == ("compute2-1", "compute1-1")


async def test_hostile_errors_are_text() -> None:
    runtime = FakeRuntime()
    node = runtime.store.node(NodeName("compute2-2"))
    runtime.change("compute2-2", connection=replace(node.connection, error="[red]x[/]\x1b[2J"))
    app = Host(runtime)
    async with app.run_test(size=(120, 38)) as pilot:
        await pilot.pause()
        assert "[red]x[/]␛[2J" in screen_text(app)


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for binding in MetricsPanel.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.tooltip

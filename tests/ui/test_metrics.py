"""View 3: rows of figures, one node charted large, marks overlaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from textual.binding import Binding

from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.model.trends import Filling, Slower, Trends, Used, Vitals
from aen_tui.ui.panels.metrics import MetricsPanel
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.rows import Rows
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.recorders import PanelHost

SIZES = [(60, 14), (80, 22), (120, 38), (200, 48)]


class Host(PanelHost[MetricsPanel]):
    def __init__(self, runtime: FakeRuntime) -> None:
        super().__init__(runtime, MetricsPanel(runtime))


def large(app: Host) -> Sequence[str]:
    return app.query_one("#large", Chart).lines


def is_titled(app: Host, title: str) -> bool:
    return any(line.startswith(f" {title}") for line in large(app))


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
            ("m", "load"),
            ("m", "io wait"),
            ("m", "busiest core"),
            ("m", "swapped in and out"),
            ("m", "slowest URL"),
            ("m", "CPU"),
            ("M", "slowest URL"),
            *[("M", name) for name in ("swapped", "busiest", "io wait", "load", "network")],
        ):
            await pilot.press(key)
            await until(pilot, partial(is_titled, app, title))
        assert any("a in" in line and "b out" in line for line in large(app))
        await pilot.press("m")
        await until(pilot, lambda: large(app)[0].startswith(" load"))
        assert not any("/s" in line for line in large(app)), "a load has no unit"


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


async def test_the_window_goes_from_what_there_is_to_a_day_and_back() -> None:
    runtime = FakeRuntime()
    runtime.series.of(NodeName("compute1-1"), "cpu_percent").add(runtime.clock.monotonic(), 50.0)
    app = Host(runtime)
    async with app.run_test(size=(120, 38)) as pilot:
        await until(pilot, lambda: any("-4m" in line for line in large(app)))
        seen = []
        for _ in range(9):
            await pilot.press("right_square_bracket")
            seen.append(app.panel.chip)
        assert seen == ["10 min", "15 min", "30 min", "1 h", "3 h", "6 h", "12 h", "24 h", ""]
        await pilot.press(*["right_square_bracket"] * 8)
        await until(pilot, lambda: any("-18h" in line for line in large(app)))
        assert any(" 50%" in line for line in large(app)[:1])
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: any("-10h" in line for line in large(app)))


async def test_a_day_of_means_is_drawn_as_one_line() -> None:
    runtime = FakeRuntime(history_samples=0)
    name, now = NodeName("compute1-1"), runtime.clock.monotonic()
    for number in range(2000):
        runtime.series.record(name, now - 30_000 + number * 15, {"cpu_percent": 40.0})
    app = Host(runtime)
    async with app.run_test(size=(120, 38)) as pilot:
        await pilot.press(*["right_square_bracket"] * 8)
        await until(pilot, lambda: app.panel.chip == "12 h" and any("-10h" in line for line in large(app)))
        row = next(
            line for line in large(app) if line.count("\u28c0") + line.count("\u2809") > 20 or "\u2812" * 20 in line
        )
        braille = [cell for cell in row if "\u2800" < cell <= "\u28ff"]
        assert len(braille) > 50


@pytest.mark.parametrize("size", [(80, 21), (200, 47)])
async def test_details_of_the_node_under_the_cursor(size: tuple[int, int]) -> None:
    runtime = FakeRuntime()
    known = runtime.store.node(NodeName("compute1-1")).metrics
    assert known.value is not None
    assert known.value.memory is not None
    memory = replace(known.value.memory, swap_total_bytes=4 << 30, is_estimate=True)
    metrics = replace(
        known.value,
        memory=memory,
        iowait_percent=12.0,
        steal_percent=3.0,
        core_percents=(0.0, 50.0, 100.0),
        interfaces=(("eth0\x1b", 2048.0, 1024.0),),
        swap_in_bytes_per_second=0.0,
        swap_out_bytes_per_second=4096.0,
    )
    mount = metrics.disks[0].mount
    runtime.change(
        "compute1-1",
        metrics=replace(known, value=metrics),
        trends=Trends(filling=(Filling(mount, 18_000.0, 1.0),), slower=Slower("load", 12.0, 2.0, 6.0)),
        vitals=Reading(Vitals(used=(Used("open files", 970, 1024, "wk-compute", 7),)), runtime.clock.monotonic()),
    )
    app = Host(runtime)
    async with app.run_test(size=size) as pilot:
        if size[1] < 40:
            await pilot.press("d")
        await until(pilot, lambda: "970 of 1,024 open files" in screen_text(app))
        text = screen_text(app)
        for part in ("waits 12%", "stolen 3%", "▁▄█", "a core", "(estimated)", "eth0␛ in", "full in 5h", "6.0x load"):
            assert part in text, part
        await pilot.press("d")
        await until(pilot, lambda: "open files" not in screen_text(app))


async def test_what_is_slower_than_its_last_hour_comes_first() -> None:
    runtime = FakeRuntime()
    runtime.change("compute2-1", trends=Trends(slower=Slower("io wait", 40.0, 4.0, 8.0)))
    runtime.change("gateway1", trends=Trends(slower=Slower("latency", 300.0, 60.0, 5.0)))
    app = Host(runtime)
    async with app.run_test(size=(80, 21)) as pilot:
        await pilot.press("O", "O")
        assert app.panel.order[:2] == ("compute2-1", "gateway1")
        assert app.panel.chip == "slower first"
        await until(pilot, lambda: "8.0x io wait" in screen_text(app) and "5.0x latency" in screen_text(app))
        await pilot.press("O")
        assert app.panel.order[0] == "compute1-1"
        assert app.panel.chip == ""

"""Charts: axes, no more points than columns, peaks kept, drawn at most once a second and only when seen."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from aen_tui.model.node import NodeName
from aen_tui.state.series import SeriesStore
from aen_tui.ui.presentation.axes import (
    Curve,
    Unit,
    ago_text,
    pieces,
    thin,
    top_of,
    value_text,
    window_seconds,
    x_ticks,
    y_ticks,
)
from aen_tui.ui.presentation.histories import CPU, curves
from aen_tui.ui.widgets import chart as chart_module
from aen_tui.ui.widgets.chart import Chart, Drawing, plot
from tests.support.screen import until


def curve(label: str = "compute1-1", role: str = "series-1", *, samples: int = 120, offset: float = 50.0) -> Curve:
    times = [-2.0 * (samples - i) for i in range(samples)]
    return Curve(label, times, [offset + 30 * math.sin(i / 9) for i in range(samples)], role)


def drawing(*curves: Curve, columns: int = 80, rows: int = 12, **more: Any) -> Drawing:
    return Drawing("CPU", curves, more.pop("unit", Unit.PERCENT), more.pop("window", 300), columns, rows, **more)


def text_of(lines: Any) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


@pytest.mark.parametrize("size", [(40, 8), (60, 9), (80, 12), (120, 20), (200, 40)])
@pytest.mark.parametrize("is_ascii", [False, True])
def test_axes_and_curve_at_every_size(size: tuple[int, int], is_ascii: bool) -> None:
    columns, rows = size
    lines = text_of(plot(drawing(curve(), columns=columns, rows=rows, is_ascii=is_ascii)))
    assert len(lines) == rows
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith(" CPU compute1-1 ")
    assert any("100%" in line for line in lines)
    assert any(line.strip().startswith("0") for line in lines)
    assert lines[-1].strip().startswith("-5m")
    assert lines[-1].strip().endswith("now")
    body = "".join(lines[1:-2])
    if is_ascii:
        assert "".join(lines).isascii()
        assert "*" in body
    else:
        assert any("\u2800" <= char <= "\u28ff" for char in body)


def test_the_size_of_the_terminal_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("LINES", "6")
    lines = text_of(plot(drawing(curve(), columns=160, rows=30)))
    assert len(lines) == 30
    assert max(map(len, lines)) > 140


def test_every_curve_has_its_letter_and_its_own_role() -> None:
    lines = plot(drawing(curve("one", "series-1"), curve("two", "series-2", offset=20), rows=14))
    assert "a one" in text_of(lines)[0]
    assert "b two" in text_of(lines)[0]
    letters = {text.strip(): role for line in lines[1:] for text, role in line if text.strip() in ("a", "b")}
    assert letters == {"a": "series-1!", "b": "series-2!"}
    drawn = {role for line in lines[1:] for text, role in line if any(char > "\u2800" for char in text)}
    assert {"series-1", "series-2"} <= drawn


def test_an_old_value_says_so() -> None:
    old = Curve("x", [-100.0, -90.0], [10.0, 11.0], "series-1")
    spans = {text.strip(): role for text, role in plot(drawing(old))[0]}
    assert spans["11% as of 1m ago"] == "stale"


def test_nothing_to_draw_is_said() -> None:
    assert "no samples yet" in "".join(text_of(plot(drawing(Curve("x", [], [], "series-1")))))
    assert "no samples yet" in "".join(text_of(plot(drawing())))


def test_too_small_for_a_plot_is_its_title() -> None:
    lines = text_of(plot(drawing(curve(), columns=20, rows=4)))
    assert len(lines) == 1
    assert "CPU" in lines[0]


def test_a_gap_is_not_joined() -> None:
    whole = Curve("x", [-200.0 + i for i in range(200)], [90.0] * 200, "series-1")
    torn = Curve("x", [at for at in whole.times if not -150 < at < -50], [90.0] * 101, "series-1")
    dots = [
        sum("\u2800" < char <= "\u28ff" for char in "".join(text_of(plot(drawing(one, window=300)))))
        for one in (whole, torn)
    ]
    assert dots[1] < 0.7 * dots[0]
    assert len(pieces(torn.times, torn.values)) == 2


@pytest.mark.parametrize(("interval", "window"), [(20.0, None), (60.0, None), (60.0, 21_600)])
def test_a_node_that_is_looked_at_seldom_has_no_gaps(interval: float, window: int | None) -> None:
    seldom, often = NodeName("seldom"), NodeName("often")
    store = SeriesStore({seldom: interval})
    for name in (seldom, often):
        # half as often as asked for, as where others look too; and nothing for ten minutes
        for start in (1000.0, 1600.0 + 20 * interval):
            for number in range(10):
                store.record(name, start + number * 2 * interval, {"cpu_percent": 50.0})
    made, _ = curves(store, [seldom, often], CPU, 1600.0 + 40 * interval, window=window)
    parts = [pieces(curve.times, curve.values, curve.gap_seconds) for curve in made]
    assert len(parts[0]) == 2
    assert len(parts[1]) > 10


@given(
    st.lists(st.floats(0, 1e9), min_size=1, max_size=2000),
    st.integers(4, 200),
)
def test_thinning_keeps_the_peaks_in_order_and_fits(values: list[float], columns: int) -> None:
    step = 3600 / len(values)
    times = [-step * (len(values) - i) for i in range(len(values))]
    kept_times, kept = thin(times, values, 3600, columns)
    assert len(kept) <= columns
    assert max(kept) == max(values)
    assert min(kept) == min(values)
    assert kept_times == sorted(kept_times)


@given(st.floats(0, 1e12), st.sampled_from(list(Unit)), st.integers(2, 50))
def test_the_axis_reaches_every_value(value: float, unit: Unit, rows: int) -> None:
    top = top_of([value], unit)
    assert top >= (min(value, 100.0) if unit is Unit.PERCENT else value)
    places, labels = y_ticks(top, unit, rows)
    assert places[0] == 0
    assert places[-1] == top
    assert labels[0] == "0"
    assert max(map(len, labels)) <= chart_module._LABEL_COLUMNS
    assert len(places) <= max(2, rows + 1)


@pytest.mark.parametrize(
    ("top", "labels"), [(50, "0 10 20 30 40 50"), (200, "0 50 100 150 200"), (100, "0 25 50 75 100")]
)
def test_counts_are_marked_at_round_figures(top: float, labels: str) -> None:
    assert y_ticks(top, Unit.COUNT, 20)[1] == labels.split()


def test_units_and_times_in_words() -> None:
    assert value_text(7.4, Unit.PERCENT) == "7%"
    assert value_text(1536.0, Unit.BYTES_PER_SECOND) == "1.5K/s"
    assert value_text(None, Unit.COUNT) == "-"
    assert [ago_text(at) for at in (0, 30, 90, 120, 3600)] == ["now", "-30s", "-90s", "-2m", "-1h"]
    assert x_ticks(300, 80)[1] == ["-5m", "-4m", "-3m", "-2m", "-1m", "now"]
    assert window_seconds(0) == 120
    assert window_seconds(121) == 300
    assert window_seconds(1e9) == 3600


class Host(App[None]):
    """One chart."""

    def compose(self) -> ComposeResult:
        yield Chart("CPU", Unit.PERCENT)


async def test_redraws_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(chart_module, "monotonic", lambda: now)
    async with Host().run_test(size=(60, 10)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([curve()], 300)
        await pilot.pause()
        before = chart.plots
        for offset in range(20):
            chart.show([curve(offset=40.0 + offset)], 300)
        assert chart.plots == before
        newest = value_text(curve(offset=59.0).values[-1], Unit.PERCENT)
        assert newest in chart.lines[0], "the first line is always the newest"
        now += 1.0
        chart.show([curve(offset=20.0)], 300)
        assert chart.plots == before, "300 s on 60 columns: nothing moves for 5 s"
        now += 4.0
        chart.show([curve(offset=20.0)], 300)
        assert chart.plots == before + 1
        chart.show([curve(offset=20.0)], 60)
        now += 1.0
        chart.show([curve(offset=20.0)], 60)
        assert chart.plots == before + 2
        chart.show([curve("another")], 300)  # another curve is not a newer sample: at once
        assert chart.plots == before + 3


async def test_draws_nothing_while_hidden_and_catches_up() -> None:
    async with Host().run_test(size=(60, 10)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.display = False
        await pilot.pause()
        before = chart.plots
        chart.show([curve("hidden")], 300)
        assert chart.plots == before
        chart.display = True
        await until(pilot, lambda: any("hidden" in line for line in chart.lines))


async def test_a_large_chart_comes_from_a_thread() -> None:
    async with Host().run_test(size=(200, 40)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([curve(str(number), f"series-{number}", offset=10.0 * number) for number in range(1, 5)], 300)
        assert not any("a 1" in line for line in chart.lines)
        await until(pilot, lambda: any("d 4" in line for line in chart.lines))
        assert len(chart.lines) == 40


async def test_colours_follow_the_theme_without_a_new_plot() -> None:
    async with Host().run_test(size=(60, 10)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([curve()], 300)
        await until(pilot, lambda: chart.lines)
        await pilot.pause()
        plots = chart.plots
        dark = chart.render_line(4)
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert chart.plots == plots
        light = chart.render_line(4)
        assert light.text == dark.text
        assert [one.style for one in light] != [one.style for one in dark]


async def test_a_hostile_label_is_text() -> None:
    async with Host().run_test(size=(60, 10)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([curve("[red]x[/]")], 300)
        await until(pilot, lambda: any("[red]x[/]" in line for line in chart.lines))
        assert "[red]x[/]" in chart.render_line(0).text


def test_plotext_waits_for_the_first_chart() -> None:
    code = "import sys, aen_tui.ui.widgets.chart; sys.exit('plotext' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

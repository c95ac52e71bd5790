"""Older lines above the top, a time to go to, sources that appear under a reader who has paused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from aen_tui.model.facts import LogFileState, LogPath, LogState
from aen_tui.model.logs import LogKey, OlderEdge, OlderState
from aen_tui.ui.app import AenApp
from aen_tui.ui.panels._older_logs import AT_ONCE, EDGE_ROWS, ROUNDS
from aen_tui.ui.widgets.chart import Chart
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, Feeder, LogStage, log_key
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.test_log_view import lines


def stamped(stage: LogStage, first: int, count: int, text: str = "older", *, every: float = 1.0) -> bytes:
    """Lines a second apart; number 0 was written an hour ago."""
    begin = stage.feeder.wall - 3600
    when = [time.localtime(begin + n * every) for n in range(first, first + count)]
    return b"".join(
        f"{time.strftime('%Y-%m-%d %H:%M:%S', at)},000 INFO {text} {n}\n".encode() for n, at in enumerate(when, first)
    )


def asked(stage: LogStage) -> list[LogKey]:
    return [call[1] for call in stage.runtime.calls if call[0] == "fetch_older"]


async def ready(pilot: Pilot[None], stage: LogStage) -> None:
    await until(pilot, lambda: any(stage.rows()))


def at_cursor(stage: LogStage) -> tuple[int, str]:
    """The row of the cursor, and what stands in it."""
    window = stage.panel.view.window
    return next((y, stage.rows()[y]) for y, row in enumerate(window.rows) if row.ref == window.cursor_ref)


@pytest.mark.parametrize("key", ["g", "home", "pageup", "k", "up", "b", "ctrl+u"])
async def test_above_the_top_older_lines_come_and_no_row_moves(key: str) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, 0, 20_000, every=0.1)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        await ready(pilot, stage)
        stage.runtime.answers.clear()
        for _ in range(45):
            if asked(stage):
                break
            await pilot.press(key)
            await pilot.pause()
        assert asked(stage) == [SERVER_LOG]
        await until(pilot, lambda: "loading older lines" in stage.rows()[0])
        assert "Esc stops" in stage.header()
        before, cursor = stage.rows(), at_cursor(stage)
        stage.runtime.answers.set()
        await until(pilot, lambda: "older 19999" in stage.rows()[0])
        assert (stage.rows()[1:], at_cursor(stage)) == (before[1:], cursor)
        assert "Esc stops" not in stage.header() and "PAUSED +0" in stage.header()
        await pilot.pause(0.2)
        assert len(asked(stage)) == 1, "more was fetched though nobody asked"
        await pilot.press("b")
        await until(pilot, lambda: any("older 19998" in row for row in stage.rows()))


async def test_the_edge_says_how_far_back_it_reaches_until_the_oldest_file_begins() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, 0, 12_000)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        await ready(pilot, stage)
        await pilot.press("g")
        await until(pilot, lambda: "older 11999" in stage.rows()[0])
        await pilot.press("g")
        await until(pilot, lambda: len(asked(stage)) == 2 and not stage.panel.older.is_loading)
        await pilot.press("g")
        await until(
            pilot, lambda: "the oldest file begins here" in stage.rows()[0] and not stage.panel.older.is_loading
        )
        assert stage.rows()[1].endswith("older 0")
        count = len(asked(stage))
        await pilot.press("g", "g", "k")
        await pilot.pause(0.1)
        assert len(asked(stage)) == count, "what begins here was asked for more"
        await pilot.press("G")
        await until(pilot, lambda: "FOLLOW" in stage.header())
        assert stage.rows()[-1].endswith("request 39")


@pytest.mark.parametrize("state", [OlderState.GONE, OlderState.FULL])
async def test_what_cannot_be_had_is_said_with_its_reason_and_asked_for_again_only_by_a_key(state: OlderState) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        stage.runtime.books.book(SERVER_LOG).edge = OlderEdge(state, "the file [b]is[/b] \x1b[2J gone")
        await ready(pilot, stage)
        await pilot.press("g")
        await until(pilot, lambda: "the file [b]is[/b] ␛[2J gone" in stage.rows()[0])
        await until(pilot, lambda: not stage.panel.older.is_loading)
        await pilot.pause(0.1)
        assert len(asked(stage)) == 1
        await pilot.press("k")
        await until(pilot, lambda: len(asked(stage)) == 2)


async def test_of_several_sources_those_that_hide_the_top_come_first_and_it_goes_on_until_the_top_grows() -> None:
    keys = [log_key("gateway1", f"/var/log/{n}.log") for n in range(8)]
    stage = LogStage(keys)
    async with stage.run_test(size=(100, 30)) as pilot:
        for n, key in enumerate(keys):  # each begins 100 s after the one before
            stage.feeder.feed(key, stamped(stage, 2000 + 100 * n, 50, f"new{n}"))
            stage.runtime.older[key] = stamped(stage, 0, 2000 + 100 * n, f"old{n}")
        await ready(pilot, stage)
        await pilot.press("g")
        await until(pilot, lambda: len(asked(stage)) > 0 and not stage.panel.older.is_loading)
        assert asked(stage)[:AT_ONCE] == keys[: -AT_ONCE - 1 : -1]
        assert len(asked(stage)) <= AT_ONCE * ROUNDS
        assert stage.panel.view.window.base.index_of((0, 0)) > 0, "nothing stands above what was the top"
        assert at_cursor(stage)[1].endswith("new0 2000")
        await pilot.press("g")
        await until(pilot, lambda: len(asked(stage)) == 8 and not stage.panel.older.is_loading)
        await pilot.press("g")
        await until(pilot, lambda: any("the oldest files of all 8 sources begin here" in row for row in stage.rows()))


async def test_the_edge_of_many_sources_is_a_few_rows_what_hides_most_last() -> None:
    keys = [log_key("gateway1", f"/var/log/{n}.log") for n in range(12)]
    stage = LogStage(keys)
    async with stage.run_test(size=(100, 30)) as pilot:
        for n, key in enumerate(keys):
            stage.feeder.feed(key, stamped(stage, 2000 + 100 * n, 50, f"new{n}"))
        for key in keys[:3]:
            stage.runtime.books.book(key).edge = OlderEdge(OlderState.START, "the oldest file begins here")
        stage.runtime.books.book(keys[5]).edge = OlderEdge(OlderState.GONE, "no such file")
        stage.runtime.answers.clear()
        await ready(pilot, stage)
        await pilot.press("g")
        await until(pilot, lambda: "loading older lines" in stage.rows()[EDGE_ROWS - 1])
        assert "the oldest files of 3 sources begin here; 4 more begin earlier, 3 of them may" in stage.rows()[0]
        assert [row.split()[0] for row in stage.rows()[1:EDGE_ROWS]] == ["7", "8", "9", "10", "11"]
        assert "new0 2000" in stage.rows()[EDGE_ROWS]
        stage.runtime.answers.set()


async def test_without_a_key_nothing_is_fetched() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, 0, 2000)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 100))
        await ready(pilot, stage)
        await pilot.press("k", "b", "G", "slash", *"x", "enter", "E", "v", "v", "v", "i")
        for _ in range(3):
            stage.panel.tick()
            stage.panel.take(stage.runtime.snapshot())
            await pilot.pause()
        assert not asked(stage)


async def test_a_filter_reaches_back_too_and_finds_what_was_fetched() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, 0, 12_000)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 1000))
        await pilot.press("ampersand", *"(older|request) 1*99$", "enter")
        await until(pilot, lambda: len([row for row in stage.rows() if row]) == 2)
        await pilot.press("g")
        await until(pilot, lambda: any(row.endswith("older 11199") for row in stage.rows()))
        assert "request 199" in at_cursor(stage)[1] or "request 99" in at_cursor(stage)[1]


async def test_going_to_a_time_brings_what_is_needed_and_no_more() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, -200_000, 203_000, every=0.2)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        await ready(pilot, stage)
        stage.runtime.answers.clear()
        await pilot.press("at", *"-1h", "enter")
        await until(pilot, lambda: "Esc stops" in stage.header() and "back to" in stage.header())
        stage.runtime.answers.set()
        await until(pilot, lambda: at_cursor(stage)[1].endswith("older 0"))
        assert stage.runtime.older[SERVER_LOG], "all was brought though a part was enough"
        assert "Esc stops" not in stage.header() and "PAUSED" in stage.header()
        count = len(asked(stage))
        await pilot.press("at", *"-58m", "enter")
        await until(pilot, lambda: at_cursor(stage)[1].endswith("older 600"))
        assert len(asked(stage)) == count, "what is here was fetched again"


async def test_escape_stops_the_way_to_a_time_and_the_view_stays() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, 0, 3000)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        await ready(pilot, stage)
        await pilot.press("ampersand", *"request", "enter")
        stage.runtime.answers.clear()
        await pilot.press("at", *"-1h", "enter")
        await until(pilot, lambda: "Esc stops" in stage.header())
        before = stage.rows()
        await pilot.press("escape")
        await until(pilot, lambda: "Esc stops" not in stage.header())
        assert stage.panel.view.lookup.filters, "Esc took the filter too"
        stage.runtime.answers.set()
        await pilot.pause(0.1)
        assert [row for row in stage.rows() if "request" in row] == [row for row in before if "request" in row]
        assert stage.runtime.books.book(SERVER_LOG).first_line == 0


async def test_a_time_that_no_source_reaches_is_said() -> None:
    stage = LogStage([SERVER_LOG, WORKER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, 0, 100)
        stage.runtime.older[WORKER_LOG] = stamped(stage, -90_000, 500)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        stage.feeder.feed(WORKER_LOG, lines(stage, 0, 40))
        await ready(pilot, stage)
        await pilot.press("at", *"-3h", "enter")
        await until(pilot, lambda: any("does not reach back so far" in one.message for one in stage._notifications))
        assert any("the oldest file begins here" in one.message for one in stage._notifications)
        assert not stage.panel.older.is_loading


async def test_a_memory_that_gives_and_takes_ends_the_way() -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=1_500_000)
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, -200_000, 203_000, every=0.2)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        await ready(pilot, stage)
        await pilot.press("at", *"-11h", "enter")
        await until(pilot, lambda: any("memory for logs is full" in one.message for one in stage._notifications))
        assert stage.runtime.books.size_bytes <= 1_500_000


async def test_logs_that_appear_under_a_paused_reader_are_added_and_no_row_moves() -> None:
    stage = LogStage()
    async with stage.run_test(size=(100, 16)) as pilot:
        stage.panel.aim([GATEWAY_LOG.node])
        first = stage.panel.keys[0]
        stage.feeder.feed(first, lines(stage, 0, 500))
        await pilot.press("ampersand", *"request", "enter")
        await until(pilot, lambda: any(row.endswith("request 499") for row in stage.rows()))
        await pilot.press("b", "k", "m")
        before, cursor = stage.rows(), at_cursor(stage)
        new = LogKey(GATEWAY_LOG.node, LogPath("/var/log/new.log"))
        node = stage.runtime.store.node(GATEWAY_LOG.node)
        stage.runtime.change("gateway1", logs=(*node.logs, LogState(new.path, LogFileState.FOLLOWING)))
        stage.panel.take(stage.runtime.snapshot())
        stage.panel.tick()
        assert new in stage.panel.keys and ("follow", new) in stage.runtime.calls
        stage.feeder.feed(new, lines(stage, 0, 500, "request of the new one"))
        await until(pilot, lambda: "PAUSED +500" in stage.header() and "1,000 of 1,000" in stage.header())
        assert stage.rows() == before
        await pilot.press("j", "k")
        await pilot.pause()
        assert at_cursor(stage) == cursor
        await pilot.press("ctrl+u")
        await until(pilot, lambda: any("new one" in row for row in stage.rows()))
        await pilot.press("G")
        await until(pilot, lambda: "FOLLOW" in stage.header() and new in stage.panel.keys)


async def test_lines_that_were_counted_stay_counted_when_older_ones_come() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.runtime.older[SERVER_LOG] = stamped(stage, 0, 3000)
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 40))
        await ready(pilot, stage)
        await pilot.press("p")
        stage.feeder.feed(SERVER_LOG, lines(stage, 40, 7))
        await until(pilot, lambda: "PAUSED +7" in stage.header())
        await pilot.press("g")
        await until(pilot, lambda: any("older 2999" in row for row in stage.rows()))
        await until(pilot, lambda: "PAUSED +7" in stage.header())


async def test_a_time_is_gone_to_in_all_views_and_back() -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: bool(app.screen.query(Chart)))
        await pilot.press("2")
        await until(pilot, lambda: "sources" in screen_text(app))
        key = app.main.panel.keys[0]  # type: ignore[attr-defined]
        Feeder(runtime.books, runtime.clock.wall()).feed(key, b"".join(b"INFO line %d\n" % n for n in range(100)))
        await until(pilot, lambda: "line 99" in screen_text(app))
        await pilot.press("at", *"-2m", "enter", "3")
        chart = app.screen.query_one("#large", Chart)
        await until(pilot, lambda: "  @" in chart.lines[0] and "%" in chart.lines[0].rpartition("@")[2])
        column = chart.lines[4].index("│", 9)
        assert sum(line[column : column + 1] == "│" for line in chart.lines) > len(chart.lines) // 2
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is not app.main and "  @" in app.screen.query(Chart).first().lines[0])
        await pilot.press("at", *"now", "enter")
        await until(pilot, lambda: "  @" not in app.screen.query(Chart).first().lines[0])
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main and "  @" not in chart.lines[0])
        await pilot.press("at", *"-1m", "enter", "2")
        await until(pilot, lambda: "PAUSED" in screen_text(app))
        await pilot.press("G", "3")
        await until(pilot, lambda: "  @" not in chart.lines[0])


async def test_colon_w_writes_what_is_shown_and_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runtime = FakeRuntime(history_samples=0)
    app = AenApp(runtime)
    file = tmp_path / "shown [b].log"
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "sources" in screen_text(app))
        key = app.main.panel.keys[0]  # type: ignore[attr-defined]
        Feeder(runtime.books, runtime.clock.wall()).feed(key, b"".join(b"INFO \x1b line %d\n" % n for n in range(100)))
        await until(pilot, lambda: "line 99" in screen_text(app))
        await pilot.press("ampersand", *"5$", "enter")
        await until(pilot, lambda: "10 of 100" in screen_text(app))
        await pilot.press("colon", *f"w {file.name}", "enter")
        await until(pilot, file.exists)
        await until(pilot, lambda: file.read_text().count("\n") == 10)
        assert file.stat().st_mode & 0o777 == 0o600
        assert all(line.endswith("5") and "␛" in line for line in file.read_text().splitlines())
        kept = file.read_bytes()
        await pilot.press("colon", *f"w {file.name}", "enter")
        await until(pilot, lambda: "is there already" in screen_text(app))
        assert file.read_bytes() == kept
        link = tmp_path / "link"
        link.symlink_to(tmp_path / "elsewhere")
        await pilot.press("escape", "colon", *"w link", "enter")
        await until(pilot, lambda: "is there already" in screen_text(app))
        assert not (tmp_path / "elsewhere").exists()
        await pilot.press("escape", "colon", *"w no/such", "enter")
        await until(pilot, lambda: "is no folder" in screen_text(app))
        await pilot.press("escape", "1", "colon", *"w fleet", "enter")
        await until(pilot, lambda: any("nothing of this view" in one.message for one in app._notifications))

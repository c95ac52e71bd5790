"""What a log may hold, and what the view makes of it: a visible mark, bounded memory, a screen that stays live."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from textual import events

from aen_tui.model.facts import LogFileState, LogState
from aen_tui.model.logs import Seam
from aen_tui.ui.app import AenApp
from aen_tui.ui.presentation.severity import UNICODE
from aen_tui.ui.screens.log_line import LogLineScreen
from aen_tui.ui.widgets.palette import Palette, spans_width
from tests.support.hostile import corpus, harm_in
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, Feeder, LogStage
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.test_log_view import lines

LONGEST_TURN_SECONDS = 0.05
"""CPU of one turn of the loop; generous, for machines that are busy with other things."""


async def longest_turn(while_: Callable[[], bool]) -> float:
    """CPU seconds of the longest turn of the loop until a condition no longer holds."""
    worst, end = 0.0, time.monotonic() + 60
    gc.disable()  # the dashboard freezes what it begins with; a test's heap is not the view's
    try:
        while while_():
            assert time.monotonic() < end, "it never ends"
            begin = time.thread_time()
            await asyncio.sleep(0)
            worst = max(worst, time.thread_time() - begin)
    finally:
        gc.enable()
    return worst


async def test_a_line_of_ten_megabytes() -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=4 * 1024 * 1024)
    async with stage.run_test(size=(80, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 3) + b"z" * 10_000_000 + b"END\n" + lines(stage, 3, 3))
        await until(pilot, lambda: any(row.endswith("request 5") for row in stage.rows()))
        assert stage.runtime.books.size_bytes <= 4 * 1024 * 1024
        row = next(row for row in stage.rows() if "zzz" in row)
        assert row.endswith("…"), "nothing says that the line goes on"
        await pilot.press("w")
        await until(pilot, lambda: any("rows more" in row for row in stage.rows()))
        await pilot.press("w", "k", "k", "k", "enter")
        await until(pilot, lambda: isinstance(stage.screen, LogLineScreen))
        assert isinstance(stage.screen, LogLineScreen) and len(stage.screen._text) < 70_000
        await pilot.press("escape", "ampersand", *"END", "enter")
        assert await longest_turn(lambda: stage.panel.view.lookup.is_busy) < LONGEST_TURN_SECONDS
        await until(pilot, lambda: len([row for row in stage.rows() if row]) == 1)  # packed, all of it fits


async def test_what_has_no_newline_is_marked() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"first half")
        stage.feeder.wall += 5
        stage.feeder.feed(SERVER_LOG, b"next file\n", seam=Seam("rotated", "renamed", 0))
        await until(pilot, lambda: any("cut here: no end of line" in row for row in stage.rows()))


async def test_binary() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, bytes(range(256)) * 8_000 + b"\nafter\n")
        await until(pilot, lambda: any(row.endswith("after") for row in stage.rows()))
        text = "".join(stage.rows())
        assert "␛" in text and "…" in text
        assert all(char.isprintable() for char in text)
        await pilot.press("slash", *"after", "enter")
        await until(pilot, lambda: "1 hits" in stage.header())


async def test_markup_is_text_in_every_place_it_can_reach() -> None:
    stage = LogStage([SERVER_LOG])
    bait = b"[bold]x[/] [@click=app.quit]q[/] \\[y] :smile:"
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, bait + b'\n{"msg":"[red]m[/]","k[b]":"[link=x]v"}\n')
        await until(pilot, lambda: any(bait.decode() in row for row in stage.rows()))
        assert any("[red]m[/]  k[b]=[link=x]v" in row for row in stage.rows())
        await pilot.press("k", "k", "enter")
        await until(pilot, lambda: bait.decode() in screen_text(stage))
        await pilot.press("escape", "slash", *"[bad", "enter")
        await until(pilot, lambda: any("missing" in notice.message for notice in stage._notifications))
        assert stage.is_running


async def test_timestamps_that_lie_move_no_other_line_and_stretch_no_picture() -> None:
    stage = LogStage([SERVER_LOG, WORKER_LOG])
    async with stage.run_test(size=(100, 30)) as pilot:
        lies = (
            b"1970-01-01 00:00:00,000 INFO past\n2999-12-31 23:59:59,000 INFO future\n9999-99-99 99:99:99 INFO none\n"
        )
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 2000) + lies + lines(stage, 2000, 2000))
        stage.feeder.feed(WORKER_LOG, lines(stage, 0, 4000, "job"))
        view = stage.panel.view
        await until(pilot, lambda: view.window.base.line_count == 8003)
        own = [line for index in range(8003) if (line := view.window.base.line(index)) and line.key == SERVER_LOG]
        assert [line.number for line in own] == list(range(4003))
        await pilot.press("i")
        stage.panel.tick()
        volume = stage.panel.histogram._volume
        assert volume is not None and volume.end - volume.begin < 2000


async def test_a_regex_that_would_explode_does_not() -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=32 * 1024 * 1024)
    async with stage.run_test(size=(80, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, (b"a" * 20_000 + b"\n") * 400)
        await until(pilot, lambda: any("aaa" in row for row in stage.rows()))
        stage.panel.view.filter("(a+)+(a+)+b$")
        assert await longest_turn(lambda: stage.panel.view.lookup.is_busy) < LONGEST_TURN_SECONDS
        assert stage.panel.view.window.stream.line_count == 0
        stage.panel.view.search("(a|aa)+$")
        assert await longest_turn(lambda: stage.panel.view.lookup.is_busy) < LONGEST_TURN_SECONDS
        await until(pilot, lambda: stage.panel.view.lookup.hit_count == 400)


async def test_keys_act_while_lines_pour_in_and_a_filter_is_on() -> None:
    stage = LogStage([SERVER_LOG, GATEWAY_LOG], limit_bytes=4 * 1024 * 1024)
    async with stage.run_test(size=(80, 20)) as pilot:
        await pilot.press("ampersand", *"7$", "enter")
        for n in range(60):
            stage.feeder.feed(SERVER_LOG, lines(stage, n * 1000, 1000))
            await asyncio.sleep(0)
        await pilot.press("k", "k")
        await until(pilot, lambda: "PAUSED" in stage.header())
        await until(pilot, lambda: not stage.panel.view.lookup.is_busy)
        shown = [row for row in stage.rows() if row]
        assert shown and all(row.endswith("7") or "dropped" in row for row in shown)
        assert stage.runtime.books.size_bytes <= 4 * 1024 * 1024


@pytest.mark.parametrize("error", ["is a folder", "is a pipe", "may not be read"])
async def test_a_source_that_is_no_log_any_more_is_said_and_its_lines_stay(error: str) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 5))
        await until(pilot, lambda: any(row.endswith("request 4") for row in stage.rows()))
        broken = LogState(SERVER_LOG.path, LogFileState.UNKNOWN, error=f"{error} [b]\x1b[2J")
        stage.runtime.change("aen-server", logs=(broken,))
        stage.panel.take(stage.runtime.snapshot())
        await until(pilot, lambda: f"not read: {error} [b]␛[2J" in stage.header())
        stage.runtime.change("aen-server", logs=(LogState(SERVER_LOG.path, LogFileState.FOLLOWING),))
        stage.panel.take(stage.runtime.snapshot())
        await until(pilot, lambda: "not read" not in stage.header())
        assert any(row.endswith("request 4") for row in stage.rows())


async def test_a_link_that_points_elsewhere_is_a_line_between_the_two_files() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 3))
        stage.feeder.feed(SERVER_LOG, lines(stage, 70, 2), seam=Seam("replaced", "another file has the name", None))
        await until(pilot, lambda: any(row.endswith("request 71") for row in stage.rows()))
        shown = [row for row in stage.rows() if row]
        assert "replaced: another file has the name" in shown[3] and len(shown) == 6


async def test_a_log_that_grows_faster_than_it_can_be_had_keeps_memory_bounded_says_so_and_is_live() -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=1024 * 1024)
    async with stage.run_test(size=(100, 20)) as pilot:
        for n in range(40):
            stage.feeder.feed(SERVER_LOG, lines(stage, n * 3000, 3000))
            assert stage.runtime.books.size_bytes <= 1024 * 1024
            if n % 10 == 5:
                await pilot.press("k")
                await until(pilot, lambda: "PAUSED" in stage.header())
                await pilot.press("G")
                await until(pilot, lambda: "FOLLOW" in stage.header())
        await until(pilot, lambda: any(row.endswith("request 119999") for row in stage.rows()))
        await pilot.press("g")
        await until(pilot, lambda: any("older lines" in row and "left memory here" in row for row in stage.rows()))


async def test_every_payload_of_the_corpus_is_drawn_without_harm() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 40)) as pilot:
        for payload in corpus():
            stage.feeder.feed(SERVER_LOG, payload.line)
        stage.feeder.feed(SERVER_LOG, b'{"msg":"json a\\tb","k\\t":"v\\tw"}\nplain a\tb\n')
        stage.feeder.feed(SERVER_LOG, b"the last\n")
        await until(pilot, lambda: any("the last" in row for row in stage.rows()))
        await pilot.press("g")
        for _ in range(100):
            await pilot.pause()
            for row in stage.rows():
                assert not harm_in(row, allowed=""), row
            if stage.panel.view.window.follow:
                break
            await pilot.press("space")
        assert stage.panel.view.window.follow, "the end was never reached"


@pytest.mark.parametrize("width", [1, 5, 10, 11, 12, 40])
def test_a_tab_takes_the_cells_that_it_is_given(width: int) -> None:
    segments = Palette({}, UNICODE).paint([("ab\tc", "text"), ("d\te", "faint")], width)
    text = "".join(segment.text for segment in segments)
    assert "\t" not in text and cell_len(text) == width
    assert spans_width([("ab\tc", "text"), ("d\te", "faint")]) == len("ab      cd       e")


async def test_keys_that_come_with_the_enter_of_a_filter_are_not_typed_into_it() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 300))
        await pilot.press("ampersand", *"t 1.0$")
        for key, character in (("enter", "\r"), ("z", "z"), ("p", "p")):
            stage.post_message(events.Key(key, character))  # as a slow link brings them: at once
        await until(
            pilot, lambda: "&t 1.0$" in stage.header() and "±1" in stage.header() and "PAUSED" in stage.header()
        )


@pytest.mark.parametrize("size", [(60, 16), (120, 40)])
async def test_f_gives_the_whole_screen_to_the_logs_and_back(size: tuple[int, int]) -> None:
    runtime = FakeRuntime(history_samples=0)
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "sources" in screen_text(app))
        key = app.main.panel.keys[0]  # type: ignore[attr-defined]
        Feeder(runtime.books, runtime.clock.wall()).feed(key, b"".join(b"INFO line %d\n" % n for n in range(100)))
        await until(pilot, lambda: "line 99" in screen_text(app))
        before = app.main.panel.view.size.height  # type: ignore[attr-defined]
        await pilot.press("f")
        await until(pilot, lambda: app.main.panel.view.size.height == before + 2)  # type: ignore[attr-defined]
        assert "aen-prod" not in screen_text(app) and "FOLLOW" in screen_text(app)
        await pilot.press("f")
        await until(pilot, lambda: "aen-prod" in screen_text(app))


async def test_the_footer_and_the_help_show_the_keys() -> None:
    app = AenApp(FakeRuntime(history_samples=0))
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "/ search" in screen_text(app) and "& filter" in screen_text(app))
        for word in ("i histogram", "m mark", "c copy"):
            assert word in screen_text(app)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Lines over time" in screen_text(app))
        assert "More lines around what a filter leaves" in screen_text(app)

"""What leaves the logs view is whole, or it is said what is missing."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from aen_tui.state.bookmarks import KEPT_BOOKMARKS
from aen_tui.ui import log_export
from aen_tui.ui.widgets.log_picking import COPIED_LINES
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, LogStage
from tests.support.screen import until
from tests.ui.test_log_view import lines


def notices(stage: LogStage) -> str:
    return "\n".join(notice.message for notice in stage._notifications)


async def test_a_selection_that_is_too_long_says_what_of_it_was_copied_and_marked(state_home: Path) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 6000))
        await until(pilot, lambda: any(stage.rows()))
        await pilot.press("k", "V", "g")
        await until(pilot, lambda: "5,999 selected" in stage.header())
        await pilot.press("c")
        await until(pilot, lambda: f"the first {COPIED_LINES:,} of 5,999 lines" in notices(stage))
        (file,) = (state_home / "aen-tui" / "saved").iterdir()
        assert len(file.read_text().splitlines()) == COPIED_LINES
        await pilot.press("G", "k", "V", "g", "M")
        await until(pilot, lambda: f"the first {KEPT_BOOKMARKS:,} of 5,999 lines are marked" in notices(stage))


async def test_saving_waits_until_the_filter_has_found_everything(tmp_path: Path) -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=64 * 1024 * 1024)
    file = tmp_path / "out.log"
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 200_000))
        await until(pilot, lambda: any(stage.rows()))
        stage.panel.view.filter("request [0-9]*77$")
        assert stage.panel.view.lookup.is_busy
        stage.panel.save(file)
        await until(pilot, lambda: "saved to" in notices(stage))
        assert len(file.read_text().splitlines()) == 2000


async def test_under_a_reader_who_has_paused_hits_are_counted_and_all_is_saved(tmp_path: Path) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 300))
        await pilot.press("ampersand", *"request", "enter", "slash", *"7$", "enter")
        await until(pilot, lambda: "PAUSED" in stage.header() and "30 hits" in stage.header())
        before = stage.rows()
        stage.feeder.feed(SERVER_LOG, lines(stage, 300, 300))
        stage.panel.save(tmp_path / "out.log")
        await until(pilot, lambda: "saved to" in notices(stage))
        assert "looked through" not in notices(stage)
        stage.feeder.feed(SERVER_LOG, lines(stage, 600, 300))
        stage.panel.tick()
        await until(pilot, lambda: "90 hits" in stage.header() and "hits…" not in stage.header())
        assert [row[:-1] for row in stage.rows()] == [row[:-1] for row in before]


async def test_nothing_is_saved_where_the_filter_is_another_by_then(tmp_path: Path) -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=64 * 1024 * 1024)
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 200_000))
        await until(pilot, lambda: any(stage.rows()))
        stage.panel.view.filter("request [0-9]*77$")
        stage.panel.save(tmp_path / "out.log")
        stage.panel.view.drop_filter()
        await until(pilot, lambda: "nothing was written" in notices(stage))
        assert not (tmp_path / "out.log").exists()


@pytest.mark.parametrize("keys", [[SERVER_LOG], [SERVER_LOG, GATEWAY_LOG]])
async def test_lines_that_leave_memory_before_they_are_written_are_counted_and_no_other_is_missing(
    keys: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_export, "_SLICE_SECONDS", 0.0)  # others have a turn after every line
    stage = LogStage([key for key in (SERVER_LOG, GATEWAY_LOG) if key in keys], limit_bytes=448 * 1024)
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 10_000))
        stage.feeder.feed(GATEWAY_LOG, lines(stage, 0, 500, "gate"))
        stream = stage.panel.view.window.stream
        await until(pilot, lambda: stream.line_count == (10_000 if len(keys) == 1 else 10_500))
        book, walk, out = stage.runtime.books.book(SERVER_LOG), log_export.Walk(), bytearray()
        async for piece in log_export.pieces(stream, walk):
            out += piece
            if len(out) > 100_000 and not book.dropped_lines:
                stage.feeder.feed(SERVER_LOG, lines(stage, 10_000, 100_000))
                assert book.dropped_lines > 10_000 - 9_000
                stage.panel.view.window.take(stage.feeder.wall)
                await asyncio.sleep(0)
        text = out.decode()
        written = [int(row.split()[-1]) for row in text.splitlines() if "request" in row]
        said = re.findall(r"^-- ([0-9,]+) lines left memory here", text, re.MULTILINE)
        assert 0 < walk.gone < 10_000 and sum(int(count.replace(",", "")) for count in said) == walk.gone
        assert written == sorted(set(written)) and len(written) + walk.gone == 10_000
        assert walk.size == len(out)


async def test_where_a_file_is_can_be_read_on_a_narrow_screen(
    state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(state_home.parent))
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 24)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 5))
        await until(pilot, lambda: any(stage.rows()))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "saved to" in notices(stage))
        (file,) = (state_home / "aen-tui" / "saved").iterdir()
        folder, name = notices(stage).split("saved to ")[1].split("\n")
        assert (folder, name) == (f"~/{state_home.name}/aen-tui/saved/", file.name)
        assert len(name) < 34

"""From hit to hit and from error to error: the last line counts too, and where there is none it is said."""

from __future__ import annotations

import pytest

from tests.support.log_stage import SERVER_LOG, LogStage
from tests.support.screen import until
from tests.ui.test_log_leaving import notices
from tests.ui.test_log_reading import TRACEBACK
from tests.ui.test_log_view import lines


def at_cursor(stage: LogStage) -> bytes:
    line = stage.panel.view.window.stream.line(stage.panel.view.window.cursor)
    assert line is not None
    return line.text


@pytest.mark.parametrize("error", [b"2016-10-19 14:03:22,123 ERROR it failed needle\n", TRACEBACK])
async def test_in_follow_an_error_on_the_last_line_is_the_first_that_is_found(error: bytes) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 100) + error + lines(stage, 100, 5) + error)
        await until(pilot, lambda: any(stage.rows()))
        view, last = stage.panel.view, stage.runtime.books.book(SERVER_LOG).next_line - error.count(b"\n")
        await pilot.press("E")
        await until(pilot, lambda: not view.window.follow and not view._sought)
        assert view.window.stream.ref(view.window.cursor) == (0, last)
        await pilot.press("E")
        await until(pilot, lambda: view.window.stream.ref(view.window.cursor) == (0, 100))


async def test_in_follow_a_hit_on_the_last_line_is_the_first_that_is_found() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 100) + b"needle 1\n" + lines(stage, 100, 5) + b"needle 2\n")
        await until(pilot, lambda: any(stage.rows()))
        stage.panel.view.search("needle")
        assert stage.panel.view.window.follow
        for text in (b"needle 2", b"needle 1"):
            await pilot.press("N")
            await until(pilot, lambda text=text: at_cursor(stage) == text)  # type: ignore[misc]  # bound per turn
        await pilot.press("N")
        await until(pilot, lambda: "No more in this direction" in notices(stage))


async def test_at_the_end_where_to_look_for_errors_is_said() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"2016-10-19 14:03:22,123 ERROR it failed\n" + lines(stage, 0, 100))
        await until(pilot, lambda: any(stage.rows()) and stage.panel.view.has_focus)
        await pilot.press("e")
        await until(pilot, lambda: "No more error in this direction: E looks up" in notices(stage))
        await pilot.press("E")
        await until(pilot, lambda: at_cursor(stage).endswith(b"it failed"))
        await pilot.press("E")
        await until(pilot, lambda: notices(stage).endswith("No more error in this direction"))


async def test_what_is_nowhere_is_said_to_match_nothing() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 100))
        await until(pilot, lambda: any(stage.rows()))
        await pilot.press("slash", *"[[]x", "enter")
        await until(pilot, lambda: "Nothing matches /[[]x" in notices(stage))
        await pilot.press("n")
        await until(pilot, lambda: notices(stage).count("Nothing matches") == 2)
        await pilot.press("E")
        await until(pilot, lambda: "No error in this direction" in notices(stage))
        assert "No more" not in notices(stage)

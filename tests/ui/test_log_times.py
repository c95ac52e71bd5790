"""Times of log lines: four manners, each as wide as it says, and short where names leave little room."""

from __future__ import annotations

import pytest

from aen_tui.ui.presentation.log_text import TimeDisplay, time_text
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, LogStage
from tests.support.screen import until


def test_times_keep_their_width() -> None:
    for display in TimeDisplay:
        for moment in (0.0, 1e9, 1_795_244_400.0, 1e18, -5.0):
            for fine in (False, True):
                assert len(time_text(display, moment, 1_795_244_400.0, fine=fine)) == display.width
                short = time_text(display, moment, 1_795_244_400.0, fine=fine, short=True)
                assert len(short) == display.short_width


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (60, "07:19:00 "),
        (86_400, "Fri 07:20"),
        (20 * 86_400, "11-01 07h"),
        (-3 * 86_400, "11-24 07h"),
        (3650 * 86_400, "2016-11  "),
    ],
)
def test_a_short_time_that_is_not_of_today_does_not_look_like_it(ago: int, words: str) -> None:
    now = 1_795_245_600.0  # 2026-11-21, a Saturday, 07:20 UTC
    assert time_text(TimeDisplay.UTC, now - ago, now, fine=True, short=True).replace("Z", " ") == words


async def test_names_leave_room_for_lines_where_it_is_narrow() -> None:
    stage = LogStage([SERVER_LOG, GATEWAY_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"2016-10-19 14:03:22,123 INFO a word that is seen\n")
        stage.feeder.feed(GATEWAY_LOG, b"without any time\n")
        await until(pilot, lambda: "without" in "".join(stage.rows()))
        shown = []
        for _ in range(5):
            rows = "\n".join(stage.rows())
            shown.append(" ".join(word for word in stage.header().split() if word in ("local", "UTC", "relative")))
            assert "INFO a word that is seen" in rows
            assert ("2016-10-19" in rows) is (not shown[-1])
            await pilot.press("t")
        assert shown == ["local", "UTC", "relative", "", "local"]
        await pilot.resize_terminal(140, 12)
        await until(pilot, lambda: "UTC" in stage.header())  # what was chosen stays


async def test_where_it_is_wide_or_one_log_alone_times_stand_as_they_were_written() -> None:
    stage = LogStage([SERVER_LOG, GATEWAY_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"2016-10-19 14:03:22,123 INFO a word\n")
        await until(pilot, lambda: "INFO a word" in "".join(stage.rows()))
        assert "2016-10-19" not in "".join(stage.rows())
        await pilot.resize_terminal(100, 12)
        await until(pilot, lambda: "2016-10-19" in "".join(stage.rows()))
        await pilot.resize_terminal(99, 12)
        await until(pilot, lambda: "2016-10-19" not in "".join(stage.rows()))
        stage.panel.set_sources([SERVER_LOG])
        await until(pilot, lambda: "2016-10-19" in "".join(stage.rows()))

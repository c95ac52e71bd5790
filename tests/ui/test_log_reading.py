"""Reading logs with keys: context, records, previews, bookmarks, selection, JSON, histogram, what leaves the view."""

from __future__ import annotations

import stat
from base64 import b64decode
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from aen_tui.model.logs import Level
from aen_tui.ui import log_export, log_memory
from aen_tui.ui.messages import TimeChosen
from aen_tui.ui.screens.log_line import LogLineScreen
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, LogStage
from tests.support.screen import until
from tests.ui.test_log_bad_input import LONGEST_TURN_SECONDS, longest_turn
from tests.ui.test_log_view import lines

TRACEBACK = (
    b"Traceback (most recent call last):\n"
    b'  File "/opt/wakari/app.py", line 12, in get\n'
    b"    raise KeyError(name)\n"
    b"KeyError: 'projects'\n"
)


def shown(stage: LogStage) -> list[str]:
    return [row for row in stage.rows() if row]


def is_shown(stage: LogStage, count: int) -> bool:
    return len(shown(stage)) == count


async def filtered(pilot: Pilot[Any], text: str) -> None:
    await pilot.press("ampersand", *text, "enter")


async def test_z_and_capital_z_show_lines_around_what_a_filter_leaves() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 30)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 2000))
        await filtered(pilot, "request 1000$")
        await until(pilot, lambda: len(shown(stage)) == 1)
        for count, chip in ((3, "±1"), (5, "±2"), (11, "±5"), (21, "±10")):
            await pilot.press("z")
            await until(pilot, partial(is_shown, stage, count))
            assert chip in stage.header()
        assert shown(stage)[0].endswith("request 990") and shown(stage)[-1].endswith("request 1010")
        view = stage.panel.view
        styles = {
            row.strip.text.split()[-1]: next(part.style for part in row.strip if "INFO" in part.text)
            for row in view.window.rows
        }
        assert styles["1000"] != styles["999"] == styles["1001"], "what matches does not stand out"
        await pilot.press("z", "Z")
        await until(pilot, lambda: len(shown(stage)) == 11)


async def test_a_traceback_stays_with_its_record_in_a_filter_and_has_its_level() -> None:
    stage = LogStage([SERVER_LOG, WORKER_LOG])
    async with stage.run_test(size=(100, 30)) as pilot:
        failed = lines(stage, 500, 1, "task failed")
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 500) + failed + TRACEBACK + lines(stage, 501, 500), chunk=997)
        stage.feeder.feed(WORKER_LOG, lines(stage, 0, 1000, "job"))
        await filtered(pilot, "KeyError:")
        await until(pilot, lambda: len(shown(stage)) == 5)
        assert "task failed" in shown(stage)[0] and "KeyError" in shown(stage)[-1]
        levels = [stage.panel.view.window.stream.line(index).level for index in range(5)]  # type: ignore[union-attr]
        assert levels == [Level.INFO, *[Level.ERROR] * 4]
        await pilot.press("escape", "ampersand", *"!KeyError", "enter")
        await until(pilot, lambda: stage.panel.view.window.stream.line_count == 2000)
        await pilot.press("escape", "v", "v")
        await until(pilot, lambda: len(shown(stage)) == 5)


async def test_e_goes_to_records_not_to_each_line_of_a_traceback() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 30)) as pilot:
        piece = [lines(stage, n * 100, 100) + TRACEBACK for n in range(3)]
        stage.feeder.feed(SERVER_LOG, b"".join(piece))
        await until(pilot, lambda: bool(shown(stage)))
        view = stage.panel.view
        seen = []
        for _ in range(3):
            await pilot.press("E")
            await until(pilot, lambda: not view._sought and not view._is_working)
            line = view.window.stream.line(view.window.cursor)
            assert line is not None and line.text.startswith(b"Traceback")
            seen.append(line.number)
        assert seen == sorted(set(seen), reverse=True) and len(seen) == 3


async def test_enter_on_a_filtered_line_shows_what_stands_around_it_and_escape_goes_back() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 2000))
        await filtered(pilot, "00$")
        await until(pilot, lambda: "19 of 2,000" in stage.header())
        await pilot.press("k", "enter")
        await until(pilot, lambda: any(row.endswith("request 1801") for row in stage.rows()))
        assert "back to" in stage.header() and "&00$" in stage.header()
        line = stage.panel.view.window.stream.line(stage.panel.view.window.cursor)
        assert line is not None and line.text.endswith(b"request 1800")
        await pilot.press("escape")
        await until(pilot, lambda: "19 of 2,000" in stage.header())
        await pilot.press("d")  # all of the line, without leaving the filter
        await until(pilot, lambda: isinstance(stage.screen, LogLineScreen))
        await pilot.press("escape", "enter")
        await until(pilot, lambda: "back to" in stage.header())
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.screen, LogLineScreen))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: "19 of 2,000" in stage.header())


async def test_an_empty_view_says_why() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        await until(pilot, lambda: "no lines yet" in "".join(stage.rows()))
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 20))
        await until(pilot, lambda: len(shown(stage)) == 19 and "no lines" not in "".join(stage.rows()))
        await filtered(pilot, "no such thing")
        await until(pilot, lambda: "Esc takes the last one away" in stage.rows()[0] and len(shown(stage)) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: len(shown(stage)) == 19)


async def test_a_filter_is_previewed_switched_and_erased_while_it_is_typed() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(120, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 2000))
        await filtered(pilot, "request")
        await pilot.press("ampersand", *"99$")
        await until(pilot, lambda: "&99$ 20" in stage.header() and "20 of 2,000 lines" in stage.header())
        await pilot.press("tab")
        await until(pilot, lambda: "/99$" in stage.header() and "20 hits" in stage.header())
        assert "2,000 of 2,000 lines" in stage.header() and "&99$" not in stage.header()
        await pilot.press("tab")
        await until(pilot, lambda: "&99$ 20" in stage.header() and "hits" not in stage.header())
        await pilot.press("backspace", "backspace", "backspace", "backspace")
        await until(pilot, lambda: "&" not in stage.header())
        assert not stage.panel.view.lookup.filters
        await pilot.press("escape")
        assert stage.focused is stage.panel.view


async def test_bookmarks_are_drawn_found_and_survive_a_restart(state_home: Path) -> None:
    stage = LogStage([SERVER_LOG])
    data = lines(stage, 0, 1000) + TRACEBACK + lines(stage, 1000, 1000)
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, data)
        await until(pilot, lambda: bool(shown(stage)))
        await pilot.press("k", "k", "m", "G", "slash", *"KeyError:", "enter")
        await until(pilot, lambda: any("KeyError:" in row for row in stage.rows()))
        await pilot.press("m", "ampersand", *"!job", "enter")
        await until(pilot, lambda: any("◆" in row and "request 999" in row for row in stage.rows()))
        await pilot.press("G", "U")
        await until(pilot, lambda: any("◆" in row and row.endswith("request 1997") for row in stage.rows()))
        stage.panel.tick()
    (file,) = state_home.glob("aen-tui/logs-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"request" not in file.read_bytes()
    again = LogStage([SERVER_LOG])
    async with again.run_test(size=(100, 20)) as pilot:
        again.feeder.feed(SERVER_LOG, data)
        await until(pilot, lambda: any("◆" in row and row.endswith("request 1997") for row in again.rows()))
        assert "&!job" in again.header()
        await pilot.press("U", "U")
        await until(pilot, lambda: any("◆" in row and "request 999" in row for row in again.rows()))
        await pilot.press("m")
        await until(pilot, lambda: len(again.panel.view.bookmarks) == 1)


@pytest.mark.parametrize("content", [b"{", b'{"filters": 5}', b"x" * 600_000, b'{"schema": 9}', b"\xff\x00"])
async def test_a_broken_memory_is_said_and_not_fatal(state_home: Path, content: bytes) -> None:
    stage = LogStage([SERVER_LOG])
    file = log_memory.memory_file(stage.runtime.inventory.name)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    async with stage.run_test(size=(100, 20)) as pilot:
        await until(pilot, lambda: any("start empty" in notice.message for notice in stage._notifications))
        assert not stage.panel.view.lookup.filters


async def test_a_state_folder_that_cannot_be_written_is_said_once(state_home: Path) -> None:
    state_home.write_bytes(b"a file where a folder should be")
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        await filtered(pilot, "x")
        stage.panel.tick()
        stage.panel.tick()
        await until(pilot, lambda: any("not kept" in notice.message for notice in stage._notifications))
        assert sum("not kept" in notice.message for notice in stage._notifications) == 1


async def test_whole_lines_are_selected_copied_and_marked() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 100) + TRACEBACK)
        await until(pilot, lambda: bool(shown(stage)))
        await pilot.press("k", "k", "V", "k", "k", "k")
        await until(pilot, lambda: "6 selected" in stage.header())
        await pilot.press("c")
        await until(pilot, lambda: bool(stage.copied))
        assert stage.copied[0].splitlines()[0].endswith("request 98")
        assert stage.copied[0].splitlines()[-1] == "KeyError: 'projects'"
        assert "selected" not in stage.header()
        await pilot.press("V", "k", "M")
        await until(pilot, lambda: len(stage.panel.view.bookmarks) == 2)
        await pilot.press("G", "c")
        await until(pilot, lambda: len(stage.copied) == 2)
        assert stage.copied[1].count("\n") == 4, "a record is copied whole"


async def test_what_is_too_long_for_the_clipboard_goes_to_a_file(state_home: Path) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"y" * 100_000 + b"\x1b[2J\n")
        await until(pilot, lambda: bool(shown(stage)))
        await pilot.press("c")
        await until(pilot, lambda: any("written to" in notice.message for notice in stage._notifications))
        (file,) = (state_home / "aen-tui" / "saved").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"\x1b" not in file.read_bytes() and file.stat().st_size > 100_000
        assert not stage.copied


def test_osc_52_passes_through_tmux_and_screen() -> None:
    wrapped = log_export.passed_through("grüße", {"TMUX": "/tmp/x,1,0"})
    assert wrapped.startswith("\x1bPtmux;\x1b\x1b]52;c;") and wrapped.endswith("\x07\x1b\\")
    assert b64decode(wrapped.split(";")[-1].removesuffix("\x07\x1b\\")).decode() == "grüße"
    pieces = log_export.passed_through("x" * 5000, {"STY": "1.tty"}).split("\x1b\\")[:-1]
    assert all(piece.startswith("\x1bP") and len(piece) < 768 for piece in pieces)
    assert b64decode("".join(piece[2:] for piece in pieces).split(";")[-1].rstrip("\x07")) == b"x" * 5000
    assert log_export.passed_through("x", {}) == ""


async def test_what_is_shown_is_saved_for_nobody_else_and_made_visible(state_home: Path) -> None:
    stage = LogStage([SERVER_LOG, GATEWAY_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 30_000))
        stage.feeder.feed(GATEWAY_LOG, lines(stage, 0, 5, "hostile \x1b]0;x\x07"))
        await filtered(pilot, "99$|hostile")
        await until(pilot, lambda: "305 of 30,005 lines" in stage.header())
        await pilot.press("ctrl+s")
        await until(pilot, lambda: any("saved to" in notice.message for notice in stage._notifications))
        (file,) = (state_home / "aen-tui" / "saved").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        written = file.read_text().splitlines()
        assert len(written) == 305
        assert written[0].startswith("gateway1:/opt/wakari/") and "␛]0;x␇" in written[0]


async def test_a_full_disk_is_said_and_leaves_nothing_behind(state_home: Path) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 3000))
        await until(pilot, lambda: bool(shown(stage)))
        import resource
        import signal

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))  # the write fails as on a full disk
            await pilot.press("ctrl+s")
            await until(pilot, lambda: any("not saved" in notice.message for notice in stage._notifications))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
        assert not list((state_home / "aen-tui" / "saved").iterdir())


async def test_the_pager_gets_a_private_file_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    pager = tmp_path / "pager"
    pager.write_text(f'#!/bin/sh\n{{ stat -c %a "$1"; echo "$1"; echo "$LESSSECURE"; head -c 100 "$1"; }} > {seen}\n')
    pager.chmod(0o700)
    monkeypatch.setenv("PAGER", str(pager))
    stage = LogStage([SERVER_LOG])

    class Suspended:
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(stage, "suspend", Suspended)  # a test has no terminal to give away
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"\x1b[2J" + lines(stage, 0, 10))
        await until(pilot, lambda: bool(shown(stage)))
        await pilot.press("o")
        await until(pilot, lambda: seen.exists() and seen.read_text().count("\n") > 3)
        mode, path, secure, text = seen.read_text().split("\n", 3)
        assert (mode, secure) == ("600", "1") and text.startswith("␛[2J")
        await until(pilot, lambda: not Path(path).exists())


def test_the_pager_is_the_users_or_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "lnav").write_text("")
    (tmp_path / "lnav").chmod(0o700)
    where = {"PATH": str(tmp_path)}
    assert log_export.pager_argv(where) == (str(tmp_path / "lnav"),)
    assert log_export.pager_argv({**where, "PAGER": "nosuch -R"}) == (str(tmp_path / "lnav"),)
    assert log_export.pager_argv({**where, "PAGER": "lnav -q"}) == ("lnav", "-q")
    assert log_export.pager_argv({"PATH": "/nowhere"}) is None


async def test_json_lines_read_like_others_and_filters_see_the_bytes() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(120, 20)) as pilot:
        bunyan = (
            b'{"name":"launcher","hostname":"c1","pid":7,"level":50,"err":{"message":"EADDRINUSE","stack":"a\\nb"},'
            b'"msg":"no port \\u001b[2J","time":"2016-10-19T14:03:22.123Z","v":0}\n'
        )
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 3) + bunyan + b'{"odd": [1,2\n')
        await until(
            pilot, lambda: any("2016-10-19T14:03:22.123Z ERROR launcher: no port ␛[2J" in row for row in shown(stage))
        )
        row = next(row for row in shown(stage) if "launcher" in row)
        assert "hostname=c1 pid=7 err=EADDRINUSE" in row and "✖" in row
        assert any('{"odd": [1,2' in row for row in shown(stage))
        await filtered(pilot, '"level":50')
        await until(pilot, lambda: len(shown(stage)) == 1 and "launcher" in shown(stage)[0])


async def test_the_histogram_counts_by_time_and_level() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 30)) as pilot:
        crash = lines(stage, 15_000, 40, "exited: wk-server (exit status 1; not expected)")
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 15_000) + crash + lines(stage, 15_040, 15_000))
        await until(pilot, lambda: bool(shown(stage)))
        await pilot.press("i")
        view = stage.panel.view
        while await view.lookup.survey(0.05):
            pass
        stage.panel.tick()
        await until(pilot, lambda: "40 errors" in stage.panel.histogram.render_line(3).text)
        signs = stage.panel.histogram.render_line(2).text
        assert signs.count("✖") in (1, 2) and 40 < signs.index("✖") < 60
        bars = stage.panel.histogram.render_line(1).text
        assert len(bars) == 100 and bars.count(" ") == 0
        view._bring_up_marks()
        rows = view._rows
        await until(pilot, lambda: any(strip.text[-1] == "▌" for strip in view._rows))
        assert sum(strip.text[-1] == "▌" for strip in rows) <= 2
        await pilot.press("i")
        assert not stage.panel.histogram.display


async def test_going_to_a_time_tells_the_other_views() -> None:
    told: list[float] = []

    class Stage(LogStage):
        def on_time_chosen(self, message: TimeChosen) -> None:
            told.append(message.moment or 0.0)

    stage = Stage([SERVER_LOG])
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 2000))
        await pilot.press("at", *"-15m", "enter")
        await until(pilot, lambda: bool(told))
        assert told[0] == pytest.approx(stage.runtime.clock.wall() - 900, abs=2)


async def test_typing_stays_live_on_a_large_book_and_no_turn_of_the_loop_is_long() -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=64 * 1024 * 1024)
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 300_000))
        await until(pilot, lambda: bool(shown(stage)))
        stage.panel.view.filter("request 2[0-9]*77$")
        worst = await longest_turn(lambda: stage.panel.view.lookup.is_busy)
        assert stage.panel.view.lookup.chips[0].lines == 1111
        assert worst < LONGEST_TURN_SECONDS, f"{worst * 1000:.0f} ms of CPU in one turn"


async def test_every_cell_has_the_themes_background_whatever_the_terminals_is() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(60, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 5))
        await until(pilot, lambda: bool(shown(stage)))
        await pilot.press("i", "k", "V")
        await pilot.pause()
        stage.panel.tick()
        for widget in (stage.panel.view, stage.panel.histogram):
            for y in range(widget.size.height):
                for segment in widget.render_line(y):
                    assert segment.style is not None and segment.style.bgcolor is not None, (widget, y, segment)

"""The logs view with keys: follow and freeze, search, filters, errors, times; hostile text; sources."""

from __future__ import annotations

import re
import time

import pytest
from textual.pilot import Pilot

from aen_tui.model.facts import LogFileState, LogPath, LogState
from aen_tui.model.logs import LogKey, Seam
from aen_tui.ui.screens.log_line import LogLineScreen
from aen_tui.ui.widgets.log_header import LogHeader
from aen_tui.ui.widgets.log_keys import LOG_BINDINGS
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, LogStage
from tests.support.screen import until

KEYS = (SERVER_LOG, WORKER_LOG, GATEWAY_LOG)


def lines(stage: LogStage, first: int, count: int, text: str = "request") -> bytes:
    wall = stage.feeder.wall
    out = []
    for n in range(first, first + count):
        at = time.localtime(wall - 1000 + n * 0.01)
        fraction = int((wall - 1000 + n * 0.01) % 1 * 1000)
        out.append(f"{time.strftime('%Y-%m-%d %H:%M:%S', at)},{fraction:03d} INFO {text} {n}\n")
    return "".join(out).encode()


def stage_of(pilot: Pilot[None]) -> LogStage:
    assert isinstance(pilot.app, LogStage)
    return pilot.app


async def test_new_lines_appear_at_the_bottom_and_the_header_counts() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 100))
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 99"))
        assert stage.rows()[0].endswith("request 89")
        await until(pilot, lambda: "FOLLOW" in stage.header() and "100 lines" in stage.header())
        stage.feeder.feed(SERVER_LOG, lines(stage, 100, 1))
        await until(pilot, lambda: stage.rows()[-1].endswith("request 100"))


async def test_scrolling_up_leaves_follow_and_nothing_moves_while_lines_come_and_old_ones_are_dropped() -> None:
    stage = LogStage([SERVER_LOG, WORKER_LOG], limit_bytes=120_000)
    async with stage.run_test(size=(80, 20)) as pilot:
        stage.panel.set_sources([SERVER_LOG, WORKER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 5000))
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 4999"))
        before = stage.rows()
        await pilot.press("k")
        await until(pilot, lambda: "PAUSED +0" in stage.header())
        assert stage.rows() == before
        for n in range(40):
            stage.feeder.feed(SERVER_LOG, lines(stage, 5000 + n * 500, 500))
            stage.feeder.feed(WORKER_LOG, lines(stage, 4000 + n, 1, "late one"))
            await pilot.pause()
            assert stage.rows() == before
        book = stage.runtime.books.book(SERVER_LOG)
        assert book.first_line > 5000, "the lines on screen were dropped from memory meanwhile"
        await until(pilot, lambda: "PAUSED +20,040" in stage.header())
        await pilot.press("G")
        await until(pilot, lambda: "FOLLOW" in stage.header())
        assert stage.rows()[-1].endswith("request 24999")


async def test_the_place_is_kept_when_lines_come_above_it() -> None:
    stage = LogStage([SERVER_LOG, WORKER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG, WORKER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 200))
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 199"))
        await pilot.press("ctrl+u", "ctrl+u")
        await pilot.pause()
        top = stage.rows()[0]
        stage.feeder.feed(WORKER_LOG, lines(stage, 0, 100, "earlier"))
        await pilot.press("k", "j")
        await pilot.pause()
        assert stage.rows()[0] == top


async def test_moving_by_line_page_and_to_both_ends() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 100))
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 99"))
        await pilot.press("b")
        await pilot.pause()
        assert stage.rows()[0].endswith("request 79") and stage.rows()[-1].endswith("request 89")
        await pilot.press("space")
        await pilot.pause()
        assert stage.rows()[-1].endswith("request 99")
        await pilot.press("space")
        await until(pilot, lambda: "FOLLOW" in stage.header())
        await pilot.press("g")
        await pilot.pause()
        assert "older lines" in stage.rows()[0] and stage.rows()[1].endswith("request 0")
        await pilot.press("ctrl+d")
        await pilot.pause()
        assert stage.rows()[0].endswith("request 4")
        await pilot.press("s")
        await until(pilot, lambda: stage.rows()[-1].endswith("request 99"))
        await pilot.press("s", "p")
        await until(pilot, lambda: "PAUSED" in stage.header())


async def test_freezing_holds_everything_and_counts() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 5))
        await until(pilot, lambda: "request 4" in "".join(stage.rows()))
        await pilot.press("p")
        stage.feeder.feed(SERVER_LOG, lines(stage, 5, 7))
        await until(pilot, lambda: "PAUSED +7" in stage.header())
        assert "request 5" not in "".join(stage.rows())
        await pilot.press("p")
        await until(pilot, lambda: "request 11" in "".join(stage.rows()))


async def test_search_keeps_all_lines_and_goes_from_hit_to_hit() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 3000))
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 2999"))
        await pilot.press("slash", *"t 1.00$")
        await pilot.press("enter")
        view = stage.panel.view
        await until(pilot, lambda: any(row.endswith("request 1900") for row in stage.rows()))
        await until(pilot, lambda: "10 hits" in stage.header())
        await pilot.press("N")
        await until(pilot, lambda: any(row.endswith("request 1800") for row in stage.rows()))
        assert any(row.endswith("request 1801") for row in stage.rows())
        await pilot.press("n")
        await until(pilot, lambda: any(row.endswith("request 1900") for row in stage.rows()))
        assert view.window.stream.line_count == 3000
        await pilot.press("escape")
        await until(pilot, lambda: "hits" not in stage.header())


async def test_filters_in_and_out_stack_show_chips_and_leave_one_by_one() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 3000))
        await pilot.press("ampersand", *"00$")
        await until(pilot, lambda: "&00$" in stage.header() and "29 of 3,000 lines" in stage.header())
        await pilot.press("enter", "ampersand", *"!t 1")
        await pilot.press("enter")
        await until(pilot, lambda: "&!t 1" in stage.header())
        await until(pilot, lambda: stage.rows()[-1].endswith("request 2900"))
        shown = [row.rsplit(" ", 1)[1] for row in stage.rows() if row]
        assert shown and not any(number.startswith("1") for number in shown)
        stage.feeder.feed(SERVER_LOG, lines(stage, 3000, 1))
        await until(pilot, lambda: stage.rows()[-1].endswith("request 3000"))
        await pilot.press("escape")
        await until(pilot, lambda: "&!t 1" not in stage.header())
        assert stage.panel.chip == "&00$"
        await pilot.press("escape")
        await until(pilot, lambda: "3,001 lines" in stage.header())


async def test_while_typing_no_single_key_is_live_and_a_bad_pattern_is_said() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 50))
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 49"))
        await pilot.press("slash", *"kpsw(")
        assert stage.panel.view.window.is_live
        await until(pilot, lambda: "missing )" in stage.header())
        await pilot.press("x", "right_parenthesis")
        await until(pilot, lambda: "missing" not in stage.header())
        await pilot.press("left_parenthesis")
        await until(pilot, lambda: "missing )" in stage.header())
        await pilot.press("enter")
        await pilot.pause()
        assert any("missing" in notice.message for notice in stage._notifications)
        assert "missing" not in stage.header()
        assert stage.focused is stage.panel.view


async def test_errors_are_found_and_least_levels_leave_lines_out() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        crash = lines(stage, 500, 1, "exited: wk-server (exit status 1; not expected)")
        warning = lines(stage, 1100, 1).replace(b"INFO", b"WARN")
        stage.feeder.feed(
            SERVER_LOG, lines(stage, 0, 500) + crash + lines(stage, 501, 599) + warning + lines(stage, 1101, 500)
        )
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 1600"))
        await pilot.press("E")
        await until(pilot, lambda: any("exited: wk-server" in row for row in stage.rows()))
        await pilot.press("v")
        await until(pilot, lambda: len([row for row in stage.rows() if row]) == 2)
        assert "≥warning" in stage.header()
        await pilot.press("v")
        await until(pilot, lambda: len([row for row in stage.rows() if row]) == 1)
        await pilot.press("v")
        await until(pilot, lambda: len([row for row in stage.rows() if row]) == 11)


async def test_going_to_a_time() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 90_000))
        await until(pilot, lambda: stage.rows()[-1:] != [] and stage.rows()[-1].endswith("request 89999"))
        await pilot.press("at", *"-900s", "enter")
        await until(pilot, lambda: any(row.endswith("request 10000") for row in stage.rows()))
        await pilot.press("at", *"soon", "enter")
        await pilot.pause()
        assert any("is no time" in notice.message for notice in stage._notifications)


async def test_wrap_sideways_and_times() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(60, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 1, "x" * 100 + "END"))
        await until(pilot, lambda: "xxx" in "".join(stage.rows()))
        assert "END" not in "".join(stage.rows())
        await pilot.press("w")
        await until(pilot, lambda: "END 0" in "".join(row.strip() for row in stage.rows()))
        await pilot.press("w", *("l" * 6))
        await until(pilot, lambda: "END 0" in "".join(stage.rows()))
        await pilot.press(*("h" * 6), "t")
        await until(pilot, lambda: re.match(r"\s+\d\d:\d\d:\d\d\.\d{3}\s+INFO", stage.rows()[0]) is not None)
        await pilot.press("t", "t")
        await until(pilot, lambda: "-16m40s" in stage.rows()[0])


async def test_detail_and_copy() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 24)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 3) + b'{"time":"2016-10-19T14:03:22Z","msg":"\\u001b]0;x"}\n')
        await until(pilot, lambda: "2016-10-19T14:03:22Z ␛]0;x" in "".join(stage.rows()))
        await pilot.press("c")
        assert stage.copied and "msg" in stage.copied[0]
        await pilot.press("J")
        await until(pilot, lambda: '"msg":"' in "".join(stage.rows()))
        stage.panel.view.window.step(0, 0)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.screen, LogLineScreen))
        assert isinstance(stage.screen, LogLineScreen)
        assert "\nmsg   ␛]0;x" in stage.screen._text
        await pilot.press("J")
        assert '"msg":"' in stage.screen._text
        assert "\x1b" not in stage.screen._text
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(stage.screen, LogLineScreen))


HOSTILE = [
    b"\x1b]0;title\x07 \x1b[2J \x1b]52;c;ZXZpbA==\x07 \x1bP+q\x1b\\ \x1b[6n",
    b"\xc2\x9b31m C1 \xc2\x90 \x9b raw",
    b"nul \x00 bell \x07 back \x08\x08\x08 del \x7f cr \r vt \x0b ff \x0c",
    "bidi \u202e evil \u2066 zero \u200b line \u2028 tag \U000e0041".encode(),
    b"[bold red]markup[/] [link=http://x]x[/link] \\[x] [@click=app.quit]q[/]",
    b"\xff\xfe\xfa invalid utf-8 \xed\xa0\x80",
    ("zalgo z" + "\u0301" * 200).encode(),
    "wide 日本語テキスト \U0001f600 mixed".encode(),
    b"\t tab \t\t tabs",
    b"long " + b"y" * 200_000,
    bytes(range(256)).replace(b"\n", b""),
]


@pytest.mark.parametrize("keys", [(), ("w",), ("t",), ("k",), ("l", "l")])
async def test_nothing_that_acts_on_a_terminal_is_drawn(keys: tuple[str, ...]) -> None:
    stage = LogStage([SERVER_LOG, WORKER_LOG])
    async with stage.run_test(size=(70, 40)) as pilot:
        stage.panel.set_sources([SERVER_LOG, WORKER_LOG])
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 1) + b"\n".join(HOSTILE) + b"\n")
        stage.feeder.feed(WORKER_LOG, b"x\n", seam=Seam("rotated\x1b[2J", "a\x1b]0;x\x07 \x9b \u202e", 5))
        await until(pilot, lambda: "markup" in "".join(stage.rows()))
        await pilot.press(*keys)
        await pilot.pause()
        view = stage.panel.view
        for y in range(view.size.height):
            strip = view.render_line(y)
            assert strip.cell_length == view.size.width
            for segment in strip:
                assert not segment.control
                assert not re.search(
                    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2028\u2029]", segment.text
                )
        if not keys:
            assert "[bold red]markup[/]" in "".join(stage.rows())


async def test_sources_by_default_are_what_the_nodes_have_but_access_logs() -> None:
    stage = LogStage()
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        paths = {key.path for key in stage.panel.keys}
        assert "/var/log/nginx/woc-error.log" in paths
        followed = {call[1] for call in stage.runtime.calls if call[0] == "follow"}
        assert followed == set(stage.panel.keys)
        stage.panel.aim([GATEWAY_LOG.node])
        assert {key.node for key in stage.panel.keys} == {"gateway1"}
        node = stage.runtime.store.node(GATEWAY_LOG.node)
        more = (*node.logs, LogState(LogPath("/var/log/new.log"), LogFileState.FOLLOWING))
        stage.runtime.change("gateway1", logs=more)
        stage.panel.take(stage.runtime.snapshot())
        assert LogKey(GATEWAY_LOG.node, LogPath("/var/log/new.log")) in stage.panel.keys
        stage.panel.aim((), [SERVER_LOG])
        assert stage.panel.keys == (SERVER_LOG,)


async def test_off_screen_nothing_listens() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 24)):
        assert stage.runtime.books.listeners
        stage.panel.conceal()
        assert not stage.runtime.books.listeners


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 50)])
async def test_the_header_says_its_words_whole_at_every_size(size: tuple[int, int]) -> None:
    stage = LogStage()
    async with stage.run_test(size=size) as pilot:
        key = stage.panel.keys[0]
        stage.feeder.feed(key, lines(stage, 0, 100))
        await until(pilot, lambda: "FOLLOW" in stage.header())
        await pilot.press("k")
        stage.feeder.feed(key, lines(stage, 100, 123_456))
        await until(pilot, lambda: "PAUSED +123,456" in stage.header())
        assert stage.query_one(LogHeader).render_line(0).cell_length == size[0]


async def test_the_name_of_the_only_log_stays_where_it_is_narrow() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 1))
        await until(pilot, lambda: "1 line " in stage.header() and "aen-server:server.log" in stage.header())
        await pilot.press("k")
        await until(pilot, lambda: "PAUSED" in stage.header() and "aen-server:server.log" in stage.header())
        await pilot.resize_terminal(200, 12)
        stage.panel.tick()
        await until(pilot, lambda: str(SERVER_LOG) in stage.header())


def test_every_key_has_an_id_and_a_tooltip() -> None:
    ids = [binding.id for binding in LOG_BINDINGS if not isinstance(binding, tuple)]
    assert len(set(ids)) == len(LOG_BINDINGS)
    assert all(binding.tooltip for binding in LOG_BINDINGS if not isinstance(binding, tuple))


async def test_our_own_requests_are_hidden_until_asked_for() -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(120, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        request = b'10.1.2.3 - - [10/Oct/2016:13:55:36 +0000] "GET / HTTP/1.1" 200 17 "-" "%s"\n'
        stage.feeder.feed(SERVER_LOG, request % b"aen-tui/0.1.0" + request % b"curl")
        await until(pilot, lambda: "1 own hidden" in stage.header())
        assert "aen-tui" not in "".join(stage.rows()) and "curl" in "".join(stage.rows())
        await pilot.press("O")
        await until(pilot, lambda: "aen-tui" in "".join(stage.rows()))

"""The folded list with keys: one row a message, counts, marks, silence, opening a row, hostile text."""

from __future__ import annotations

import re
import time

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.fleet_folding import FleetFolding
from aen_tui.state.known_templates import LEARNING_SECONDS
from aen_tui.ui.presentation.fold_rows import clock, count_text
from aen_tui.ui.widgets.fold_keys import FOLD_BINDINGS
from tests.support.log_stage import LogStage
from tests.support.screen import until

LAUNCHER = "/opt/wakari/wakari-compute/var/log/wakari/compute-launcher.log"


def key(node: str, path: str = LAUNCHER) -> LogKey:
    return LogKey(NodeName(node), LogPath(path))


class FoldStage(LogStage):
    """A logs view whose books are folded when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        runtime = self.runtime
        self.fleet = FleetFolding(runtime.books, runtime.clock, runtime.events)
        self.fleet.folding, self.fleet.silences = runtime.folding, runtime.silences

    def say(self, node: str, text: str, *, level: str = "WARN", ago: float = 0.0, path: str = LAUNCHER) -> None:
        at = self.runtime.clock.wall() - ago
        stamp = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(at))},{int(at % 1 * 1000):03d}"
        self.feeder.wall = self.runtime.clock.wall()
        self.feeder.feed(key(node, path), f"{stamp} {level} {text}\n".encode())

    async def second(self, seconds: float = 1.0) -> None:
        self.runtime.clock.advance(seconds)
        await self.fleet.look(self.runtime.snapshot(), {})
        self.panel.tick()

    async def hush(self, *nodes: str) -> None:
        """Let logs speak for a while, then be silent."""
        for n in range(100):
            for node in nodes:
                self.feeder.wall = self.runtime.clock.wall()
                self.feeder.feed(key(node), b"alive %d\n" % n)
            await self.second(8)
        for _ in range(50):
            await self.second(8)

    def list(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.panel.folds._strips]

    def here(self) -> str:
        (found,) = [line for line in self.list()[1:] if line.startswith("›")]
        return found


async def test_a_message_of_many_nodes_is_one_row_that_opens_there_and_back() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(120, 24)) as pilot:
        before = stage.panel.keys
        for n in range(1, 4):
            stage.say(f"compute1-{n}", f"project {n} of 'u{n}' is slow", ago=600 - n)
            stage.say(f"compute1-{n}", "fine", level="INFO", ago=300)
        stage.say("gateway1", "route lost", level="ERROR", ago=30)
        await stage.second()
        await pilot.press("D")
        await until(pilot, lambda: "2 messages" in stage.list()[0])
        assert stage.focused is stage.panel.folds
        assert "route lost" in stage.list()[1] and "✖" in stage.list()[1]
        row = stage.list()[2]
        assert "×3" in row and "compute1-[1-3]" in row and "▲" in row and "is slow" in row and "…" in row
        await pilot.press("j", "enter")
        await until(pilot, lambda: stage.focused is stage.panel.view)
        assert {one.node for one in stage.panel.keys} == {"compute1-1", "compute1-2", "compute1-3"}
        await until(pilot, lambda: "project 1" in stage.rows()[0] or any("project 1" in line for line in stage.rows()))
        assert not stage.panel.folds.display
        line = stage.panel.view.window.stream.line(stage.panel.view.window.cursor)
        assert line is not None and b"project 1 of" in line.text
        await pilot.press("D", "D")
        await until(pilot, lambda: stage.panel.view.display)
        assert stage.panel.keys == before and not stage.panel._fixed


async def test_filters_do_not_hide_the_row_that_is_opened() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(120, 24)) as pilot:
        stage.say("gateway1", "route lost", level="WARN", ago=30)
        await stage.second()
        await pilot.press("ampersand", *"nothing", "enter", "D", "enter")
        await until(pilot, lambda: any("route lost" in line for line in stage.rows()))


async def test_what_is_new_is_marked_and_learning_is_said() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(120, 24)) as pilot:
        stage.say("gateway1", "well known")
        await stage.second()
        await pilot.press("D")
        await until(pilot, lambda: "learning: 0 of 24 h" in stage.list()[0])
        assert "NEW" not in "".join(stage.list())
        stage.fleet.folding.known.learned_seconds = LEARNING_SECONDS
        await stage.second()
        await stage.second()
        stage.say("gateway1", "unheard of")
        await stage.second()
        await until(pilot, lambda: "1 NEW" in stage.list()[0])
        assert "learning" not in stage.list()[0]
        assert [line for line in stage.list()[1:3] if " NEW " in line] == [stage.list()[1]]
        assert "unheard of" in stage.list()[1]
        assert not stage._notifications


async def test_silent_logs_of_one_name_are_one_row() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(160, 24)) as pilot:
        await stage.hush("compute1-1", "compute1-2")
        await pilot.press("D")
        await until(pilot, lambda: "2 silent" in stage.list()[0])
        row = stage.list()[1]
        assert "compute1-[1-2]" in row and "≈" in row and "×2" in row
        assert "compute-launcher silent since" in row and "one line every 8s is usual" in row
        assert "0 messages" in stage.list()[0]
        stage.feeder.feed(key("compute1-2"), b"again\n")
        await stage.second()
        await until(pilot, lambda: "1 silent" in stage.list()[0])
        await pilot.press("enter")
        await until(pilot, lambda: stage.panel.view.display)
        assert {one.node for one in stage.panel.keys} == {"compute1-1"}


async def test_the_row_under_the_cursor_keeps_its_place_while_others_come() -> None:
    stage = FoldStage()
    words = ["".join("abcdefghij"[int(d)] for d in f"{n:02d}") for n in range(60)]
    async with stage.run_test(size=(100, 16)) as pilot:
        for n, word in enumerate(words[:40]):
            stage.say("gateway1", f"message {word}", ago=2000 - n)
        await stage.second()
        await pilot.press("D", "j", "j", "j")
        await pilot.pause()
        here, at = stage.here(), stage.list().index(stage.here())
        for n, word in enumerate(words[40:]):
            stage.say("gateway1", f"message {word}", ago=500 - n)
        await stage.second()
        await pilot.pause()
        assert stage.here() == here and stage.list().index(here) == at
        await pilot.press("g")
        await pilot.pause()
        stage.say("gateway1", "the last word")
        await stage.second()
        await pilot.pause()
        assert "the last word" in stage.here()
        await pilot.press("G")
        await pilot.pause()
        assert f"message {words[0]}" in stage.here()
        await pilot.press("space", "b", "ctrl+u")
        await pilot.pause()
        assert stage.here()


async def test_heaviest_first() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(100, 16)) as pilot:
        for n in range(1, 7):
            stage.say(f"compute1-{n}", "everywhere", ago=500)
        for n in range(50):
            stage.say("gateway1", "noisy", ago=100 + n)
        stage.say("gateway2", "latest")
        await stage.second()
        await pilot.press("D")
        await until(pilot, lambda: "newest first" in stage.list()[0])
        assert [re.search(r"(everywhere|noisy|latest)", line).group() for line in stage.list()[1:4]] == [  # type: ignore[union-attr]
            "latest",
            "noisy",
            "everywhere",
        ]
        await pilot.press("O")
        await until(pilot, lambda: "heaviest first" in stage.list()[0])
        assert ["everywhere" in stage.list()[1], "noisy" in stage.list()[2], "latest" in stage.list()[3]] == [True] * 3


async def test_the_list_goes_when_other_logs_are_asked_for_and_escape_leaves_it() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(100, 16)) as pilot:
        await pilot.press("D")
        await until(pilot, lambda: "No warning and no error so far" in "".join(stage.list()))
        await pilot.press("enter", "j", "G", "space")
        stage.panel.aim([NodeName("gateway1")])
        await until(pilot, lambda: stage.panel.view.display and stage.panel.view.has_focus)
        assert stage.panel.header.display
        await pilot.press("D", "escape")
        await until(pilot, lambda: stage.panel.view.has_focus)
        assert {one.node for one in stage.panel.keys} == {"gateway1"}


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (200, 50), (20, 5)])
async def test_columns_stand_under_each_other_and_nothing_acts_on_the_terminal(size: tuple[int, int]) -> None:
    stage = FoldStage()
    async with stage.run_test(size=size) as pilot:
        for n in range(1, 7):
            stage.say(f"compute1-{n}", "disk \x1b]0;x\x07 \x9b31m \u202e [bold]x[/] " + "long " * 50, ago=9)
            stage.say(f"compute1-{n}", "wide 日本語テキスト \U0001f600 mixed " * 5, ago=8)
        stage.say("aen-server", "old", ago=9 * 86400)
        for n in range(12_000 // 200):
            for m in range(200):
                stage.say("gateway1", f"often {n * 200 + m}", ago=7)
            await stage.second(0.1)
        await pilot.press("D")
        await until(pilot, lambda: "4 messages" in stage.list()[0])
        view = stage.panel.folds
        for y in range(view.size.height):
            strip = view.render_line(y)
            assert strip.cell_length == size[0]
            assert all(not segment.control for segment in strip)
            assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", strip.text)
        if size[0] >= 60:
            starts = {
                line.index(node) for line in stage.list()[1:4] for node in ("compute1", "gateway1") if node in line[:60]
            }
            assert len(starts) == 1


async def test_nothing_is_drawn_while_nothing_changes() -> None:
    stage = FoldStage()
    async with stage.run_test(size=(100, 16)) as pilot:
        stage.say("gateway1", "x")
        await stage.second()
        await pilot.press("D")
        await until(pilot, lambda: "1 message " in stage.list()[0])
        before = stage.panel.folds._strips
        stage.panel.folds._dirty_regions.clear()
        await stage.second()
        await pilot.pause()
        assert stage.panel.folds._strips == before
        assert not stage.panel.folds._dirty_regions


def test_words_keep_their_width() -> None:
    for count in (1, 25, 9_999, 10_000, 999_999, 12_345_678):
        assert len(count_text(count)) <= 5
    for moment in (0.0, 1e9, 1_795_244_400.0, 1_795_000_000.0, 1e18, -5.0):
        assert len(clock(moment, 1_795_244_400.0)) == 8


def test_every_key_has_an_id_and_a_tooltip() -> None:
    ids = [binding.id for binding in FOLD_BINDINGS if not isinstance(binding, tuple)]
    assert len(set(ids)) == len(FOLD_BINDINGS)
    assert all(binding.tooltip for binding in FOLD_BINDINGS if not isinstance(binding, tuple))

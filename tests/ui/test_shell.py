"""The shell around the views: header, footer, keys of everywhere, command line, palette, help, the way out."""

from __future__ import annotations

import asyncio
import re

import pytest
from textual.widgets import Input

from aen_tui.errors import AenError
from aen_tui.model.facts import ClusterState
from aen_tui.model.plans import Target
from aen_tui.ui.app import AenApp
from aen_tui.ui.commands import completions, run_line
from aen_tui.ui.screens.command_line import CommandLineScreen
from aen_tui.ui.screens.help import HelpScreen
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.recorders import Recorder

SIZES = ((60, 16), (80, 24), (120, 40), (200, 50))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", ["1", "2", "3", "9"])
async def test_header_words_are_whole_at_every_size(size: tuple[int, int], view: str) -> None:
    runtime = FakeRuntime(2, 50, read_only=True, is_demo=True, history_samples=10)
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await pilot.press(view)
        await until(pilot, lambda: "50/53 up" in screen_text(app).split("\n")[0])
        first = screen_text(app).split("\n")[0]
        for words in ("DEMO", "50/53 up", "✖ CRITICAL", "READ-ONLY"):
            assert words in first, words
        assert re.search(r"\d\d:\d\d:\d\d", first)


async def test_a_long_name_gives_way_and_the_words_stay() -> None:
    runtime = FakeRuntime(20, 979, read_only=True, is_demo=True, history_samples=0)
    object.__setattr__(runtime.inventory, "name", "the-very-long-name-of-an-installation-somewhere")
    app = AenApp(runtime)
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: "997/1000 up" in screen_text(app))
        first = screen_text(app).split("\n")[0]
        assert "DEMO" in first
        assert "CRITICAL" in first
        assert "READ-ONLY" in first
        assert re.search(r"\d\d:\d\d:\d\d", first)


async def test_arming_counts_down_in_the_header() -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(60, 16)) as pilot:
        runtime.guard.arm(15, "ticket")
        runtime.clock.advance(1)
        await until(pilot, lambda: "ARMED 14:59" in screen_text(app))


async def test_digits_are_views_and_minus_goes_back_to_the_last() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("9")
        await until(pilot, lambda: "probe cost" in screen_text(app))
        built = {entry.digit for entry in app.views}
        await pilot.press(*(str(digit) for digit in range(1, 10) if digit not in built))
        assert app.main.active == 9, "what is not built is not there"
        await pilot.press("minus")
        await until(pilot, lambda: "aen-server  server" in screen_text(app))
        await pilot.press("minus")
        assert app.main.active == 9


async def test_the_footer_says_where_q_quits() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: " q quit " in screen_text(app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.screen is not app.main and " esc back " in screen_text(app))
        assert "q quit" not in screen_text(app)
        await pilot.press("q")
        await until(pilot, lambda: " q quit " in screen_text(app))


async def test_q_goes_back_and_quits_at_the_root_and_esc_never_does() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("q")
        await until(pilot, lambda: app.screen is app.main)
        await pilot.press(*["escape"] * 5)
        assert app.is_running
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "q goes back" in screen_text(app))
        await pilot.press("q")
    assert app.return_value == 0


async def test_ctrl_q_quits_from_an_input_too() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", "a", "ctrl+q")
    assert not app.is_running


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_every_key_of_the_view_and_scrolls(size: tuple[int, int]) -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=size) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: "In this view" in screen_text(app))
        seen = screen_text(app)
        for _ in range(12):
            await pilot.press("space")
            await pilot.pause()
            seen += screen_text(app)
        for words in ("Open the node page", "Only nodes with a problem", "Everywhere", "Command palette", "Quit"):
            assert words in seen, words


async def test_full_screen_and_back() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "aen-server" in screen_text(app))
        await pilot.press("f")
        await until(pilot, lambda: "6/9 up" not in screen_text(app))
        await pilot.press("f")
        await until(pilot, lambda: "6/9 up" in screen_text(app))


async def test_footer_shows_keys_and_own_cost() -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(80, 24)) as pilot:
        app._tick()
        app._tick()
        await until(pilot, lambda: "cpu " in screen_text(app).split("\n")[-1])
        last = screen_text(app).split("\n")[-1]
        assert "? help" in last
        assert "restart" in last
        assert re.search(r"cpu \d+(\.\d)?% mem \d+", last)


async def test_command_line_takes_every_letter_and_does_what_it_says() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(app.screen, CommandLineScreen))
        letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        await pilot.press(*letters, "colon", "question_mark", "slash")
        assert app.screen.query_one("#line", Input).value == letters + ":?/"
        assert app.asked == []
        await pilot.press("enter")
        await until(pilot, lambda: "no command" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        await pilot.press("colon", *"nod", "tab", *"gateway2", "enter")
        await until(pilot, lambda: app.asked == ["gateway2"])
        await pilot.press("colon", *"restart aen-server/worker", "enter")
        await until(pilot, lambda: len(app.asked) == 2)
        action, targets, _nodes = app.asked[1]
        assert action == "restart"
        assert targets == (Target(targets[0].node, "worker", "supervisor", "wakari-server"),)
        await pilot.press("colon", *"logs compute1-2:/var/log/messages", "enter")
        await until(pilot, lambda: len(app.asked) == 3)
        assert [str(key) for key in app.asked[2][1]] == ["compute1-2:/var/log/messages"]
        await pilot.press("colon", *"theme aen-light", "enter")
        await until(pilot, lambda: app.theme == "aen-light")
        await pilot.press("colon", *"connections", "enter")
        await until(pilot, lambda: app.main.active == 9)
        await pilot.press("colon", "q", "enter")
    assert app.return_value == 0


async def test_command_line_says_what_is_wrong_and_stays() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test(size=(80, 24)) as pilot:
        for line, words in (
            ("node compute9-9", "no node"),
            ("restart aen-server/nonsense", "nonsense"),
            ("theme nope", "known: aen-ansi"),
            ("node", "wants NODE"),
        ):
            await pilot.press("colon", *line, "enter")
            await until(pilot, lambda words=words: words in screen_text(app))  # type: ignore[misc]
            assert isinstance(app.screen, CommandLineScreen)
            await pilot.press("escape")
            await pilot.pause()


async def test_completion_offers_what_there_is() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test():
        assert completions(app, "fl") == ["fleet"]
        assert "restart aen-server/wk-server" in completions(app, "restart aen-")
        assert completions(app, "node compute1-2") == []
        assert completions(app, "logs @dc:e") == ["logs @dc:east"]
        assert completions(app, "try-") == ["try-acl ", "try-clone "]
        computes = [name for name in app.backend.inventory.nodes if name.startswith("compute")]
        assert completions(app, "try-acl ") == [f"try-acl {name}" for name in computes]
        with pytest.raises(AenError):
            run_line(app, "nothing")


async def test_palette_has_our_commands() -> None:
    app = Recorder(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"connections")
        await until(pilot, lambda: "view 9: Connections" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.main.active == 9)


async def test_pasted_text_outside_an_input_is_nothing() -> None:
    from textual import events

    app = Recorder(FakeRuntime())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "aen-server" in screen_text(app))
        app.post_message(events.Paste("rqyx:q\n"))
        await pilot.pause()
        assert app.asked == []
        assert app.screen is app.main
        assert app.is_running


async def test_connections_say_why_and_try_now() -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("9", "x")
        await until(pilot, lambda: "no key was accepted" in screen_text(app))
        text = screen_text(app)
        assert "aen-server" not in text
        assert "waiting for its gateway" in text
        assert "error, notes" in text
        await pilot.press("j", "f5")
        assert runtime.calls[-1] == ("retry_now", "compute2-2")


async def test_a_hidden_view_is_told_nothing_and_a_shown_one_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime()
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "aen-server" in screen_text(app))
        fleet = app.main.panel
        told: list[object] = []
        original = fleet.take

        def take(state: ClusterState) -> None:
            told.append(state)
            original(state)

        monkeypatch.setattr(fleet, "take", take)
        await pilot.press("9")
        runtime.change("gateway2", severity=fleet.backend.snapshot().severity)
        await asyncio.sleep(0.25)
        assert told == []
        await pilot.press("1")
        await until(pilot, lambda: len(told) >= 1)
        assert told[-1] is runtime.snapshot()

"""The `:` line: every key that comes with its colon is the line's; its words for actions open cards."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from aen_tui.model.plans import ActionName
from aen_tui.ui.screens.command_line import CommandLineScreen
from tests.support.screen import until
from tests.support.states import FakeRuntime
from tests.ui.recorders import Recorder


def burst(app: Recorder, text: str) -> None:
    """Keys as a slow link brings them: all at once."""
    for char in text:
        app.post_message(events.Key("enter" if char == "\r" else _character_to_key(char), char))


def line_of(app: Recorder) -> str | None:
    screen = app.screen
    return screen.query_one(Input).value if isinstance(screen, CommandLineScreen) and screen.is_mounted else None


async def test_keys_that_come_at_once_with_the_colon_are_all_the_lines() -> None:
    app = Recorder(FakeRuntime(2, 4))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        burst(app, ":restart compute1-1/wk-compute")
        await until(pilot, lambda: line_of(app) == "restart compute1-1/wk-compute")
        await pilot.press("escape")
        burst(app, ":node gateway1\r")
        await until(pilot, lambda: bool(app.asked))
        assert app.asked == ["gateway1"]


async def test_a_colon_in_an_input_is_a_character() -> None:
    app = Recorder(FakeRuntime(2, 4))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "a", "colon", "b")
        assert isinstance(app.focused, Input)
        assert app.focused.value == "a:b"
        await pilot.press("escape", "question_mark", "colon")
        assert not isinstance(app.screen, CommandLineScreen), "over what asks it is nothing"


@pytest.mark.parametrize(
    ("line", "action", "service"),
    [
        ("reload-nginx aen-server/nginx", ActionName.RELOAD_NGINX, "nginx"),
        ("reread compute1-1/wakari-compute", ActionName.REREAD, "wakari-compute"),
        ("update compute1-1/wakari-compute", ActionName.UPDATE, "wakari-compute"),
        ("try-acl compute1-1", ActionName.TRY_ACL, "projects"),
        ("try-clone compute1-1", ActionName.TRY_CLONE, "anaconda"),
    ],
)
async def test_actions_that_have_no_key_have_a_word(line: str, action: ActionName, service: str) -> None:
    app = Recorder(FakeRuntime(2, 4))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon", *line, "enter")
        await until(pilot, lambda: bool(app.asked))
        asked: Any = app.asked[0]
        assert (asked[0], [target.service for target in asked[1]]) == (action, [service])

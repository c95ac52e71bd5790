"""The masked dialog: what was typed for something else is no answer, and a question has an end."""

from __future__ import annotations

import asyncio

import pytest
from textual.events import Paste
from textual.widgets import Input

from aen_tui.model.secret import Secret
from aen_tui.ui.prompter import ScreenPrompter
from aen_tui.ui.screens.secret import SecretScreen
from tests.support.screen import until
from tests.ui.card_stage import Host


async def test_keys_from_before_it_could_be_read_are_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aen_tui.ui.screens.deaf.DEAF_SECONDS", 3600.0)
    answers: list[Secret | None] = []
    async with Host(None).run_test() as pilot:
        screen = SecretScreen("aen-server", "password?")
        await pilot.app.push_screen(screen, answers.append)
        await until(pilot, lambda: screen.query_one(Input).has_focus)
        screen.query_one(Input).post_message(Paste("pasted"))
        await pilot.press("j", "j", "enter", "escape")
        await pilot.pause()
        assert (pilot.app.screen, screen.query_one(Input).value, answers) == (screen, "", [])
        monkeypatch.setattr("aen_tui.ui.screens.deaf.DEAF_SECONDS", 0.0)
        screen.paint_anew()
        await until(pilot, lambda: screen.hears)
        await pilot.press("s", "3", "enter")
        await until(pilot, lambda: answers)
        assert answers == [Secret("s3")]


@pytest.mark.parametrize("is_covered", [False, True])
async def test_a_question_that_nobody_waits_for_any_more_goes(is_covered: bool) -> None:
    prompter = ScreenPrompter()
    async with Host(None).run_test() as pilot:
        prompter.attach(pilot.app)
        asking = asyncio.create_task(prompter.ask("aen-server", "password?"))
        await until(pilot, lambda: isinstance(pilot.app.screen, SecretScreen))
        covering = SecretScreen("gateway1", "another?")
        if is_covered:
            await pilot.app.push_screen(covering)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        if is_covered:
            await pilot.pause()
            assert pilot.app.screen is covering
            covering.dismiss(None)
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)

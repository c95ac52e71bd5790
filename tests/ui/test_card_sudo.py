"""What sudo would ask belongs to the card: nothing is confirmed before it is there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

from aen_tui.model.plans import ActionName, Plan, SudoMet
from aen_tui.ui.screens.card import CardScreen
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.card_stage import COMPUTE, Host, open_card, started


class SlowSudo(FakeRuntime):
    """Sudo answers when it is told to, and asks for a password."""

    def __init__(self, met: SudoMet) -> None:
        super().__init__()
        self.met = met
        self.may_answer = asyncio.Event()

    async def preflight(self, plan: Plan) -> Plan:
        await self.may_answer.wait()
        argv = ("/usr/bin/sudo", "-S", "-p", "aen-tui-00:", *plan.steps[0].argv[2:])
        return replace(plan, steps=(replace(plan.steps[0], met=self.met, argv=argv),))


async def test_nothing_is_confirmed_before_sudo_has_said_what_it_asks() -> None:
    runtime: Any = SlowSudo(SudoMet("asks for the password of ops", wants_password=True))
    async with Host(runtime).run_test(size=(100, 30)) as pilot:
        card = CardScreen(runtime, runtime.plan(ActionName.RESTART, (COMPUTE,)))
        await pilot.app.push_screen(card)
        await until(pilot, lambda: "being asked what it wants" in screen_text(pilot.app))
        await until(pilot, lambda: card._hears_from is not None and time.monotonic() >= card._hears_from)
        await pilot.press("y")
        await until(pilot, lambda: "Not yet" in screen_text(pilot.app))
        assert started(runtime) == []
        runtime.may_answer.set()
        await until(pilot, lambda: "asks for the password of ops" in screen_text(pilot.app))
        assert "Not yet" not in screen_text(pilot.app)
        await until(pilot, lambda: card.takes_keys)
        await pilot.press("y")
        await until(pilot, lambda: started(runtime))
        assert started(runtime)[0].steps[0].argv[:2] == ("/usr/bin/sudo", "-S")


async def test_what_sudo_does_not_allow_cannot_be_confirmed() -> None:
    runtime: Any = SlowSudo(SudoMet("does not allow it to ops", refusal="sudo: does not allow it to ops"))
    runtime.may_answer.set()
    async with Host(runtime).run_test(size=(100, 30)) as pilot:
        card = await open_card(pilot, runtime)
        assert "REFUSED" in screen_text(pilot.app)
        await pilot.press("y")
        await pilot.pause()
        assert started(runtime) == []
        assert card.result is None

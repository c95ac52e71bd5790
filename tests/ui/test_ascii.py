"""Where a terminal has no more than ASCII, nothing else is drawn: every view and screen, frames and scroll bars."""

from __future__ import annotations

import pytest
from textual.notifications import SeverityLevel

from aen_tui.ui.app import AenApp
from aen_tui.ui.screens.help import HelpScreen
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.test_key_walk import PLACES, VIEWS, walking

SEVERITIES: tuple[SeverityLevel, ...] = ("information", "warning", "error")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", ["aen-dark", "aen-mono"])
async def test_every_view_and_screen_is_drawn_in_ascii(monkeypatch: pytest.MonkeyPatch, theme: str) -> None:
    monkeypatch.setenv("AEN_TUI_ASCII", "1")
    found: dict[str, str] = {}
    async with walking(monkeypatch) as walk:
        walk.app.choose_theme(theme)
        for place, opener in PLACES.items():
            await walk.home()
            await opener(walk)
            await walk.pilot.pause(0.1)
            found[place] = _strange(walk.app)
            if place in VIEWS:
                walk.app.action_help()
                await until(walk.pilot, lambda: isinstance(walk.app.screen, HelpScreen))
                await walk.pilot.pause(0.1)
                found[f"help of {place}"] = _strange(walk.app)
    assert {place: strange for place, strange in found.items() if strange} == {}


def _strange(app: AenApp) -> str:
    return "".join(sorted({one for one in screen_text(app) if not one.isascii()}))


async def test_what_is_told_in_passing_is_framed_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEN_TUI_ASCII", "1")
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for number, severity in enumerate(SEVERITIES, 1):
            app.notify("said", severity=severity)
            await until(pilot, lambda number=number: screen_text(app).count("said") == number)  # type: ignore[misc]
        assert screen_text(app).isascii()

"""A view comes on screen once it has its parts, in one paint, whoever else asks for another meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from textual.strip import Strip

from aen_tui.ui.app import AenApp
from aen_tui.ui.panels import find_panels
from aen_tui.ui.widgets.fleet_view import FleetView
from aen_tui.ui.widgets.log_view import LogView
from tests.support.screen import until
from tests.support.states import FakeRuntime

DIGITS = [entry.digit for entry in find_panels()]


@pytest.mark.parametrize("digit", [digit for digit in DIGITS if digit != 1])
async def test_a_second_that_passes_while_a_view_is_made_asks_it_nothing(digit: int) -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(80, 24)), asyncio.timeout(60):
        fleet, views = app.main.panel, app.main.query_one("#views")
        showing = asyncio.create_task(app.main.show(digit))
        while len(views.children) == 1:
            await asyncio.sleep(0)
        made = views.children[-1]
        assert not made.is_mounted
        assert (app.main.panel, app.main.active, fleet.display) == (fleet, 1, True)
        app._tick()
        assert await showing is made
        assert (app.main.panel, app.main.active, fleet.display) == (made, digit, False)
        assert made.is_mounted
        app._tick()


@pytest.mark.parametrize("order", [(3, 4), (4, 3), (3, 3), (3, 1)])
async def test_of_two_views_that_are_asked_for_at_once_the_last_is_shown_whole(order: tuple[int, int]) -> None:
    app = AenApp(FakeRuntime())
    async with app.run_test(size=(80, 24)) as pilot, asyncio.timeout(60):
        first, last = await asyncio.gather(*(app.main.show(digit) for digit in order))
        assert first.is_mounted and last.is_mounted
        assert (type(first), type(last)) == tuple(app.main._entries[digit].panel for digit in order)
        assert (app.main.panel, app.main.active, app.main.header.active) == (last, order[1], order[1])
        assert [panel for panel in app.main.query_one("#views").children if panel.display] == [last]
        await until(pilot, lambda: app.main.focused is not None and last in app.main.focused.ancestors_with_self)
        assert len(app.main.query_one("#views").children) == len({1, *order})


async def test_a_view_that_is_shown_again_is_painted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    app = AenApp(FakeRuntime(2, 4))
    async with app.run_test(size=(120, 40)) as pilot:
        for digit, kind in ((2, LogView), (1, FleetView)):
            await pilot.press("1", "2", "1", "2", str(3 - digit))
            await until(pilot, lambda kind=kind: not app.main.query_one(kind).is_on_screen)  # type: ignore[misc]
            painted = _count_rows(kind, monkeypatch)
            await pilot.press(str(digit))
            part = app.main.query_one(kind)
            await until(pilot, lambda part=part: part.has_focus)  # type: ignore[misc]
            await until(pilot, lambda painted=painted, part=part: len(painted) == part.size.height)  # type: ignore[misc]
            await pilot.pause()
            assert set(painted.values()) == {1}


def _count_rows(kind: type[FleetView | LogView], monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each row of a part is painted from here on."""
    painted: Counter[int] = Counter()
    paint = kind.render_line

    def counting(part: FleetView | LogView, y: int) -> Strip:
        painted[y] += 1
        return paint(part, y)  # type: ignore[arg-type]

    monkeypatch.setattr(kind, "render_line", counting)
    return painted

"""The confirmation card: Enter never confirms, early keys go nowhere, what changed is asked again."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Button

from aen_tui.errors import AuditError
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, PlanEvent, Result, Risk
from aen_tui.ui.messages import ActionRequested
from aen_tui.ui.presentation import plan_text
from aen_tui.ui.presentation.severity import ASCII
from aen_tui.ui.screens import deaf
from aen_tui.ui.screens.action_menu import ActionMenuScreen
from aen_tui.ui.screens.asking import ask
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.picker import PickerScreen
from aen_tui.ui.widgets.rows import Rows
from aen_tui.ui.widgets.word_input import WordInput
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, service
from tests.ui.card_stage import COMPUTE, NGINX, ROLLING, Host, open_card, started


@pytest.fixture
def runtime() -> Any:
    return FakeRuntime()


async def test_says_what_where_how_and_how_old(runtime: Any) -> None:
    async with Host(runtime).run_test(size=(100, 30)) as pilot:
        await open_card(pilot, runtime)
        text = screen_text(pilot.app)
        argv = "sudo -n -u wakari /opt/wakari/wakari-compute/bin/supervisorctl restart wk-compute"
        for part in ("restart wk-compute", "aen-prod", "compute1-1/wk-compute", "RUNNING", "pid 8452", "up 18d3h"):
            assert part in text
        assert "seen 1s ago" in text
        assert argv.replace(" ", "") in text.replace(" ", "").replace("│", "").replace("\n", "")
        assert "notebooks on this node lose their kernel" in text
        runtime.clock.advance(4)
        await until(pilot, lambda: "seen 5s ago" in screen_text(pilot.app))


async def test_knowledge_that_is_old_is_called_old(runtime: Any) -> None:
    plan = runtime.plan(ActionName.RESTART, [replace(COMPUTE, node=NodeName("compute1-3"))])
    line = "".join(text for text, _ in plan_text.where(plan.steps[0], runtime.snapshot(), runtime.clock.monotonic()))
    assert "as of 42s ago" in line
    assert "node is stale" in line
    assert "seen" not in line


async def test_enter_and_space_never_confirm(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        for key in ("enter", "space"):
            card = await open_card(pilot, runtime)
            assert pilot.app.focused is card.query_one("#cancel")
            await pilot.press(key)
            await pilot.pause()
            if pilot.app.screen is card:  # Space on a button does nothing
                await pilot.press("n")
                await pilot.pause()
            assert not isinstance(pilot.app.screen, CardScreen)
        assert started(runtime) == []


async def test_tab_never_leads_enter_to_the_action(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        await open_card(pilot, runtime)
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert started(runtime) == []


@pytest.mark.parametrize("key", ["n", "escape", "q"])
async def test_keys_that_cancel(runtime: Any, key: str) -> None:
    async with Host(runtime).run_test() as pilot:
        await open_card(pilot, runtime)
        await pilot.press(key)
        await pilot.pause()
        assert not isinstance(pilot.app.screen, CardScreen)
        assert started(runtime) == []


async def be_read(pilot: Pilot[None], card: CardScreen) -> None:
    """As if the time passed for which a painted card takes no key."""
    await until(pilot, lambda: card._hears_from is not None)
    assert not card.takes_keys
    card._hears_from = time.monotonic()
    await until(pilot, lambda: card.takes_keys)


async def test_a_key_that_came_before_the_card_could_be_read_goes_nowhere(
    runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deaf, "DEAF_SECONDS", 3600.0)
    async with Host(runtime).run_test() as pilot:
        card = CardScreen(runtime, runtime.plan(ActionName.RESTART, [COMPUTE]))
        await pilot.app.push_screen(card)
        await pilot.press("y", "enter", "n", "escape")
        await pilot.pause()
        assert pilot.app.screen is card
        assert started(runtime) == []
        await be_read(pilot, card)
        late = events.Key("y", "y")
        late.time = time.monotonic() - 1.0  # pressed a second ago, delivered by a busy loop only now
        pilot.app.post_message(late)
        await pilot.pause()
        assert started(runtime) == []
        await pilot.press("y")
        await pilot.pause()
        assert len(started(runtime)) == 1


async def test_y_starts_the_plan_that_was_read_once(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime)
        plan = card.plan
        await pilot.press("y", "y", "y")
        await pilot.pause()
        assert started(runtime) == [plan]


async def test_what_changed_is_said_and_asked_again(runtime: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime)
        monkeypatch.setattr(deaf, "DEAF_SECONDS", 3600.0)
        first = card.plan
        known = runtime.store.node(NodeName("compute1-1")).services[0]
        runtime.change("compute1-1", services=(replace(known, pid=99),))
        await pilot.press("y")
        await pilot.pause()
        assert started(runtime) == []
        assert card.plan is not first
        assert card.plan.steps[0].before.pid == 99
        text = screen_text(pilot.app)
        assert "CHANGED" in text
        assert "8452" in text
        assert "pid 99" in text
        await pilot.press("y")
        await pilot.pause()
        assert started(runtime) == [], "the new question needs its own time"
        await be_read(pilot, card)
        await pilot.press("y")
        await pilot.pause()
        assert [plan.steps[0].before.pid for plan in started(runtime)] == [99]


async def test_a_target_that_went_away_is_refused_on_the_card(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime)
        runtime.change("compute1-1", services=())
        await pilot.press("y")
        await pilot.pause()
        assert "REFUSED" in screen_text(pilot.app)
        await pilot.press("y")
        await pilot.pause()
        assert started(runtime) == []
        assert card.query_one("#cancel", Button).has_focus
        await pilot.press("enter")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, CardScreen)


async def test_a_refusal_at_the_start_is_shown(runtime: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AuditError("the audit cannot be written", hint="free some space")

    monkeypatch.setattr(runtime, "start", refuse)
    async with Host(runtime).run_test() as pilot:
        await open_card(pilot, runtime)
        await pilot.press("y")
        await pilot.pause()
        text = screen_text(pilot.app)
        assert "REFUSED: the audit cannot be written" in text
        assert "free some space" in text


async def test_a_word_must_be_typed_whole(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime, *ROLLING)
        assert card.plan.risk is Risk.WORD
        assert card.plan.word == "aen-prod"
        await pilot.press("y")
        await pilot.pause()
        assert started(runtime) == []
        word = card.query_one(WordInput)
        assert word.has_focus
        await pilot.press(*"aen-pro", "enter")
        await pilot.pause()
        assert started(runtime) == []
        assert word.value == ""
        await pilot.press(*"aen-prod", "enter")
        await pilot.pause()
        assert started(runtime) == [card.plan]


async def test_the_word_may_be_typed_without_looking_for_its_input(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime, *ROLLING)
        await pilot.press(*"aen-prod")
        await pilot.pause()
        assert card.query_one(WordInput).value == "aen-prod"
        assert started(runtime) == []


async def test_a_pasted_word_is_refused(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime, NGINX)
        word = card.query_one(WordInput)
        await pilot.press("tab")
        pilot.app.post_message(events.Paste("aen-server"))
        await pilot.pause()
        assert word.value == ""
        assert "type the word" in screen_text(pilot.app)
        pilot.app.copy_to_clipboard("aen-server")
        await pilot.press("ctrl+v", "enter")
        await pilot.pause()
        assert word.value == ""
        assert started(runtime) == []


async def test_hostile_names_stay_text(runtime: Any) -> None:
    evil = "[bold red]x[/]\x1b[2J\u202e"
    runtime.change("compute1-1", services=(service(evil, "wakari-compute"),))
    async with Host(runtime).run_test(size=(120, 40)) as pilot:
        await open_card(pilot, runtime, replace(COMPUTE, service=evil))
        text = screen_text(pilot.app)
        assert "[bold red]x[/]␛[2J<202E>" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        await pilot.press("y")
        await pilot.pause()
        assert "[bold red]x[/]␛[2J<202E>" in screen_text(pilot.app)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 50)])
async def test_words_and_buttons_are_whole_at_every_size(runtime: Any, size: tuple[int, int]) -> None:
    async with Host(runtime).run_test(size=size) as pilot:
        card = await open_card(pilot, runtime, *ROLLING, NGINX)
        text = screen_text(pilot.app)
        assert "Cancel" in text
        assert "type aen-prod, then Enter" in text
        await pilot.press(*"aen-prod", "enter")
        await pilot.pause()
        for step in card.plan.steps:
            runtime.emit(PlanEvent("verified", Result.UNVERIFIED, step, 4242))
        runtime.finish(Result.UNVERIFIED)
        await until(pilot, lambda: "UNVERIFIED" in screen_text(pilot.app))
        assert "Close" in screen_text(pilot.app)


@pytest.mark.parametrize("action", [ActionName.RESTART, None])
async def test_ascii_is_ascii(runtime: Any, action: ActionName | None) -> None:
    async with Host(runtime).run_test(size=(80, 24)) as pilot:
        pilot.app.glyphs = ASCII  # type: ignore[attr-defined]  # what AenApp has
        ask(pilot.app, runtime, ActionRequested(action, [COMPUTE], nodes=[COMPUTE.node]))
        await until(pilot, lambda: isinstance(pilot.app.screen, CardScreen | ActionMenuScreen))
        await pilot.pause()
        assert screen_text(pilot.app).isascii()
        card = pilot.app.screen
        if isinstance(card, CardScreen):
            await until(pilot, lambda: card.takes_keys)
            await pilot.press("y")
            await pilot.pause()
            runtime.emit(PlanEvent("verified", Result.VERIFIED, card.plan.steps[0], 4242))
            await until(pilot, lambda: "VERIFIED" in screen_text(pilot.app))
            assert screen_text(pilot.app).isascii()


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for owner in (CardScreen, PickerScreen, ActionMenuScreen, Rows):
        for binding in owner.BINDINGS:
            assert isinstance(binding, Binding)
            assert binding.id, (owner, binding)
            assert binding.tooltip, (owner, binding)


async def test_of_several_what_it_hits_stands_above_the_list(runtime: Any) -> None:
    """A list that is longer than the screen must not hide it."""
    many = [replace(COMPUTE, node=NodeName(f"compute1-{number}")) for number in range(1, 13)]
    async with Host(FakeRuntime(1, 20)).run_test(size=(80, 24)) as pilot:
        card = await open_card(pilot, pilot.app.runtime, *many)  # type: ignore[attr-defined]
        text = screen_text(pilot.app)
        assert text.index("│ hits") < text.index("compute1-1/wk-compute")
        assert "Cancel" in text
        body = card.query_one("#body")
        assert body.max_scroll_y > 0
        await pilot.press(*["j"] * body.max_scroll_y)
        await until(pilot, lambda: "compute1-12/wk-compute" in screen_text(pilot.app))
        await pilot.press("home")
        await until(pilot, lambda: body.scroll_y == 0)
        await pilot.press("pagedown")
        await until(pilot, lambda: body.scroll_y == min(body.size.height - 1, body.max_scroll_y))
        await pilot.press("pageup", "end")
        await until(pilot, lambda: body.scroll_y == body.max_scroll_y)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, CardScreen))
        assert started(runtime) == []

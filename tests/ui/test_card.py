"""The confirmation card: Enter never confirms, early keys go nowhere, what changed is asked again."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Button

from aen_tui.errors import AuditError, PlanRefusedError
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, Plan, PlanEvent, Result, Risk, Target
from aen_tui.ui.messages import ActionRequested
from aen_tui.ui.presentation import plan_text
from aen_tui.ui.presentation.severity import ASCII
from aen_tui.ui.screens.action_menu import ActionMenuScreen
from aen_tui.ui.screens.asking import ask
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.picker import PickerScreen
from aen_tui.ui.widgets.rows import Rows
from aen_tui.ui.widgets.word_input import WordInput
from tests.support.states import FakeRuntime, service

COMPUTE = Target(NodeName("compute1-1"), "wk-compute", "supervisor", "wakari-compute")
NGINX = Target(NodeName("aen-server"), "nginx", "sysv")
PROVED = {"rests_on": ("pid 8452 → 4242", "RUNNING for 3.1 s"), "differs": ("nice was 0, is 19",)}
ROLLING = tuple(replace(COMPUTE, node=NodeName(f"compute1-{i}")) for i in (1, 2))


class Host(App[None]):
    """Nothing but a stack of screens."""

    def __init__(self, runtime: Any) -> None:
        super().__init__()
        self.runtime = runtime


async def until(pilot: Pilot[None], condition: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the state never came"
        await pilot.pause(0.01)


def screen_text(app: App[None]) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


def started(runtime: Any) -> list[Plan]:
    return [argument for name, argument in runtime.calls if name == "start"]


async def open_card(pilot: Pilot[None], runtime: Any, *targets: Target, action: Any = ActionName.RESTART) -> CardScreen:
    card = CardScreen(runtime, runtime.plan(action, targets or (COMPUTE,)))
    await pilot.app.push_screen(card)
    await until(pilot, lambda: card.takes_keys)
    await pilot.pause()
    return card


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


async def test_a_key_that_came_before_the_card_could_be_read_goes_nowhere(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = CardScreen(runtime, runtime.plan(ActionName.RESTART, [COMPUTE]))
        await pilot.app.push_screen(card)
        await pilot.press("y", "enter", "n", "escape")
        await pilot.pause()
        assert not card.takes_keys, "the machine was too slow for this test to say anything"
        assert pilot.app.screen is card
        assert started(runtime) == []
        await until(pilot, lambda: card.takes_keys)
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


async def test_what_changed_is_said_and_asked_again(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime)
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
        assert started(runtime) == [], "the new question needs its own 400 ms"
        await until(pilot, lambda: card.takes_keys)
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


async def test_progress_from_claimed_to_verified_to_failed(runtime: Any) -> None:
    async with Host(runtime).run_test(size=(100, 30)) as pilot:
        card = await open_card(pilot, runtime)
        step = card.plan.steps[0]
        await pilot.press("y")
        await pilot.pause()
        runtime.emit(PlanEvent("planned", Result.PLANNED, step))
        runtime.emit(PlanEvent("step-started", None, step))
        runtime.clock.advance(1.5)
        runtime.emit(PlanEvent("step-finished", Result.CLAIMED, step))
        await until(pilot, lambda: "claimed" in screen_text(pilot.app))
        assert "VERIFIED" not in screen_text(pilot.app)
        runtime.clock.advance(4.0)
        runtime.emit(PlanEvent("verified", Result.VERIFIED, step, 4242, detail=PROVED))
        await until(pilot, lambda: "VERIFIED" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "pid 8452 → 4242" in text
        assert "5.5 s" in text
        told = " ".join(text.replace("│", " ").split())
        assert "the command claimed success; rests on pid 8452 → 4242; RUNNING for 3.1 s" in told
        assert "differs from before: nice was 0, is 19" in told
        assert "FAILED" not in text
        runtime.finish(Result.VERIFIED)
        await until(pilot, lambda: "watched for 30s more" in screen_text(pilot.app))
        assert card.result is Result.VERIFIED
        runtime.clock.advance(12.0)
        runtime.emit(PlanEvent("verified", Result.FAILED, step, error="while settling: pid 4242 died"))
        await until(pilot, lambda: "FAILED" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "VERIFIED" not in text
        assert "pid 4242 died" in text
        assert card.has_class("-failed") or card.query_one("#card").has_class("-failed")


async def test_lost_words_are_no_claim_and_what_is_seen_later_counts(runtime: Any) -> None:
    async with Host(runtime).run_test(size=(100, 30)) as pilot:
        card = await open_card(pilot, runtime)
        step = card.plan.steps[0]
        await pilot.press("y")
        await pilot.pause()
        runtime.emit(PlanEvent("step-started", None, step))
        lost = "the link was lost: whether it took effect is not known"
        runtime.emit(PlanEvent("step-finished", Result.UNVERIFIED, step, error=lost))
        await until(pilot, lambda: "UNVERIFIED" in screen_text(pilot.app))
        assert "claimed" not in screen_text(pilot.app)
        runtime.emit(PlanEvent("verified", Result.VERIFIED, step, 4242, detail=PROVED))
        await until(pilot, lambda: "✔ VERIFIED" in screen_text(pilot.app))
        assert "the command's words are not known; rests on" in screen_text(pilot.app)
        assert card.result is Result.VERIFIED


async def test_a_proof_command_is_shown_and_nothing_is_promised_that_only_it_could_see(runtime: Any) -> None:
    plan = runtime.plan(ActionName.RESTART, [COMPUTE])
    control = "/opt/wakari/wakari-compute/bin/supervisorctl"
    proof = ("sudo", "-n", "-u", "wakari", control, "status", "wk-compute")
    step = replace(plan.steps[0], before=Known("unknown", None, None, None, None), proof_argv=proof)
    async with Host(runtime).run_test(size=(120, 30)) as pilot:
        card = CardScreen(runtime, replace(plan, steps=(step,)))
        runtime.change("compute1-1", services=(service("wk-compute", "wakari-compute", "unknown"),))
        await pilot.app.push_screen(card)
        await until(pilot, lambda: card.takes_keys)
        assert f"seen by {' '.join(proof)}" in screen_text(pilot.app)
        await pilot.press("y")
        await pilot.pause()
        runtime.emit(PlanEvent("step-started", None, step))
        asked = replace(step, before=Known("RUNNING", 71, None, 10.0, 1.0))
        runtime.emit(PlanEvent("step-finished", Result.CLAIMED, asked))
        runtime.emit(PlanEvent("verified", Result.VERIFIED, asked, 4242))
        runtime.finish(Result.VERIFIED)
        await until(pilot, lambda: "VERIFIED" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "pid 71 → 4242" in text
        assert "rests on" in text
        assert "watched for" not in text


async def test_a_refusal_of_the_runtime_is_the_result(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        await open_card(pilot, runtime)
        await pilot.press("y")
        await pilot.pause()
        runtime.emit(PlanEvent("finished", Result.REFUSED, error="another plan is being carried out on compute1-1"))
        await until(pilot, lambda: "REFUSED" in screen_text(pilot.app))
        assert "another plan is being carried out" in screen_text(pilot.app)


async def test_a_plan_stops_at_the_first_that_fails(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime, *ROLLING)
        await pilot.press(*"aen-prod", "enter")
        await pilot.pause()
        runtime.emit(PlanEvent("verified", Result.FAILED, card.plan.steps[0], error="FATAL: Exited too quickly"))
        runtime.finish(Result.FAILED)
        await until(pilot, lambda: "not run" in screen_text(pilot.app))
        assert "FATAL: Exited too quickly" in screen_text(pilot.app)
        assert "FAILED" in screen_text(pilot.app)


async def test_unverified_is_a_word_of_its_own(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime)
        await pilot.press("y")
        await pilot.pause()
        step = card.plan.steps[0]
        runtime.emit(PlanEvent("step-finished", Result.CLAIMED, step))
        runtime.emit(PlanEvent("finished", Result.UNVERIFIED, error="no frame came for 30 s"))
        await until(pilot, lambda: "UNVERIFIED" in screen_text(pilot.app))
        assert "no frame came for 30 s" in screen_text(pilot.app)


async def test_a_closed_card_leaves_its_result_as_a_notification(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        await open_card(pilot, runtime)
        await pilot.press("y")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        runtime.finish(Result.FAILED)
        await until(pilot, lambda: any("FAILED" in note.message for note in pilot.app._notifications))


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


async def test_read_only_opens_nothing() -> None:
    runtime: Any = FakeRuntime(read_only=True)
    async with Host(runtime).run_test() as pilot:
        for request in (
            ActionRequested(ActionName.RESTART, [COMPUTE]),
            ActionRequested(ActionName.RESTART, nodes=[NodeName("compute1-1")]),
            ActionRequested(None, nodes=[NodeName("compute1-1")]),
        ):
            ask(pilot.app, runtime, request)
            await pilot.pause()
            assert not isinstance(pilot.app.screen, CardScreen | PickerScreen | ActionMenuScreen)
        assert any("READ-ONLY" in note.message for note in pilot.app._notifications)


async def test_a_refused_plan_is_a_message(runtime: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> Plan:
        raise PlanRefusedError("[b]locked[/b]", hint=":arm first")

    monkeypatch.setattr(runtime, "plan", refuse)
    async with Host(runtime).run_test() as pilot:
        ask(pilot.app, runtime, ActionRequested(ActionName.RESTART, [COMPUTE]))
        await until(pilot, lambda: any("[b]locked[/b]" in note.message for note in pilot.app._notifications))
        assert not isinstance(pilot.app.screen, CardScreen)


async def test_the_picker_is_worst_first_and_its_order_is_frozen(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        ask(pilot.app, runtime, ActionRequested(ActionName.RESTART, nodes=[NodeName("aen-server")]))
        await until(pilot, lambda: isinstance(pilot.app.screen, PickerScreen))
        await pilot.pause()
        rows = pilot.app.screen.query_one(Rows)
        assert "worker" in str(rows.rows[0])  # STOPPED: the worst
        services = runtime.store.node(NodeName("aen-server")).services
        runtime.change(
            "aen-server",
            services=tuple(
                service("wk-server", "wakari-server", "FATAL") if one.name == "wk-server" else one
                for one in services[::-1]
            ),
        )
        await until(pilot, lambda: "FATAL" in screen_text(pilot.app), 3.0)
        assert "worker" in str(rows.rows[0])
        assert "wk-server" in str(rows.rows[1])
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CardScreen))
        card = pilot.app.screen
        assert isinstance(card, CardScreen)
        assert card.plan.steps[0].target.service == "wk-server"


async def test_the_picker_of_several_nodes_makes_one_plan(runtime: Any) -> None:
    nodes = [NodeName(f"compute1-{i}") for i in (1, 2)]
    async with Host(runtime).run_test() as pilot:
        ask(pilot.app, runtime, ActionRequested(ActionName.RESTART, nodes=nodes))
        await until(pilot, lambda: isinstance(pilot.app.screen, PickerScreen))
        await pilot.pause()
        assert "on 2 nodes: 1 FATAL, 1 RUNNING" in screen_text(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CardScreen))
        card = pilot.app.screen
        assert isinstance(card, CardScreen)
        assert [step.target.node for step in card.plan.steps] == nodes


async def test_the_menu_offers_start_first_for_what_is_down_and_reload_where_nginx_is(runtime: Any) -> None:
    worker = Target(NodeName("aen-server"), "worker", "supervisor", "wakari-server")
    async with Host(runtime).run_test() as pilot:
        ask(pilot.app, runtime, ActionRequested(None, [worker], nodes=[worker.node]))
        await until(pilot, lambda: isinstance(pilot.app.screen, ActionMenuScreen))
        await pilot.pause()
        text = screen_text(pilot.app)
        assert text.index("start worker") < text.index("restart worker") < text.index("stop worker")
        assert "reload nginx" in text
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, CardScreen))
        card = pilot.app.screen
        assert isinstance(card, CardScreen)
        assert card.plan.action is ActionName.START
        assert started(runtime) == []


async def test_closing_picker_and_menu_asks_nothing(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        for action in (None, ActionName.RESTART):
            ask(pilot.app, runtime, ActionRequested(action, nodes=[NodeName("aen-server")]))
            await until(pilot, lambda: isinstance(pilot.app.screen, ActionMenuScreen | PickerScreen))
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(pilot.app.screen, ActionMenuScreen | PickerScreen))
        assert [name for name, _ in runtime.calls] == []


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for owner in (CardScreen, PickerScreen, ActionMenuScreen, Rows):
        for binding in owner.BINDINGS:
            assert isinstance(binding, Binding)
            assert binding.id, (owner, binding)
            assert binding.tooltip, (owner, binding)

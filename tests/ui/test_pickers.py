"""From a key to a card: the picker of services, the action menu, and what opens nothing."""

from __future__ import annotations

from typing import Any

import pytest

from aen_tui.errors import PlanRefusedError
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Target
from aen_tui.ui.messages import ActionRequested
from aen_tui.ui.screens.action_menu import ActionMenuScreen
from aen_tui.ui.screens.asking import ask
from aen_tui.ui.screens.card import CardScreen
from aen_tui.ui.screens.picker import PickerScreen
from aen_tui.ui.widgets.rows import Rows
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, service
from tests.ui.card_stage import COMPUTE, Host, started


@pytest.fixture
def runtime() -> Any:
    return FakeRuntime()


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
        await until(pilot, lambda: "FATAL" in screen_text(pilot.app))
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

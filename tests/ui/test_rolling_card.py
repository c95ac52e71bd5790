"""The rolling card: from marks, lines and sizes to what is confirmed, and only that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from aen_tui.errors import AenError
from aen_tui.model.facts import Connection, LinkState
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.node import NodeName
from aen_tui.runtime.audit import AuditHealth
from aen_tui.ui.commands import run_line
from aen_tui.ui.screens.picker import PickerScreen
from aen_tui.ui.widgets.word_input import WordInput
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.jobs_stage import card_of, has_card, panel_of, running, started, told


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    # that a card is deaf at first is shown elsewhere
    monkeypatch.setattr("aen_tui.ui.screens.deaf.DEAF_SECONDS", 0.0)
    return FakeRuntime(problems=False, history_samples=0, audit_folder=tmp_path)


# -- the card ----------------------------------------------------------------------------------------


async def test_from_marks_to_picker_to_card_to_job(runtime: FakeRuntime) -> None:
    async with running(runtime) as (app, pilot):
        await pilot.press("slash", *"compute1", "enter", "asterisk", "R")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        await pilot.press("enter")
        await until(pilot, lambda: has_card(app))
        text = screen_text(app)
        for words in ("rolling restart", "3 steps in 2 batches", "canary 1 < >", "supervisorctl restart wk-compute"):
            assert words in text
        assert [step.target.node for step in card_of(app).plan.steps if "compute1" in step.target.node]
        await pilot.press(*"aen-prod", "enter")
        await until(pilot, lambda: app.screen is app.main and app.main.active == 7)
        (work,) = started(runtime)
        assert {step.target.node for step in work.plan.steps} == {"compute1-1", "compute1-2", "compute1-3"}
        assert panel_of(app).chosen is not None
        assert panel_of(app).chosen.id == work.plan.id  # type: ignore[union-attr]


async def test_without_marks_it_is_the_data_center(runtime: FakeRuntime) -> None:
    async with running(runtime) as (app, pilot):
        await pilot.press("slash", *"compute2-2", "enter", "R")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        assert "4 nodes" in screen_text(app)


async def test_the_node_page_rolls_its_service_over_the_data_center(runtime: FakeRuntime) -> None:
    async with running(runtime) as (app, pilot):
        run_line(app, "node compute1-2")
        await until(pilot, lambda: app.screen is not app.main)
        await pilot.press("R")
        await until(pilot, lambda: has_card(app))
        assert {step.target.node for step in card_of(app).plan.steps} == {"compute1-1", "compute1-2", "compute1-3"}


async def test_other_sizes_are_another_plan(runtime: FakeRuntime) -> None:
    async with running(runtime, (100, 50)) as (app, pilot):
        run_line(app, "restart @compute/wk-compute --rolling --batch 3 --canary=0 --max-failures 1")
        await until(pilot, lambda: has_card(app))
        assert card_of(app).rolling.settings == RollingSettings(0, 3, 1)
        assert "6 steps in 2 batches: 3 at a time" in screen_text(app)
        await pilot.press("minus", "greater_than_sign", "left_square_bracket")
        await until(pilot, lambda: has_card(app))
        assert card_of(app).rolling.settings == RollingSettings(1, 2, 0)
        assert "6 steps in 4 batches: first 1, then 2 at a time" in screen_text(app)
        await pilot.press("minus", "minus")
        await until(pilot, lambda: "cannot be" in screen_text(app))
        assert card_of(app).rolling.settings.batch == 1
        await pilot.press("enter")
        assert started(runtime) == []


async def test_everything_in_the_order_of_dependence(runtime: FakeRuntime) -> None:
    async with running(runtime, (120, 60)) as (app, pilot):
        run_line(app, "restart @all/everything")
        await until(pilot, lambda: has_card(app))
        labels = list(dict.fromkeys(batch.label for batch in card_of(app).rolling.batches))
        assert labels.index("stop computes") < labels.index("stop gateways") < labels.index("stop server")
        assert labels.index("start server") < labels.index("start gateways") < labels.index("start computes")
        assert "stop computes" in screen_text(app)
        assert "mongod and elasticsearch" not in started(runtime)
        await pilot.press(*"aen-prod", "enter")
        await until(pilot, lambda: app.main.active == 7)
        assert started(runtime), "what is stopped first is not taken for a change"


async def test_a_node_that_is_not_up_is_left_out_by_name(runtime: FakeRuntime) -> None:
    runtime.change("compute2-3", connection=Connection(state=LinkState.TIMEOUT, since=0.0))
    async with running(runtime, (120, 60)) as (app, pilot):
        run_line(app, "restart @compute/wk-compute --rolling")
        await until(pilot, lambda: has_card(app))
        assert card_of(app).rolling.left_out == ("compute2-3/wk-compute",)
        assert "compute2-3/wk-compute: not in this run, it stays on the list" in screen_text(app)
        await pilot.press("escape")
        run_line(app, "restart @all/everything")
        await until(pilot, lambda: "not up: compute2-3" in told(app))
        assert app.screen is app.main


async def test_what_changed_is_asked_again(runtime: FakeRuntime) -> None:
    async with running(runtime, (120, 60)) as (app, pilot):
        run_line(app, "restart @compute/wk-compute --rolling")
        await until(pilot, lambda: has_card(app))
        node = runtime.store.node(NodeName("compute1-1"))
        services = tuple(replace(one, pid=99999) if one.name == "wk-compute" else one for one in node.services)
        runtime.change("compute1-1", services=services)
        await pilot.press(*"aen-prod", "enter")
        await until(pilot, lambda: "CHANGED since it was asked" in screen_text(app))
        assert started(runtime) == []
        await until(pilot, lambda: has_card(app))
        await pilot.press(*"aen-prod", "enter")
        await until(pilot, lambda: app.main.active == 7)
        assert len(started(runtime)) == 1


async def test_without_a_record_nothing_begins(runtime: FakeRuntime) -> None:
    async with running(runtime, (120, 60)) as (app, pilot):
        run_line(app, "restart @compute/wk-compute --rolling")
        await until(pilot, lambda: has_card(app))
        runtime.guard.audit_health = AuditHealth("the disk is full")
        await pilot.press(*"aen-prod", "enter")
        await until(pilot, lambda: "REFUSED: the disk is full" in screen_text(app))
        assert started(runtime) == []


@pytest.mark.parametrize(
    "line",
    [
        "restart @compute/wk-compute --batch 2",
        "restart @compute/wk-compute --rolling --batch",
        "restart @compute/wk-compute --rolling --batch=x",
        "restart @compute/wk-compute --rolling --batch -1",
        "restart @compute/wk-compute --gently",
        "restart --rolling",
        "restart @all/everything @compute",
        "restart @compute/nothing --rolling",
    ],
)
async def test_wrong_lines_are_said(runtime: FakeRuntime, line: str) -> None:
    async with running(runtime) as (app, _pilot):
        with pytest.raises(AenError):
            run_line(app, line)


async def test_read_only_opens_no_card(tmp_path: Path) -> None:
    runtime = FakeRuntime(history_samples=0, audit_folder=tmp_path, read_only=True)
    async with running(runtime) as (app, pilot):
        run_line(app, "restart @compute/wk-compute --rolling")
        await until(pilot, lambda: "READ-ONLY: nothing" in told(app))
        assert app.screen is app.main


async def test_a_word_that_comes_in_one_burst_is_typed_whole(runtime: FakeRuntime) -> None:
    """Its later letters were sent to where the focus was: none of them is a key."""
    async with running(runtime, (120, 60)) as (app, pilot):
        run_line(app, "restart @compute/wk-compute --rolling")
        await until(pilot, lambda: has_card(app))
        driver = app._driver
        assert driver is not None
        for letter in "aen-prod":
            event = events.Key("minus" if letter == "-" else letter, letter)
            event.set_sender(app)
            driver.send_message(event)
        await until(pilot, lambda: app.screen.query_one(WordInput).value == "aen-prod")
        assert card_of(app).rolling.settings.batch == 2

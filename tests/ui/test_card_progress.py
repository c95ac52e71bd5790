"""A card once it was confirmed: claimed, verified, failed, and what is said when it was closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.actions.planning import make_plan
from aen_tui.actions.scene import Scene
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Known, PlanEvent, Result, Target
from aen_tui.ui.presentation import progress_text
from aen_tui.ui.presentation.fields import plain
from aen_tui.ui.presentation.plan_progress import PlanProgress
from aen_tui.ui.screens.card import CardScreen
from tests.support.screen import screen_text, until
from tests.support.states import NOW_MONOTONIC, FakeRuntime, cluster_state, inventory, service
from tests.ui.card_stage import COMPUTE, PROVED, ROLLING, Host, open_card, started


@pytest.fixture
def runtime() -> Any:
    return FakeRuntime()


def unwrapped(app: Any) -> str:
    """What the card says, as one line."""
    return " ".join(screen_text(app).replace("│", " ").split())


async def test_progress_from_claimed_to_verified_to_failed(runtime: Any) -> None:
    async with Host(runtime).run_test(size=(100, 30)) as pilot:
        card = await open_card(pilot, runtime)
        step = card.plan.steps[0]
        await pilot.press("y")
        await until(pilot, lambda: started(runtime))
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
        told = unwrapped(pilot.app)
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
        await until(pilot, lambda: started(runtime))
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
        await until(pilot, lambda: f"seen by env LC_ALL=C {' '.join(proof)}" in unwrapped(pilot.app))
        await pilot.press("y")
        await until(pilot, lambda: started(runtime))
        runtime.emit(PlanEvent("step-started", None, step))
        asked = replace(step, before=Known("RUNNING", 71, None, 10.0, 1.0))
        runtime.emit(PlanEvent("step-finished", Result.CLAIMED, asked))
        runtime.emit(PlanEvent("verified", Result.VERIFIED, asked, 4242))
        runtime.finish(Result.VERIFIED)
        await until(pilot, lambda: "pid 71 → 4242" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "VERIFIED" in text
        assert "rests on" in text
        assert "watched for" not in text


async def test_a_refusal_of_the_runtime_is_the_result(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        await open_card(pilot, runtime)
        await pilot.press("y")
        await until(pilot, lambda: started(runtime))
        runtime.emit(PlanEvent("finished", Result.REFUSED, error="another plan is being carried out on compute1-1"))
        await until(pilot, lambda: "another plan is being carried out" in screen_text(pilot.app))
        assert "REFUSED" in screen_text(pilot.app)


async def test_a_plan_stops_at_the_first_that_fails(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime, *ROLLING)
        await pilot.press(*"aen-prod", "enter")
        await until(pilot, lambda: started(runtime))
        runtime.emit(PlanEvent("verified", Result.FAILED, card.plan.steps[0], error="FATAL: Exited too quickly"))
        runtime.finish(Result.FAILED)
        await until(pilot, lambda: "not run" in screen_text(pilot.app))
        assert "FATAL: Exited too quickly" in screen_text(pilot.app)
        assert "FAILED" in screen_text(pilot.app)


async def test_unverified_is_a_word_of_its_own(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        card = await open_card(pilot, runtime)
        await pilot.press("y")
        await until(pilot, lambda: started(runtime))
        step = card.plan.steps[0]
        runtime.emit(PlanEvent("step-finished", Result.CLAIMED, step))
        runtime.emit(PlanEvent("finished", Result.UNVERIFIED, error="no frame came for 30 s"))
        await until(pilot, lambda: "UNVERIFIED" in screen_text(pilot.app))
        assert "no frame came for 30 s" in screen_text(pilot.app)


async def test_a_closed_card_leaves_its_result_as_a_notification(runtime: Any) -> None:
    async with Host(runtime).run_test() as pilot:
        await open_card(pilot, runtime)
        await pilot.press("y")
        await until(pilot, lambda: started(runtime))
        await pilot.press("escape")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 1)
        runtime.finish(Result.FAILED)
        await until(pilot, lambda: any("FAILED" in note.message for note in pilot.app._notifications))


def test_what_a_reread_printed_is_shown() -> None:
    whole = Target(NodeName("compute1-1"), "wakari-compute", "supervisor", "wakari-compute")
    listed = inventory()
    scene = Scene(listed, cluster_state(of=listed, problems=False), NOW_MONOTONIC)
    plan = make_plan(scene, ActionName.REREAD, [whole], plan_id="p")
    progress = PlanProgress(plan, NOW_MONOTONIC)
    for event in (
        PlanEvent("step-started", step=plan.steps[0]),
        PlanEvent("step-finished", Result.CLAIMED, plan.steps[0], lines=("wk-new: [available]",)),
        PlanEvent("verified", Result.VERIFIED, plan.steps[0]),
    ):
        progress.take(event, NOW_MONOTONIC)
    rows = [plain(row.value) for row in progress_text.fields(progress, NOW_MONOTONIC, 30.0)]
    assert "  ▏ wk-new: [available]" in rows

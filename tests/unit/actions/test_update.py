"""update: only what `reread` said and somebody saw is applied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.actions.claims import announcements, claim
from aen_tui.actions.planning import make_plan
from aen_tui.actions.preflight import refusal_of
from aen_tui.actions.scene import Announced, Scene
from aen_tui.actions.update import KEPT_SECONDS
from aen_tui.errors import NothingToDoError
from aen_tui.model.command import CommandResult
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Target
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory

SERVER = Target(NodeName("aen-server"), "wakari-server", "supervisor", "wakari-server")
COMPUTE = Target(NodeName("compute1-1"), "wakari-compute", "supervisor", "wakari-compute")
LINES = ("wk-new: available", "worker: changed")


def planned(*targets: Target, **announced: Announced) -> Plan:
    """Update; `server` and `compute` are what was shown of them."""
    listed = inventory()
    shown = {{"server": SERVER, "compute": COMPUTE}[name]: one for name, one in announced.items()}
    scene = Scene(listed, cluster_state(of=listed, problems=False), NOW_MONOTONIC, announced=shown)
    return make_plan(scene, ActionName.UPDATE, targets, plan_id="p")


def test_what_was_not_shown_is_not_applied() -> None:
    assert "not shown yet: `reread` says it" in (refusal_of(planned(SERVER)) or "")


def test_what_was_shown_stands_on_the_card_and_must_be_said_again() -> None:
    plan = planned(SERVER, server=Announced(LINES, NOW_MONOTONIC - 60))
    assert refusal_of(plan) is None
    assert plan.steps[1].note == "applies: wk-new: available; worker: changed"
    said = CommandResult(plan.steps[0].argv, 0, "worker: changed\nwk-new: available\n")
    assert claim(plan.steps[0], said).is_ok is True
    other = claim(plan.steps[0], replace(said, output="wk-new: available\nworker: changed\nwk-server: changed\n"))
    assert other.is_ok is False
    assert "something else than was shown" in (other.error or "")


def test_what_was_shown_long_ago_is_shown_anew() -> None:
    plan = planned(SERVER, server=Announced(LINES, NOW_MONOTONIC - KEPT_SECONDS - 1))
    assert refusal_of(plan) is not None


def test_where_nothing_would_change_there_is_no_plan() -> None:
    with pytest.raises(NothingToDoError, match="nothing would change on aen-server/wakari-server"):
        planned(SERVER, server=Announced((), NOW_MONOTONIC))


def test_of_several_those_with_nothing_to_apply_are_left_out_and_named() -> None:
    plan = planned(SERVER, COMPUTE, server=Announced(LINES, NOW_MONOTONIC), compute=Announced((), NOW_MONOTONIC))
    assert {step.target for step in plan.steps} == {SERVER}
    assert any("nothing would change on compute1-1" in sentence for sentence in plan.blast_radius)


def test_only_announcements_count_as_such() -> None:
    assert announcements(["warning: x", " worker: changed ", "No config updates to processes"]) == ("worker: changed",)


@pytest.mark.parametrize("startsecs", [None, 90.0])
def test_a_changed_program_has_the_time_that_it_takes_to_start(startsecs: float | None) -> None:
    listed = inventory()
    state = cluster_state(of=listed, problems=False)
    node = state.nodes[SERVER.node]
    rows = tuple(replace(one, startsecs=startsecs) if one.name == "worker" else one for one in node.services)
    nodes = {**state.nodes, SERVER.node: replace(node, services=rows)}
    scene = Scene(
        listed, replace(state, nodes=nodes), NOW_MONOTONIC, announced={SERVER: Announced(LINES, NOW_MONOTONIC)}
    )
    step = make_plan(scene, ActionName.UPDATE, (SERVER,), plan_id="p").steps[1]
    assert step.hold_seconds == (startsecs or 3.0)

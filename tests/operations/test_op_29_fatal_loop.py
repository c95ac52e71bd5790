"""29: what clears a FATAL loop is `start`; supervisorctl's `clear`, which deletes logs, is never sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.actions.planning import make_plan
from aen_tui.actions.registry import actions
from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import ClusterState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Target
from aen_tui.ui.screens.action_menu import entries
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory, service

SERVER = NodeName("aen-server")
WK_SERVER = Target(SERVER, "wk-server", "supervisor", "wakari-server")
NGINX = Target(SERVER, "nginx", "sysv")


def in_state(state: str) -> tuple[Scene, ClusterState]:
    listed = inventory()
    made = cluster_state(of=listed, problems=False)
    node = made.nodes[SERVER]
    services = tuple(
        service(one.name, one.supervisor, state, pid=None) if one.name == "wk-server" else one for one in node.services
    )
    made = replace(made, nodes={**made.nodes, SERVER: replace(node, services=services)})
    return Scene(listed, made, NOW_MONOTONIC), made


def test_a_fatal_loop_is_cleared_by_start() -> None:
    scene, state = in_state("FATAL")
    plan = make_plan(scene, ActionName.START, [WK_SERVER], plan_id="p")
    assert plan.steps[0].argv[-2:] == ("start", "wk-server")
    first = entries(state, [SERVER], [WK_SERVER])[0]
    assert first.action is ActionName.START


def test_what_supervisor_starts_by_itself_is_not_started() -> None:
    scene, _ = in_state("BACKOFF")
    with pytest.raises(PlanRefusedError, match="BACKOFF"):
        make_plan(scene, ActionName.START, [WK_SERVER], plan_id="p")


@pytest.mark.parametrize("state", ["RUNNING", "FATAL", "BACKOFF", "EXITED", "STOPPED", "unknown"])
def test_clear_is_never_sent(state: str) -> None:
    scene, _ = in_state(state)
    planned = 0
    for name, action in actions().items():
        target = (
            Target(SERVER, "wakari-server", "supervisor", "wakari-server") if action.is_whole_supervisor else WK_SERVER
        )
        if name is ActionName.RELOAD_NGINX:
            target = NGINX
        try:
            plan = make_plan(scene, name, [target], plan_id="p")
        except PlanRefusedError:
            continue
        planned += 1
        for step in plan.steps:
            assert not {"clear", "maintail", "shutdown"} & {*step.argv, *step.proof_argv}
    assert planned

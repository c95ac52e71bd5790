"""What is against a plan, by what was read on its nodes (ops 7; a service does not start on broken JSON)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.actions.planning import make_plan
from aen_tui.actions.preconditions import component_of, with_configuration, with_journal_space
from aen_tui.actions.preflight import refusal_of
from aen_tui.actions.scene import Announced, Scene
from aen_tui.model.facts import Disk, Metrics, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.node_facts import ConfigFile
from aen_tui.model.plans import ActionName, Plan, Target
from aen_tui.model.reading import Reading
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory, service

SERVER = NodeName("aen-server")
WK_SERVER = Target(SERVER, "wk-server", "supervisor", "wakari-server")
WHOLE = Target(SERVER, "wakari-server", "sysv")
BY_ROOT = Target(SERVER, "wakari-server-root", "sysv")
MONGOD = Target(SERVER, "mongod", "sysv")
MIB = 1024 * 1024
BROKEN = ConfigFile("server", "/x/config.json", "syntax", "a comma before the closing bracket", 12)
CLOSED = ConfigFile("server", "/x/secret.json", "unreadable", "permission denied")


def node(free: int | None = None) -> NodeState:
    made = cluster_state(of=inventory(), problems=False).nodes[SERVER]
    names = {one.name for one in made.services}
    more = [service(name, None) for name in ("mongod", "wakari-server", "wakari-server-root") if name not in names]
    disks = () if free is None else (Disk("/var/lib/mongo", "xfs", 1, free, 2, 50.0, 1.0, False),)
    metrics = made.metrics.value
    assert metrics is not None
    return replace(
        made,
        services=(*made.services, *more),
        metrics=Reading(replace(metrics, disks=disks), NOW_MONOTONIC) if isinstance(metrics, Metrics) else made.metrics,
    )


def planned(action: ActionName, target: Target, of: NodeState | None = None) -> Plan:
    listed = inventory()
    state = cluster_state(of=listed, problems=False)
    state = replace(state, nodes={**state.nodes, SERVER: of or node()})
    return make_plan(Scene(listed, state, NOW_MONOTONIC), action, [target], plan_id="p")


@pytest.mark.parametrize("target", [WK_SERVER, WHOLE, BY_ROOT])
def test_a_syntax_error_refuses_the_restart_and_says_file_and_line(target: Target) -> None:
    plan = with_configuration(planned(ActionName.RESTART, target), {SERVER: [CLOSED, BROKEN]})
    assert refusal_of(plan) == (
        "aen-server: /x/config.json, line 12: a comma before the closing bracket: it would not start"
    )


@pytest.mark.parametrize(("line", "is_refused"), [("wk-server: changed", True), ("old: disappeared", False)])
def test_an_update_that_begins_a_program_wants_its_files_to_be_json(line: str, is_refused: bool) -> None:
    supervisord = Target(SERVER, "wakari-server", "supervisor", "wakari-server")
    listed = inventory()
    state = cluster_state(of=listed, problems=False)
    scene = Scene(listed, state, NOW_MONOTONIC, announced={supervisord: Announced((line,), NOW_MONOTONIC)})
    plan = make_plan(scene, ActionName.UPDATE, [supervisord], plan_id="p")
    refusal = refusal_of(with_configuration(plan, {SERVER: [BROKEN]}))
    assert (refusal is not None) is is_refused


def test_a_stop_and_another_components_file_are_nothing_against_it() -> None:
    assert component_of(planned(ActionName.STOP, WK_SERVER).steps[0]) is None
    plan = with_configuration(planned(ActionName.RESTART, WK_SERVER), {SERVER: [replace(BROKEN, component="compute")]})
    assert refusal_of(plan) is None
    assert component_of(planned(ActionName.RESTART, Target(SERVER, "nginx", "sysv")).steps[0]) is None


def test_what_could_not_be_read_is_said() -> None:
    plan = with_configuration(planned(ActionName.RESTART, WK_SERVER), {SERVER: [CLOSED]})
    assert refusal_of(plan) is None
    assert plan.steps[0].note == "configuration not checked: /x/secret.json: permission denied"


@pytest.mark.parametrize("action", [ActionName.RESTART, ActionName.STOP])
@pytest.mark.parametrize(
    ("free", "is_refused", "note"),
    [
        (4000 * MIB, False, ""),
        (3378 * MIB, False, "unless it is set to smallfiles"),
        (127 * MIB, True, ""),
        (None, False, "is not known"),
    ],
)
def test_mongod_is_ended_only_where_it_can_begin_again(
    action: ActionName, free: int | None, is_refused: bool, note: str
) -> None:
    place = node(free)
    plan = with_journal_space(planned(action, MONGOD, place), {SERVER: place})
    assert (refusal_of(plan) is not None) is is_refused
    assert note in plan.steps[0].note
    assert plan.steps[0].deadline_seconds == 330
    assert "never killed" in plan.steps[0].expect

"""The whole installation in the order of dependence (ops 28)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.actions.order import make_whole_plan
from aen_tui.actions.rolling_text import rolling_text
from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import ClusterState
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Risk, Target
from aen_tui.model.rolling import RollingPlan
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory, service

LISTED = inventory(2, 4)
MONGOD = Target(NodeName("aen-server"), "mongod", "sysv")
SYSV = {"aen-server": "wakari-server", "gateway1": "wakari-gateway", "compute1-2": "wakari-compute"}


def state(**states: str) -> ClusterState:
    """Three nodes have SysV services, on the others the programs are all there is; `states` by `node__service`."""
    found = cluster_state(of=LISTED, problems=False)
    nodes = dict(found.nodes)
    for name, sysv in SYSV.items():
        node = nodes[NodeName(name)]
        nodes[node.name] = replace(node, services=(*node.services, service(sysv, None)))
    for word, new in states.items():
        name, _, wanted = word.replace("_", "-").partition("--")
        node = nodes[NodeName(name)]
        changed = tuple(replace(one, state=new, pid=None) if one.name == wanted else one for one in node.services)
        nodes[node.name] = replace(node, services=changed)
    return replace(found, nodes=nodes)


def plan(
    action: ActionName = ActionName.RESTART, *also: Target, of: ClusterState | None = None, batch: int = 2
) -> RollingPlan:
    scene = Scene(LISTED, of or state(), NOW_MONOTONIC)
    sizes = RollingSettings(batch=batch)
    return make_whole_plan(scene, action, list(LISTED.nodes), sizes, plan_id="job1", also=also)


def words(rolling: RollingPlan) -> list[str]:
    return [
        f"{step.action.value} {step.target.service}" for batch in rolling.batches for step in rolling.steps_of(batch)
    ]


def test_down_from_the_computes_up_from_the_server() -> None:
    rolling = plan()
    labels = list(dict.fromkeys(batch.label for batch in rolling.batches))
    assert labels == [
        "stop computes", "stop gateways", "stop nginx", "stop server",
        "start server", "start nginx", "start gateways", "start computes",
    ]  # fmt: skip
    down = [step for step in rolling.plan.steps if step.action is ActionName.STOP]
    up = [step for step in rolling.plan.steps if step.action is ActionName.START]
    assert {step.target for step in down} == {step.target for step in up}
    assert {step.target.manager for step in up if step.target.node in SYSV} == {"sysv"}
    assert {step.target.manager for step in up if step.target.node == "gateway2"} == {"supervisor"}
    assert not any(step.target.service in ("mongod", "elasticsearch") for step in rolling.plan.steps)
    assert "elasticsearch and mongod stay as they are; name them to include them" in rolling.notes
    assert (rolling.plan.risk, rolling.plan.word) == (Risk.WORD, "aen-prod")


def test_stores_that_are_named_go_down_last_and_come_up_first() -> None:
    found = words(plan(ActionName.RESTART, MONGOD))
    middle = found.index("stop mongod")
    assert found[middle - 1 : middle + 3] == [
        "stop wakari-server", "stop mongod", "start mongod", "start wakari-server",
    ]  # fmt: skip
    assert "stop elasticsearch" not in found


def test_the_servers_own_url_is_no_proof_before_nginx_is_up_again() -> None:
    starts = {step.target.service: step for step in plan().plan.steps if step.action is ActionName.START}
    assert starts["wakari-server"].answers == "wk-server"
    assert starts["wakari-server"].document is None
    assert starts["nginx"].answers == "server"


def test_gateways_are_never_at_once_and_starts_are_gated() -> None:
    rolling = plan(batch=4)
    for batch in rolling.batches:
        assert batch.settles is batch.label.startswith("start")
        assert batch.follows is batch.label.startswith("start")
        assert sum(step.target.node.startswith("gateway") for step in rolling.steps_of(batch)) <= 1
    assert len(next(batch for batch in rolling.batches if batch.label == "stop computes").members) == 4


def test_what_is_down_already_is_only_started_and_said() -> None:
    rolling = plan(of=state(gateway1__wakari_gateway="STOPPED"))
    of_gateway = [step.action.value for step in rolling.plan.steps if step.target.node == "gateway1"]
    assert of_gateway == ["start"]
    assert "gateway1/wakari-gateway is STOPPED already: left as it is" in rolling.notes


def test_stop_and_start_are_halves_of_it() -> None:
    assert set(words(plan(ActionName.STOP))) == {word for word in words(plan()) if word.startswith("stop")}
    with pytest.raises(PlanRefusedError, match="RUNNING already"):
        plan(ActionName.START)
    down = {f"{name.replace('-', '_')}__{sysv.replace('-', '_')}": "STOPPED" for name, sysv in SYSV.items()}
    rolling = plan(ActionName.START, of=state(**down))
    assert words(rolling) == ["start wakari-server", "start wakari-gateway", "start wakari-compute"]
    assert not any(batch.follows for batch in rolling.batches)


def test_only_the_stores_are_named_beside_it() -> None:
    with pytest.raises(PlanRefusedError, match="nginx beside everything"):
        plan(ActionName.RESTART, Target(NodeName("aen-server"), "nginx", "sysv"))
    with pytest.raises(PlanRefusedError, match="reread cannot be done"):
        plan(ActionName.REREAD)


def test_the_text_shows_the_whole_order() -> None:
    rolling = plan()
    lines = rolling_text(rolling, NOW_MONOTONIC)
    targets = [line for line in lines if line.startswith("target")]
    assert len(targets) == len(rolling.plan.steps)
    assert sum("once it is stopped" in line for line in targets) == len(targets) / 2
    text = "\n".join(lines)
    assert "sudo -n /sbin/service wakari-gateway stop" in text
    assert "sudo -n /sbin/service wakari-gateway start" in text


def test_the_whole_installation_is_never_idle() -> None:
    scene = Scene(LISTED, state(), NOW_MONOTONIC)
    with pytest.raises(PlanRefusedError, match="goes down with what runs on it"):
        make_whole_plan(scene, ActionName.RESTART, list(LISTED.nodes), RollingSettings(idle_only=True), plan_id="job1")

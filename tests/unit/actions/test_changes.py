"""Whether a target is as it was when its plan was made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.actions.changes import change
from aen_tui.actions.planning import make_plan
from aen_tui.actions.scene import Scene
from aen_tui.model.facts import NodeState, ServiceState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Step, Target
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory, service

LISTED = inventory(1, 1)
NAME = NodeName("aen-server")
SYSV = Target(NAME, "wakari-server", "sysv")
PROGRAM = Target(NAME, "worker", "supervisor", "wakari-server")


def node_with(target: Target, state: str, pid: int | None) -> NodeState:
    """The server, with a target that is so."""
    node = cluster_state(of=LISTED, problems=False).nodes[NAME]

    def is_it(one: ServiceState) -> bool:
        return (one.name, one.supervisor) == (target.service, target.supervisor)

    others = tuple(one for one in node.services if not is_it(one))
    return replace(node, services=(*others, service(target.service, target.supervisor, state, pid=pid)))


def planned(target: Target, action: ActionName, state: str, pid: int | None) -> Step:
    found = cluster_state(of=LISTED, problems=False)
    found = replace(found, nodes={**found.nodes, NAME: node_with(target, state, pid)})
    (step,) = make_plan(Scene(LISTED, found, NOW_MONOTONIC), action, [target], plan_id="one").steps
    return step


@pytest.mark.parametrize(("was", "now"), [("EXITED", "STOPPED"), ("STOPPED", "EXITED")])
def test_a_service_that_is_down_is_as_it_was_whatever_it_is_called(was: str, now: str) -> None:
    """Its process is seen to be gone first; that it was stopped, `status` says a moment later."""
    assert change(planned(SYSV, ActionName.START, was, None), node_with(SYSV, now, None)) is None


@pytest.mark.parametrize(
    ("state", "pid"),
    [("RUNNING", 7), ("RUNNING", None), ("EXITED", 7), ("STOPPED", 7), ("unknown", None), ("absent", None)],
)
def test_a_service_that_was_down_and_may_not_be_is_another(state: str, pid: int | None) -> None:
    for was in ("EXITED", "STOPPED"):
        found = change(planned(SYSV, ActionName.START, was, None), node_with(SYSV, state, pid))
        assert found is not None
        assert found.startswith(f"aen-server/wakari-server: it was {was}, no pid, it is {state}")


@pytest.mark.parametrize(("state", "pid"), [("RUNNING", 8), ("EXITED", None), ("STOPPED", None), ("STOPPED", 7)])
def test_a_service_that_ran_is_the_same_only_with_its_pid(state: str, pid: int | None) -> None:
    step = planned(SYSV, ActionName.RESTART, "RUNNING", 7)
    assert change(step, node_with(SYSV, "RUNNING", 7)) is None
    assert change(step, node_with(SYSV, state, pid)) is not None


@pytest.mark.parametrize(("was", "now"), [("EXITED", "STOPPED"), ("STOPPED", "EXITED"), ("EXITED", "FATAL")])
def test_of_a_program_supervisor_says_whether_somebody_stopped_it(was: str, now: str) -> None:
    assert change(planned(PROGRAM, ActionName.START, was, None), node_with(PROGRAM, was, None)) is None
    assert change(planned(PROGRAM, ActionName.START, was, None), node_with(PROGRAM, now, None)) is not None

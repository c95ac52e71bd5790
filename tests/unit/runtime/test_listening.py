"""A store's restart counts once something listens on its port again, where something did before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from aen_tui.actions.planning import make_plan
from aen_tui.actions.scene import Scene
from aen_tui.model.facts import NodeState, PortState, StoreState
from aen_tui.model.plans import ActionName, Known, Result, Step, Target
from aen_tui.runtime.proofs.new_pid import NewPid
from aen_tui.runtime.proofs.watching import Verdict
from aen_tui.runtime.verifier import VERIFY_SECONDS, proof_seconds
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory, service
from tests.support.steps import SERVER
from tests.unit.runtime.test_received import Rig, sample

PORTS = {"mongod": 27017, "elasticsearch": 9200}
UNHEARD = PortState(False, 1.0, has_listened=False)
NOTHING: Mapping[str, StoreState] = {}


def planned(
    name: str, port: PortState, action: ActionName = ActionName.RESTART, stores: Mapping[str, StoreState] = NOTHING
) -> Step:
    """The step for a store on a node whose port is so."""
    listed = inventory()
    state = cluster_state(of=listed, problems=False)
    own = service(name, None, "RUNNING", pid=100, seen_at=1.0)
    node = replace(state.nodes[SERVER], services=(own,), ports={PORTS[name]: port}, stores=stores)
    scene = Scene(listed, replace(state, nodes={**state.nodes, SERVER: node}), NOW_MONOTONIC)
    (step,) = make_plan(scene, action, [Target(SERVER, name, "sysv")], plan_id="p").steps
    return step


def listening(listens: bool = True, at: float = 1.0) -> PortState:
    return PortState(listens, at, has_listened=True)


@pytest.mark.parametrize(("name", "port"), PORTS.items())
def test_the_port_that_was_listened_on_is_part_of_the_proof(name: str, port: int) -> None:
    step = planned(name, listening())
    assert step.listens == port
    assert f"something listens on port {port}" in step.expect
    assert proof_seconds(step) > VERIFY_SECONDS
    stopped = planned(name, listening(), ActionName.STOP)
    assert (stopped.listens, stopped.not_asked) == (None, ())


def test_a_port_on_which_nothing_ever_listened_is_said_not_to_be_asked() -> None:
    step = planned("elasticsearch", UNHEARD)
    assert step.listens is None
    assert step.not_asked == ("port 9200: nothing was seen to listen there",)
    again = planned("elasticsearch", listening(listens=False))
    assert again.listens == 9200, "it is down, and was seen to listen in this run"


def answering(answered_at: float | None, seen_at: float) -> StoreState:
    """MongoDB as it was looked at; down where its last answer is older."""
    is_up = answered_at == seen_at
    error = None if is_up else "nothing listens on 10.0.0.5:27017"
    state = "up" if is_up else "down"
    return StoreState(state, error=error, seen_at=seen_at, answered_at=answered_at, address="10.0.0.5:27017")


def test_where_only_the_store_s_answer_was_seen_that_is_the_proof() -> None:
    step = planned("mongod", UNHEARD, stores={"mongodb": answering(1.0, 5.0)})
    assert (step.listens, step.store, step.not_asked) == (None, "mongodb", ())
    assert "mongodb answers on 10.0.0.5:27017" in step.expect
    assert proof_seconds(step) > VERIFY_SECONDS
    assert planned("mongod", listening(), stores={"mongodb": answering(1.0, 5.0)}).store is None
    assert planned("mongod", UNHEARD, stores={"mongodb": answering(None, 5.0)}).store is None
    assert planned("elasticsearch", UNHEARD, stores={"mongodb": answering(1.0, 5.0)}).store is None
    assert planned("mongod", UNHEARD, ActionName.STOP, stores={"mongodb": answering(1.0, 5.0)}).store is None

    def frames(*looks: StoreState) -> Verdict:
        shown = (seen(at, UNHEARD, look) for at, look in zip((1.0, 3.0, 5.0, 9.0), looks, strict=True))
        return judged(*shown, step=step)

    of_the_old_one = answering(0.5, 0.5)
    assert frames(*[of_the_old_one] * 4).result is Result.UNVERIFIED
    mute = frames(of_the_old_one, *[answering(0.5, 2.5)] * 3)
    assert mute.result is Result.FAILED
    assert "mongodb does not answer: nothing listens on 10.0.0.5:27017" in (mute.error or "")
    late = frames(of_the_old_one, *[answering(0.5, 2.5)] * 2, answering(8.5, 8.5))
    assert late.result is Result.VERIFIED
    assert "mongodb answered on 10.0.0.5:27017" in late.rests_on


def seen(at: float, port: PortState, store: StoreState | None = None) -> NodeState:
    shown = service("mongod", None, "RUNNING", pid=200, seen_at=at)
    node = cluster_state(of=inventory(), problems=False).nodes[SERVER]
    stores = {} if store is None else {"mongodb": store}
    return replace(node, services=(shown,), ports={27017: port}, stores=stores)


def judged(*frames: NodeState, step: Step | None = None) -> Verdict:
    step = replace(step or planned("mongod", listening()), before=Known("RUNNING", 100, None, None, 0.5))
    watcher = NewPid(step, 0.0)
    for frame in frames:
        found = watcher.look(frame, frame.services[0].seen_at or 0.0)
        if found is not None:
            return found
    return watcher.too_late(frames[-1])


def test_a_store_that_runs_and_does_not_listen_is_no_success() -> None:
    deaf = judged(*(seen(at, listening(listens=False, at=at)) for at in (1.0, 3.0, 5.0, 9.0)))
    assert deaf.result is Result.FAILED
    assert "nothing listens on port 27017" in (deaf.error or "")
    of_the_old_one = judged(*(seen(at, listening(at=0.5)) for at in (1.0, 3.0, 5.0)))
    assert of_the_old_one.result is Result.UNVERIFIED
    late = judged(*(seen(at, listening(listens=at > 8, at=at)) for at in (1.0, 3.0, 5.0, 9.0)))
    assert late.result is Result.VERIFIED
    assert "something listens on port 27017" in late.rests_on


def test_ports_come_with_frames_and_keep_what_was_seen_of_them() -> None:
    rig = Rig("aen-server")
    seen_ports = []
    for said in ({"ports": {"9200": True}}, {"same": ["ports"]}, {"ports": {"9200": False}}, {}):
        rig.clock.now += 2
        rig.send("S", **sample(**said))
        port = rig.store.node(rig.name).ports[9200]
        seen_ports.append((port.listens, port.seen_at, port.has_listened))
    assert seen_ports == [(True, 102.0, True), (True, 104.0, True), (False, 106.0, True), (False, 106.0, True)]

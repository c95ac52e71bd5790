"""What is tried on a compute node: exact commands, who runs them, what is against them, what the card says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.actions.card_text import CLEAN_UP, card_text
from aen_tui.actions.claims import claim
from aen_tui.actions.planning import make_plan
from aen_tui.actions.preflight import refusal_of
from aen_tui.actions.rolling import make_rolling_plan
from aen_tui.actions.scene import Scene
from aen_tui.actions.trials import trial_target, trial_targets
from aen_tui.actions.try_acl import with_owners
from aen_tui.actions.try_clone import RoomForClone, with_room
from aen_tui.errors import PlanRefusedError
from aen_tui.model.command import CommandResult
from aen_tui.model.facts import ClusterState
from aen_tui.model.install_facts import Placed
from aen_tui.model.inventory import RollingSettings
from aen_tui.model.node import Become, NodeName
from aen_tui.model.plans import ActionName, Plan, Proof, Risk, Step
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory

COMPUTE = NodeName("compute1-1")
CLONE = "/opt/wakari/test_default"
AS_ACCOUNT = ("sudo", "-n", "-u", "wakari")
GB = 10**9
ROOTS = Placed("folder", 0, "root", 0o755)


def state_with(**spec: Any) -> ClusterState:
    state = cluster_state(of=inventory(), problems=False)
    node = state.nodes[COMPUTE]
    return replace(state, nodes={**state.nodes, COMPUTE: replace(node, spec=replace(node.spec, **spec))})


def planned(action: ActionName, node: NodeName = COMPUTE, **spec: Any) -> Plan:
    scene = Scene(inventory(), state_with(**spec), NOW_MONOTONIC)
    return make_plan(scene, action, [trial_target(action, node)], plan_id="p")


def placed(place: Placed | None, **spec: Any) -> Plan:
    places = {} if place is None else {COMPUTE: place}
    return with_owners(planned(ActionName.TRY_ACL, **spec), state_with(**spec).nodes, places, {COMPUTE: "it is away"})


def roomy(room: RoomForClone) -> Plan:
    specs = {name: node.spec for name, node in state_with().nodes.items()}
    return with_room(planned(ActionName.TRY_CLONE), {COMPUTE: room}, specs)


def test_acls_are_tried_with_a_folder_of_an_unguessable_name() -> None:
    plan, other = planned(ActionName.TRY_ACL), planned(ActionName.TRY_ACL)
    folder = plan.steps[0].makes
    assert folder.startswith("/projects/.aen-tui-acl-") and len(folder.rpartition("-")[2]) == 32
    assert folder != other.steps[0].makes
    assert [step.argv for step in plan.steps] == [
        (*AS_ACCOUNT, "/bin/mkdir", "-m", "0700", folder),
        (*AS_ACCOUNT, "/usr/bin/setfacl", "-P", "-m", "u:nobody:r", folder),
        (*AS_ACCOUNT, "/usr/bin/getfacl", "-P", folder),
        (*AS_ACCOUNT, "/bin/rmdir", folder),
    ]
    assert [step.removes for step in plan.steps] == ["", "", "", folder]
    assert (plan.risk, plan.word) == (Risk.WORD, COMPUTE)


def test_the_clone_is_the_seeds_own_command_between_looks_and_removal() -> None:
    plan = planned(ActionName.TRY_CLONE)
    create = ("/opt/wakari/anaconda/bin/conda", "create", "-p", CLONE, "--clone", "root")
    is_gone = (*AS_ACCOUNT, "/usr/bin/test", "!", "-e", CLONE, "-a", "!", "-L", CLONE)
    pattern = f"[/]opt/wakari/anaconda/bin/conda create -p {CLONE} --clone root"
    assert [step.argv for step in plan.steps] == [
        is_gone,
        (*AS_ACCOUNT, *create),
        (*AS_ACCOUNT, f"{CLONE}/bin/python", "-V"),
        (*AS_ACCOUNT, "/usr/bin/test", "-d", f"{CLONE}/conda-meta"),
        (*AS_ACCOUNT, "/usr/bin/pkill", "-u", "wakari", "-f", pattern),
        (*AS_ACCOUNT, "/bin/rm", "-rf", CLONE),
        is_gone,
    ]
    assert [bool(step.removes) for step in plan.steps] == [False] * 4 + [True] * 3
    assert plan.steps[1].deadline_seconds == 1800.0


@pytest.mark.parametrize("action", [ActionName.TRY_ACL, ActionName.TRY_CLONE])
def test_the_card_says_which_steps_are_clean_ups_and_all_are_judged_by_their_words(action: ActionName) -> None:
    plan = planned(action)
    lines = card_text(plan, NOW_MONOTONIC)
    assert sum(line.endswith(CLEAN_UP) for line in lines) == sum(bool(step.removes) for step in plan.steps)
    assert any("but for clean-ups" in line for line in lines)
    assert {step.proof for step in plan.steps} == {Proof.OUTPUT}


@pytest.mark.parametrize(("action", "node"), [(ActionName.TRY_ACL, "aen-server"), (ActionName.TRY_CLONE, "gateway1")])
def test_only_computes_are_tried(action: ActionName, node: str) -> None:
    with pytest.raises(PlanRefusedError, match="is no compute node"):
        planned(action, NodeName(node))


def test_a_service_is_not_tried_and_nothing_is_rolled() -> None:
    with pytest.raises(PlanRefusedError, match="is about compute1-1 itself"):
        trial_targets(ActionName.TRY_ACL, [(COMPUTE, False)])
    scene = Scene(inventory(), state_with(), NOW_MONOTONIC)
    with pytest.raises(PlanRefusedError, match="is not rolled"):
        targets = [trial_target(ActionName.TRY_ACL, COMPUTE)]
        make_rolling_plan(scene, ActionName.TRY_ACL, targets, RollingSettings(), plan_id="p")


def test_without_sudo_it_is_refused() -> None:
    with pytest.raises(PlanRefusedError, match="become = never"):
        planned(ActionName.TRY_CLONE, become=Become.NEVER)


def test_acls_are_tried_as_root_where_root_owns_projects() -> None:
    plan = placed(ROOTS)
    assert {step.user for step in plan.steps} == {"root"}
    assert [step.argv[:3] for step in plan.steps][:2] == [
        ("sudo", "-n", "/bin/mkdir"),
        ("sudo", "-n", "/usr/bin/setfacl"),
    ]
    assert refusal_of(plan) is None
    own = placed(Placed("folder", 498, "wakari", 0o755))
    assert ({step.user for step in own.steps}, refusal_of(own)) == ({"wakari"}, None)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (replace(ROOTS, mode=0o777), "has mode 777"),
        (replace(ROOTS, mode=0o775), "has mode 775"),
        (replace(ROOTS, mode=0o1777), None),
        (Placed("folder", 7, "mallory", 0o755), "belongs to mallory"),
        (Placed("absent"), "is absent"),
        (Placed("file", 0, "root", 0o644), "is file"),
    ],
)
def test_where_others_could_put_something_in_its_place_it_is_refused(place: Placed, why: str | None) -> None:
    refusal = refusal_of(placed(place))
    assert refusal is None if why is None else why in (refusal or "")


def test_an_owner_that_was_not_seen_is_said() -> None:
    plan = placed(None)
    assert "it is away: as wakari" in plan.steps[0].note
    assert refusal_of(plan) is None


@pytest.mark.parametrize(
    ("room", "refusal", "note"),
    [
        (RoomForClone(ROOTS, 3 * GB, True, 9 * GB), "is there already, of root: it is not touched", ""),
        (RoomForClone(Placed("absent"), 3 * GB, True, 2 * GB), "has 3.0 GB, and 2.0 GB are free", ""),
        (RoomForClone(Placed("absent"), 3 * GB, False, 2 * GB), "has at least 3.0 GB", ""),
        (RoomForClone(Placed("absent"), 3 * GB, True, 9 * GB), "", "writes 3.0 GB (9.0 GB are free)"),
        (RoomForClone(Placed("absent"), None, False, 9 * GB, "too slow"), "", "is not known (too slow): gigabytes"),
        (RoomForClone(error="it is away"), "", "is not known (it is away)"),
    ],
)
def test_a_clone_wants_an_empty_place_and_room(room: RoomForClone, refusal: str, note: str) -> None:
    plan = roomy(room)
    assert refusal in (refusal_of(plan) or "") and bool(refusal) == (refusal_of(plan) is not None)
    assert note in plan.steps[1].note


def step_of(action: ActionName, does: str) -> Step:
    return next(step for step in planned(action).steps if step.does == does)


@pytest.mark.parametrize(
    ("action", "does", "output", "status", "is_ok", "error"),
    [
        (ActionName.TRY_ACL, "read the ACL", "# owner: root\nuser::rwx\nuser:nobody:r--\nother::---", 0, True, ""),
        (ActionName.TRY_ACL, "read the ACL", "user:nobody:r--\t#effective:---", 0, True, ""),
        (ActionName.TRY_ACL, "read the ACL", "user::rwx\nother::---", 0, False, "no line begins `user:nobody:r--`"),
        (ActionName.TRY_ACL, "read the ACL", "", 0, False, "it said nothing"),
        (ActionName.TRY_ACL, "give it an ACL", "", 0, True, ""),
        (ActionName.TRY_ACL, "give it an ACL", "setfacl: /x: Operation not supported", 1, False, "no ACLs there: "),
        (ActionName.TRY_CLONE, "look for an older one", "", 1, False, f"not so: there is no {CLONE}"),
        (ActionName.TRY_CLONE, "its python", "Python 2.7.12", 0, True, ""),
        (ActionName.TRY_CLONE, "its python", "libpython2.7.so: cannot open", 127, False, "cannot open"),
        (ActionName.TRY_CLONE, "end conda", "", 1, True, ""),
        (ActionName.TRY_CLONE, "end conda", "pkill: invalid user name: wakari", 2, False, "invalid user"),
        (ActionName.TRY_CLONE, "clone", "", None, False, "exit status None"),
    ],
)
def test_what_a_command_says_and_how_it_ends_is_judged(
    action: ActionName, does: str, output: str, status: int | None, is_ok: bool, error: str
) -> None:
    step = step_of(action, does)
    found = claim(step, CommandResult(step.argv, status, output))
    assert found.is_ok is is_ok
    assert error in (found.error or "")

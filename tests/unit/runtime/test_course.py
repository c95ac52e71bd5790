"""Which steps of a plan are still carried out once one has failed or it was broken off, and how it ends."""

from __future__ import annotations

import pytest

from aen_tui.actions.planning import make_plan
from aen_tui.actions.scene import Scene
from aen_tui.actions.trials import trial_target
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Result
from aen_tui.runtime.course import Course, StepEnd
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory

FINE = StepEnd(Result.VERIFIED)
FAILED = StepEnd(Result.FAILED, "no")
REFUSED = StepEnd(Result.REFUSED, "not up")
LOST = StepEnd(Result.UNVERIFIED, "gone")
NODES = (NodeName("compute1-1"), NodeName("compute1-2"))


def planned(action: ActionName, *nodes: NodeName) -> Plan:
    listed = inventory()
    scene = Scene(listed, cluster_state(of=listed, problems=False), NOW_MONOTONIC)
    return make_plan(scene, action, [trial_target(action, node) for node in nodes], plan_id="p")


def carried_out(plan: Plan, ends: dict[int, StepEnd]) -> tuple[list[int], StepEnd]:
    """The steps that were carried out, and the plan's end; steps end well unless `ends` says otherwise."""
    course, done = Course(plan), []
    for index, step in enumerate(plan.steps):
        if course.is_due(index):
            done.append(index)
            course.begins(index)
            course.makes(step)
            course.ended(index, ends.get(index, FINE))
    return done, course.end


@pytest.mark.parametrize(
    ("ends", "done", "end"),
    [
        ({}, [0, 1, 2, 3], FINE),
        ({0: FAILED}, [0], FAILED),
        ({0: REFUSED}, [0], REFUSED),
        ({0: LOST}, [0, 3], LOST),
        ({1: FAILED}, [0, 1, 3], FAILED),
        ({1: REFUSED}, [0, 1, 3], StepEnd(Result.FAILED, "not up")),
        ({2: LOST}, [0, 1, 2, 3], LOST),
    ],
)
def test_a_folder_that_may_be_there_is_removed(ends: dict[int, StepEnd], done: list[int], end: StepEnd) -> None:
    assert carried_out(planned(ActionName.TRY_ACL, NODES[0]), ends) == (done, end)


def test_half_a_clone_is_removed_and_none_is_not() -> None:
    plan = planned(ActionName.TRY_CLONE, NODES[0])
    assert carried_out(plan, {0: FAILED})[0] == [0]
    assert carried_out(plan, {1: FAILED})[0] == [0, 1, 4, 5, 6]
    assert carried_out(plan, {1: REFUSED})[0] == [0, 1]


def test_what_is_left_is_named() -> None:
    plan = planned(ActionName.TRY_ACL, NODES[0])
    folder = plan.steps[0].makes
    _, end = carried_out(plan, {1: FAILED, 3: FAILED})
    by_hand = f"to be run on compute1-1: sudo -n -u wakari /bin/rmdir {folder}"
    assert end == StepEnd(Result.FAILED, f"no; {folder} is left on compute1-1: remove the folder: no; {by_hand}")
    _, end = carried_out(plan, {3: LOST})
    assert end == StepEnd(Result.FAILED, f"{folder} may be left on compute1-1: remove the folder: gone; {by_hand}")


def test_what_is_gone_is_gone_whatever_was_said_on_the_way() -> None:
    plan = planned(ActionName.TRY_CLONE, NODES[0])
    done, end = carried_out(plan, {4: FAILED, 5: FAILED})
    assert (done, end) == (list(range(7)), FINE)
    _, end = carried_out(plan, {5: FAILED, 6: FAILED})
    assert "remove the clone: no; /opt/wakari/test_default is left on compute1-1" in (end.error or "")


def test_a_node_that_failed_is_cleaned_and_the_next_not_begun() -> None:
    done, end = carried_out(planned(ActionName.TRY_ACL, *NODES), {1: FAILED})
    assert (done, end) == ([0, 1, 3], FAILED)
    done, end = carried_out(planned(ActionName.TRY_ACL, *NODES), {5: FAILED})
    assert (done, end) == ([0, 1, 2, 3, 4, 5, 7], FAILED)


def test_what_is_broken_off_goes_on_with_clean_ups_alone() -> None:
    plan = planned(ActionName.TRY_ACL, NODES[0])
    course = Course(plan)
    for index in (0, 1):
        course.begins(index)
        course.makes(plan.steps[index])
    course.stop(LOST)
    assert [index for index in range(4) if course.is_due(index)] == [3]
    assert course.owes(plan.steps[3])
    assert [course.may_wait(plan.steps[3]) for _ in range(2)] == [True, False]

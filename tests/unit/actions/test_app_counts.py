"""How many apps a plan hits: by project, with their age; what is not known is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.actions.app_counts import app_sentence, apps_on
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.projects import AppGroup, ProjectLoad, ProjectsLook, is_project
from aen_tui.model.reading import Reading
from tests.support.states import NOW_MONOTONIC, cluster_state

ONE, TWO = NodeName("compute1-1"), NodeName("compute1-2")


def look(blind: str | None = None, **apps: int) -> ProjectsLook:
    loads = tuple(
        ProjectLoad(f"alice/{name}", (AppGroup("notebook", "alice", count, count, 1 << 20, 0.0),))
        for name, count in apps.items()
    )
    return ProjectsLook(loads, 100, len(loads), sum(apps.values()), sum(apps.values()), blind=blind)


def state(**readings: Reading[ProjectsLook]) -> ClusterState:
    known = cluster_state(problems=False)
    changed = {NodeName(word.replace("_", "-")): reading for word, reading in readings.items()}
    nodes = {name: replace(node, projects=changed.get(name, Reading())) for name, node in known.nodes.items()}
    return replace(known, nodes=nodes)


def seen(value: ProjectsLook, age: float = 12.0) -> Reading[ProjectsLook]:
    return Reading(value, NOW_MONOTONIC - age)


def test_apps_are_counted_by_project() -> None:
    known = state(compute1_1=seen(look(churn=2, rain=1)), compute1_2=seen(look(churn=1)))
    assert (apps_on(known, ONE), apps_on(known, TWO)) == (3, 1)
    assert app_sentence(known, [ONE], NOW_MONOTONIC) == "3 run: 2 in alice/churn, 1 in alice/rain, as of 12s ago"
    assert app_sentence(known, [ONE, TWO], NOW_MONOTONIC).startswith("4 run: 3 in alice/churn, 1 in alice/rain")


def test_many_projects_are_summed_up() -> None:
    said = app_sentence(state(compute1_1=seen(look(a=5, b=4, c=3, d=2, e=1))), [ONE], NOW_MONOTONIC)
    assert said.startswith("15 run: 5 in alice/a, 4 in alice/b, 3 in alice/c, 3 in others, as of")


def test_none_is_a_count_too() -> None:
    assert app_sentence(state(compute1_1=seen(look())), [ONE], NOW_MONOTONIC) == "none runs, as of 12s ago"


@pytest.mark.parametrize(
    ("reading", "why"),
    [
        (Reading(), "how many run is not known"),
        (Reading(error="two errands are under way"), "how many run is not known: two errands are under way"),
        (Reading(look(blind="hidepid"), NOW_MONOTONIC), "how many run is not known: hidepid"),
        (Reading(look(churn=1), NOW_MONOTONIC - 181), "how many run is not known"),
    ],
)
def test_what_is_not_known_or_old_is_no_count(reading: Reading[ProjectsLook], why: str) -> None:
    known = state(compute1_1=reading)
    assert apps_on(known, ONE) is None
    assert app_sentence(known, [ONE], NOW_MONOTONIC) == why
    beside = state(compute1_1=reading, compute1_2=seen(look(churn=1)))
    assert app_sentence(beside, [ONE, TWO], NOW_MONOTONIC).endswith("; of compute1-1 it is not known")


def test_a_lost_node_has_no_count() -> None:
    known = state(compute1_1=seen(look(churn=1)))
    node = known.nodes[ONE]
    lost = replace(node, connection=replace(node.connection, state=LinkState.STALE))
    assert apps_on(replace(known, nodes={**known.nodes, ONE: lost}), ONE) is None


@pytest.mark.parametrize(
    ("word", "is_one"),
    [("alice/churn", True), ("alice", False), ("a/b/c", False), ("../x", False), ("a/..", False), ("/b", False)],
)
def test_a_project_is_two_names(word: str, is_one: bool) -> None:
    assert is_project(word) is is_one

"""Rolling plans: what never happens at once, who comes first, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aen_tui.actions.rolling import conflict, make_rolling_plan
from aen_tui.actions.rolling_text import rolling_text
from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import ClusterState
from aen_tui.model.inventory import Inventory, RollingSettings
from aen_tui.model.node import NodeName, Role
from aen_tui.model.plans import ActionName, SudoMet, Target
from aen_tui.model.rolling import RollingPlan
from tests.support.states import NOW_MONOTONIC, cluster_state, inventory

PROGRAMS = {Role.SERVER: "server", Role.GATEWAY: "gateway", Role.COMPUTE: "compute"}


class World:
    """An installation, and how busy its nodes are."""

    def __init__(self, gateways: int = 2, computes: int = 6) -> None:
        self.inventory: Inventory = inventory(gateways, computes)
        self.state: ClusterState = cluster_state(of=self.inventory, problems=False)

    def load(self, **cpu: float | None) -> None:
        nodes = dict(self.state.nodes)
        for word, percent in cpu.items():
            name = NodeName(word.replace("_", "-"))
            before = nodes[name].metrics
            value = replace(before.value, cpu_percent=percent) if before.value is not None else None
            nodes[name] = replace(nodes[name], metrics=replace(before, value=value))
        self.state = replace(self.state, nodes=nodes)

    def targets(self, *names: str) -> list[Target]:
        found = []
        for name in names or list(self.inventory.nodes):
            role = PROGRAMS[self.inventory.nodes[NodeName(name)].roles[0]]
            found.append(Target(NodeName(name), f"wk-{role}", "supervisor", f"wakari-{role}"))
        return found

    def plan(
        self, targets: Sequence[Target] | None = None, of: RollingSettings | None = None, **options: object
    ) -> RollingPlan:
        return make_rolling_plan(
            Scene(self.inventory, self.state, NOW_MONOTONIC),
            ActionName.RESTART,
            self.targets() if targets is None else targets,
            of or RollingSettings(),
            plan_id="job1",
            **options,  # type: ignore[arg-type]
        )


def nodes_by_batch(rolling: RollingPlan) -> list[list[str]]:
    return [[step.target.node for step in rolling.steps_of(batch)] for batch in rolling.batches]


@settings(max_examples=60)
@given(
    gateways=st.integers(1, 5),
    computes=st.integers(0, 12),
    sizes=st.builds(RollingSettings, st.integers(0, 4), st.integers(1, 20), st.integers(0, 3)),
    data=st.data(),
)
def test_what_may_not_be_at_once_never_is(gateways: int, computes: int, sizes: RollingSettings, data: st.DataObject):
    world = World(gateways, computes)
    names = list(world.inventory.nodes)
    world.load(**{name.replace("-", "_"): data.draw(st.one_of(st.none(), st.floats(0, 100))) for name in names})
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    rolling = world.plan(world.targets(*chosen), sizes)
    batches = nodes_by_batch(rolling)
    assert sorted(node for batch in batches for node in batch) == sorted(chosen)
    roles = world.inventory.nodes
    for number, batch in enumerate(batches):
        size = sizes.canary if number == 0 and sizes.canary else sizes.batch
        assert 1 <= len(batch) <= size
        assert len(set(batch)) == len(batch)
        several = [role for node in batch for role in roles[NodeName(node)].roles]
        assert several.count(Role.GATEWAY) <= 1
        assert not (Role.GATEWAY in several and Role.SERVER in several)
    members = [member for batch in rolling.batches for member in batch.members]
    assert members == list(range(len(chosen)))
    assert rolling.batches[0].label == ("canary" if sizes.canary else "batch")


@given(st.sampled_from(["aen-server", "gateway1", "gateway2", "compute1-1", "compute2-1"]), st.data())
def test_a_conflict_is_one_both_ways(one: str, data: st.DataObject) -> None:
    listed = inventory()
    other = NodeName(data.draw(st.sampled_from(list(listed.nodes))))
    assert conflict(listed, NodeName(one), other) is conflict(listed, other, NodeName(one))


def test_a_single_box_is_never_at_once_with_a_gateway() -> None:
    listed = inventory(1, 0)
    both = replace(listed.nodes[NodeName("aen-server")], roles=(Role.SERVER, Role.GATEWAY, Role.COMPUTE))
    listed = replace(listed, nodes={**listed.nodes, both.name: both})
    assert conflict(listed, both.name, NodeName("gateway1"))
    assert conflict(listed, both.name, both.name)


def test_least_busy_first_and_what_is_not_known_last() -> None:
    world = World()
    world.load(compute1_1=80.0, compute1_2=None, compute1_3=2.0, compute2_1=30.0)
    rolling = world.plan(world.targets("compute1-1", "compute1-2", "compute1-3", "compute2-1"))
    assert nodes_by_batch(rolling) == [["compute1-3"], ["compute2-1", "compute1-1"], ["compute1-2"]]
    assert any("how many apps run is not known" in note for note in rolling.notes)


def test_running_apps_count_before_the_processor() -> None:
    world = World()
    world.load(compute1_1=1.0, compute1_2=90.0, compute1_3=50.0)
    apps = {"compute1-1": 3, "compute1-2": 0, "compute1-3": None}
    three = world.targets("compute1-1", "compute1-2", "compute1-3")
    rolling = world.plan(three, apps=lambda _, node: apps[node])
    assert nodes_by_batch(rolling) == [["compute1-2"], ["compute1-1", "compute1-3"]]
    assert any("how many apps run on compute1-3 is not known" in note for note in rolling.notes)
    idle = world.plan(three, RollingSettings(idle_only=True), apps=lambda _, node: apps[node])
    assert nodes_by_batch(idle) == [["compute1-2"]]
    assert any("compute1-1: 3 apps run there" in note for note in idle.notes)
    assert any("compute1-3: how many apps run there is not known" in note for note in idle.notes)


def test_idle_only_where_nothing_is_known_is_refused() -> None:
    with pytest.raises(PlanRefusedError, match="how many apps run there is not known"):
        World().plan(of=RollingSettings(idle_only=True))


@pytest.mark.parametrize(
    "sizes", [RollingSettings(batch=0), RollingSettings(canary=-1), RollingSettings(max_failures=-1)]
)
def test_sizes_that_mean_nothing_are_refused(sizes: RollingSettings) -> None:
    with pytest.raises(PlanRefusedError, match="cannot be"):
        World().plan(of=sizes)


def test_what_is_not_rolled_is_refused() -> None:
    world = World()
    scene = Scene(world.inventory, world.state, NOW_MONOTONIC)
    with pytest.raises(PlanRefusedError, match="update is not rolled"):
        make_rolling_plan(scene, ActionName.UPDATE, world.targets("compute1-1"), RollingSettings(), plan_id="p")


def test_the_text_names_every_target_in_its_batch_and_each_command_once() -> None:
    world = World()
    computes = [name for name in world.inventory.nodes if name.startswith("compute")]
    lines = rolling_text(world.plan(world.targets(*computes)), NOW_MONOTONIC)
    text = "\n".join(lines)
    assert lines[0].startswith("rolling restart · wk-compute · 6 nodes · aen-prod")
    assert "6 steps in 4 batches: first 1, then 2 at a time; ends at the first one that is not verified" in text
    assert [line for line in lines if line.startswith("batch")] == [
        "batch    1 of 4, canary", "batch    2 of 4, batch", "batch    3 of 4, batch", "batch    4 of 4, batch",
    ]  # fmt: skip
    assert all(sum(f"{name}/wk-compute" in line for line in lines) == 1 for name in computes)
    assert text.count("supervisorctl restart wk-compute") == 1


def test_nodes_that_meet_another_answer_of_sudo_are_never_said_in_one() -> None:
    rolling = World().plan(World().targets("compute1-1", "compute1-2", "compute1-3"))
    met = [SudoMet("asks for no password"), SudoMet("does not allow it", refusal="no"), SudoMet("asks for no password")]
    steps = tuple(replace(step, met=one) for step, one in zip(rolling.plan.steps, met, strict=True))
    lines = rolling_text(replace(rolling, plan=replace(rolling.plan, steps=steps)), NOW_MONOTONIC)
    commands = [line for line in lines if line.startswith(("runs", "as"))]
    assert len(commands) == 4
    assert commands[0].endswith("for 1, 3") and commands[1].endswith("sudo: asks for no password")
    assert commands[2].endswith("for 2") and commands[3].endswith("sudo: does not allow it")


def test_the_text_says_what_is_odd_and_what_is_against_a_step() -> None:
    rolling = World().plan()
    steps = list(rolling.plan.steps)
    steps[1] = replace(steps[1], note="restart\x1b[2J instead of start", blocked="config.json: line 3: no comma")
    lines = rolling_text(replace(rolling, plan=replace(rolling.plan, steps=tuple(steps))), NOW_MONOTONIC)
    assert "note     2. restart␛[2J instead of start" in lines
    assert "against  2. config.json: line 3: no comma" in lines

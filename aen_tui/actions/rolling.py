"""A rolling plan: which node comes when, and what never happens at the same time.

Never two gateways at once, never the server and a gateway at once, one step a node at a time; the least busy
first, the canary before all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from aen_tui.actions.app_counts import apps_on
from aen_tui.actions.planning import make_plan
from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import ClusterState
from aen_tui.model.inventory import Inventory, RollingSettings
from aen_tui.model.node import NodeName, Role
from aen_tui.model.plans import ActionName, Plan, Step, Target
from aen_tui.model.rolling import Batch, RollingPlan

ROLLABLE = frozenset({ActionName.RESTART, ActionName.START, ActionName.STOP})
Apps = Callable[[ClusterState, NodeName], int | None]


def make_rolling_plan(
    scene: Scene,
    name: ActionName,
    targets: Sequence[Target],
    settings: RollingSettings,
    *,
    plan_id: str,
    apps: Apps = apps_on,
) -> RollingPlan:
    """The ordinary plan's steps, ordered and cut into batches.

    Args:
        scene: what is known.
        name: restart, start or stop.
        targets: what it is done to.
        settings: sizes of canary and batches.
        plan_id: the job's id.
        apps: counts the apps of a node.

    Raises:
        PlanRefusedError: another action, no such target, nothing that could be done, or it may not be.
    """
    if name not in ROLLABLE:
        raise PlanRefusedError(f"{name.value} is not rolled", hint="without --rolling it goes one node after the other")
    check_settings(settings)
    notes: list[str] = []
    if settings.idle_only:
        targets, left_out = _idle(scene.state, targets, apps)
        notes += left_out
    plan = make_plan(scene, name, targets, plan_id=plan_id)
    ordered = sorted(plan.steps, key=lambda step: _busy(scene.state, step.target.node, apps))
    batches = batches_of(ordered, scene.inventory, settings)
    return assemble(plan, ordered, batches, settings, scene, (*_order_notes(scene, ordered, apps), *notes))


def check_settings(settings: RollingSettings) -> None:
    """Refuse sizes that mean nothing.

    Raises:
        PlanRefusedError: a batch below 1, or a canary or failures below 0.
    """
    if settings.batch < 1 or settings.canary < 0 or settings.max_failures < 0:
        raise PlanRefusedError(
            f"canary {settings.canary}, batch {settings.batch}, failures {settings.max_failures} cannot be",
            hint="a batch has at least one node; nothing is negative",
        )


def assemble(
    plan: Plan,
    ordered: Sequence[Step],
    batches: Sequence[tuple[str, Sequence[Step]]],
    settings: RollingSettings,
    scene: Scene,
    notes: Sequence[str],
) -> RollingPlan:
    """A rolling plan of labelled batches; the plan's steps are put into their order."""
    place = {id(step): number for number, step in enumerate(ordered)}
    steps: list[Step] = []
    found: list[Batch] = []
    for number, (label, members) in enumerate(batches, 1):
        found.append(Batch(number, label, tuple(range(len(steps), len(steps) + len(members)))))
        steps += members
    assert len(steps) == len(place)
    return RollingPlan(
        replace(plan, steps=tuple(steps)),
        tuple(found),
        settings,
        scene.inventory.actions.settle_seconds,
        tuple(notes),
    )


def batches_of(steps: Sequence[Step], inventory: Inventory, settings: RollingSettings) -> list[tuple[str, list[Step]]]:
    """The canary's batch, then the others, each as large as it may be; the order is kept where nothing forbids it."""
    left = list(steps)
    found: list[tuple[str, list[Step]]] = []
    if settings.canary:
        found.append(("canary", _take(left, settings.canary, inventory)))
    while left:
        found.append(("batch", _take(left, settings.batch, inventory)))
    return [(label, members) for label, members in found if members]


def _take(left: list[Step], size: int, inventory: Inventory) -> list[Step]:
    taken: list[Step] = []
    for step in list(left):
        if len(taken) == size:
            break
        if not any(conflict(inventory, step.target.node, other.target.node) for other in taken):
            taken.append(step)
            left.remove(step)
    return taken


def conflict(inventory: Inventory, one: NodeName, other: NodeName) -> bool:
    """Whether two nodes may not be worked on at the same time."""
    if one == other:
        return True
    roles, others = inventory.nodes[one].roles, inventory.nodes[other].roles
    gateways = (Role.GATEWAY in roles, Role.GATEWAY in others)
    servers = (Role.SERVER in roles, Role.SERVER in others)
    return all(gateways) or (gateways[0] and servers[1]) or (servers[0] and gateways[1])


def _busy(state: ClusterState, node: NodeName, apps: Apps) -> tuple[float, float, float]:
    """Running apps, per cent of the processor, load a core; what is not known comes last."""
    count = apps(state, node)
    metrics = state.nodes[node].metrics.value
    cpu = metrics.cpu_percent if metrics is not None else None
    load = metrics.load[0] / (metrics.cores or 1) if metrics is not None and metrics.load is not None else None
    return (
        math.inf if count is None else count,
        math.inf if cpu is None else cpu,
        math.inf if load is None else load,
    )


def _idle(state: ClusterState, targets: Sequence[Target], apps: Apps) -> tuple[list[Target], list[str]]:
    kept: list[Target] = []
    left_out: list[str] = []
    for target in targets:
        why = not_idle(apps(state, target.node))
        if why is None:
            kept.append(target)
        else:
            left_out.append(f"{target.node}: {why}: left as it is")
    left_out = list(dict.fromkeys(left_out))
    if not kept:
        raise PlanRefusedError("; ".join(left_out) or "no target was given", hint="no node is known to be idle")
    return kept, left_out


def not_idle(count: int | None) -> str | None:
    """Why a node with so many apps is not idle, None: how many is not known; None where it is idle."""
    if count is None:
        return "how many apps run there is not known"
    return None if count == 0 else f"{count} app{'s run' if count > 1 else ' runs'} there"


def _order_notes(scene: Scene, steps: Sequence[Step], apps: Apps) -> list[str]:
    nodes = list(dict.fromkeys(step.target.node for step in steps))
    found = ["least busy first, by the processor's load of now"]
    unknown = [node for node in nodes if apps(scene.state, node) is None]
    if len(unknown) < len(nodes):
        found = ["fewest running apps first, then by the processor's load of now"]
    if unknown:
        where = "" if len(unknown) == len(nodes) else f" on {', '.join(unknown)}"
        found.append(f"how many apps run{where} is not known")
    roles = [scene.inventory.nodes[node].roles for node in nodes]
    if sum(Role.GATEWAY in one for one in roles) > 1:
        found.append("never two gateways at once")
    if any(Role.GATEWAY in one for one in roles) and any(Role.SERVER in one for one in roles):
        found.append("never the server and a gateway at once")
    return found

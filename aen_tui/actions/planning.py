"""From an action and its targets to the plan that the card shows and the executor carries out as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aen_tui.actions.blast import blast_radius
from aen_tui.actions.registry import actions
from aen_tui.actions.resolve import SUPERVISOR, resolve
from aen_tui.actions.scene import Action, Scene, known
from aen_tui.actions.supervised import refuse_without_effect
from aen_tui.errors import NothingToDoError, PlanRefusedError
from aen_tui.model.plans import ActionName, Plan, Risk, Step, Target


def make_plan(scene: Scene, name: ActionName, targets: Sequence[Target], *, plan_id: str) -> Plan:
    """The steps in the order of the targets as given, each target once.

    `GROUP:*` becomes one step a program, so that one is back before the next goes down. Where several
    targets are given, those that are already as wanted are left out and named.

    Raises:
        PlanRefusedError: no such target, nothing that could be done, or it may not be.
    """
    action = actions()[name]
    wanted = _expanded(scene, action, targets)
    if not wanted:
        raise PlanRefusedError("no target was given", hint="NODE/SERVICE")
    left_out: list[str] = []
    if len(wanted) > 1:
        wanted, left_out = _without_effect_left_out(scene, name, wanted)
    steps, wanted = _steps(scene, action, wanted, left_out)
    nodes = list(dict.fromkeys(step.target.node for step in steps))
    plan = plan_of(scene, name, plan_id, steps, (*blast_radius(scene, name, wanted), *left_out))
    return replace(plan, risk=_risk(action, targets, steps), word=nodes[0] if len(nodes) == 1 else scene.inventory.name)


def plan_of(scene: Scene, name: ActionName, plan_id: str, steps: Sequence[Step], hits: Iterable[str]) -> Plan:
    """Steps as a plan of this moment, confirmed by the installation's name."""
    return Plan(
        id=plan_id,
        action=name,
        cluster=scene.inventory.name,
        steps=tuple(steps),
        risk=Risk.WORD,
        word=scene.inventory.name,
        blast_radius=tuple(hits),
        made_at=scene.now,
        is_demo=scene.inventory.is_demo,
    )


def _steps(
    scene: Scene, action: Action, targets: Sequence[Target], left_out: list[str]
) -> tuple[tuple[Step, ...], list[Target]]:
    """Every target's steps, and the targets that have any; of several, `left_out` is told where there is nothing to do.

    Raises:
        NothingToDoError: there is nothing to do for any of them.
        PlanRefusedError: it may not be done.
    """
    found: list[Step] = []
    kept: list[Target] = []
    for target in targets:
        try:
            found += action.steps(scene, target)
        except NothingToDoError as error:
            if len(targets) == 1:
                raise
            left_out.append(f"{error.message}: left as it is")
        else:
            kept.append(target)
    if not kept:
        raise NothingToDoError("; ".join(left_out), hint="there is nothing to do")
    return tuple(found), kept


def _expanded(scene: Scene, action: Action, targets: Sequence[Target]) -> list[Target]:
    found: list[Target] = []
    for target in targets:
        node = scene.node(target)
        if action.is_whole_supervisor and target.manager == SUPERVISOR:
            name = target.supervisor or target.service
            found.append(Target(target.node, name, SUPERVISOR, name))
        elif target.manager == SUPERVISOR and target.service.endswith(":*"):
            prefix = f"{target.supervisor}/" if target.supervisor else ""
            found += resolve(node, prefix + target.service)
        else:
            found.append(target)
    return list(dict.fromkeys(found))


def _without_effect_left_out(
    scene: Scene, name: ActionName, targets: Sequence[Target]
) -> tuple[list[Target], list[str]]:
    kept: list[Target] = []
    left_out: list[str] = []
    for target in targets:
        before = known(scene.node(target), target)
        try:
            refuse_without_effect(name, target, before.state, before.pid)
        except PlanRefusedError as error:
            left_out.append(f"{error.message}: left as it is")
        else:
            kept.append(target)
    if not kept:
        raise PlanRefusedError("; ".join(left_out), hint="there is nothing to do")
    return kept, left_out


def _risk(action: Action, targets: Sequence[Target], steps: Sequence[Step]) -> Risk:
    """One supervisor program on one node is a key; everything else is the typed word."""
    is_one = len(targets) == 1 and len(steps) == 1 and not targets[0].service.endswith(":*")
    is_program = steps[0].target.manager == SUPERVISOR and not action.is_whole_supervisor
    return Risk.KEY if is_one and is_program else Risk.WORD

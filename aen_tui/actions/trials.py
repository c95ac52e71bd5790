"""What is tried on a compute node itself: something is made there, looked at, and taken away whatever came of it.

Both trials are the seeds' own (000: ACLs, 004: the clone of the root environment). Nothing of them is a check's: they
write, so they are carried out only where somebody asked for them and confirmed the card.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aen_tui.actions.announce import NOTHING_KNOWN
from aen_tui.actions.commands import Command
from aen_tui.actions.resolve import NODE
from aen_tui.actions.scene import Scene
from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import NodeState
from aen_tui.model.node import NodeName, Role
from aen_tui.model.plans import ActionName, Plan, Proof, Step, Target

QUICK_SECONDS = 30.0
"""For what touches one folder; a hung filesystem takes longer."""
_ABOUT: Mapping[ActionName, str] = {ActionName.TRY_ACL: "projects", ActionName.TRY_CLONE: "anaconda"}


@dataclass(frozen=True, slots=True)
class Part:
    """A command of a trial before it becomes a step; fields as `Step` has them."""

    does: str
    command: Command
    expect: str
    seconds: float = QUICK_SECONDS
    makes: str = ""
    makes_at_once: bool = False
    removes: str = ""
    says: str = ""
    good_statuses: tuple[int, ...] = (0,)


def is_trial(action: ActionName) -> bool:
    """Whether an action is about a node itself, and its target is NODE alone."""
    return action in _ABOUT


def trial_target(action: ActionName, node: NodeName) -> Target:
    """What a trial is about on a node."""
    return Target(node, _ABOUT[action], NODE)


def trial_targets(action: ActionName, written: Sequence[tuple[NodeName, bool]]) -> list[Target]:
    """The targets of a trial.

    Args:
        action: which.
        written: each TARGET's node, and whether it names no more than that.

    Raises:
        PlanRefusedError: one names a service or a path.
    """
    for node, is_node in written:
        if not is_node:
            raise PlanRefusedError(f"{action.value} is about {node} itself", node=node, hint=f"{action.value} {node}")
    return [trial_target(action, node) for node, _ in written]


def compute_of(scene: Scene, action: ActionName, target: Target) -> NodeState:
    """The node of a trial.

    Raises:
        PlanRefusedError: it is no compute node, or a service of it is meant.
    """
    node = scene.node(target)
    if Role.COMPUTE not in node.spec.roles:
        raise PlanRefusedError(f"{node.name} is no compute node", node=node.name, hint=f"{action.value} wants one")
    trial_targets(action, [(node.name, target.manager == NODE)])
    return node


def steps_of(action: ActionName, target: Target, parts: Sequence[Part]) -> tuple[Step, ...]:
    """The parts as steps of one target, judged by what they say and how they end."""
    return tuple(
        Step(
            action=action,
            target=target,
            argv=part.command.argv,
            user=part.command.user,
            sudo=part.command.sudo,
            before=NOTHING_KNOWN,
            expect=part.expect,
            deadline_seconds=part.seconds,
            proof=Proof.OUTPUT,
            does=part.does,
            makes=part.makes,
            makes_at_once=part.makes_at_once,
            removes=part.removes,
            says=part.says,
            good_statuses=part.good_statuses,
        )
        for part in parts
    )


def nodes_tried(plan: Plan, action: ActionName) -> list[NodeName]:
    """The nodes on which a plan tries this; empty where it does something else."""
    return list(dict.fromkeys(step.target.node for step in plan.steps if step.action is action))

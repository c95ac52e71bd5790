"""Commands to a supervisord about its configuration: what reread and update have in common."""

from __future__ import annotations

from aen_tui.actions.commands import supervisorctl
from aen_tui.actions.scene import Scene
from aen_tui.actions.supervised import PROGRAM_SECONDS
from aen_tui.model.plans import ActionName, Known, Proof, Step, Target

NOTHING_KNOWN = Known("", None, None, None, None)
"""A supervisord itself has no state to compare."""


def supervisord_step(scene: Scene, action: ActionName, target: Target, word: str, expect: str, proof: Proof) -> Step:
    """`supervisorctl WORD`.

    Raises:
        PlanRefusedError: it may not be done.
    """
    command = supervisorctl(scene.node(target), target, word)
    return Step(
        action=action,
        target=target,
        argv=command.argv,
        user=command.user,
        sudo=command.sudo,
        before=NOTHING_KNOWN,
        expect=expect,
        deadline_seconds=PROGRAM_SECONDS,
        proof=proof,
    )

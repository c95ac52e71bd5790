"""Apply a supervisord's changed configuration: only what `reread` said and somebody saw, and asked again afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aen_tui.actions.announce import supervisord_step
from aen_tui.actions.scene import Announced, Scene
from aen_tui.errors import NothingToDoError
from aen_tui.model.plans import ActionName, Proof, Step, Target

KEPT_SECONDS = 15 * 60.0
"""What was shown longer ago is asked anew."""
UNSEEN = "what would change was not shown yet: `reread` says it, `update` within 15 minutes applies it"


class Update:
    """`update`."""

    name = ActionName.UPDATE
    is_whole_supervisor = True

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """Hear the announcement again, apply it, and ask whether anything is left.

        Raises:
            NothingToDoError: it was announced that nothing would change.
        """
        first = supervisord_step(scene, self.name, target, "reread", "it says what was announced", Proof.OUTPUT)
        return (
            _as_shown(first, scene.announced.get(target), scene.now),
            supervisord_step(scene, self.name, target, "update", "it says what it changed", Proof.OUTPUT),
            supervisord_step(scene, self.name, target, "reread", "nothing is left to apply", Proof.NOTHING_LEFT),
        )


def _as_shown(step: Step, shown: Announced | None, now: float) -> Step:
    if shown is None or now - shown.at > KEPT_SECONDS:
        return replace(step, blocked=UNSEEN)
    if not shown.lines:
        name = f"{step.target.node}/{step.target.service}"
        raise NothingToDoError(f"nothing would change on {name}: `reread` said so", node=step.target.node)
    return replace(step, announced=shown.lines, note=f"will be applied: {'; '.join(shown.lines)}")


ACTION = Update()

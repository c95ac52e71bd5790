"""Apply a supervisord's changed configuration: what would change is asked first, and asked again afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.actions.announce import supervisord_step
from aen_tui.actions.scene import Scene
from aen_tui.model.plans import ActionName, Proof, Step, Target


class Update:
    """`update`."""

    name = ActionName.UPDATE
    is_whole_supervisor = True

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """Announce, apply, and ask whether anything is left."""
        return (
            supervisord_step(scene, self.name, target, "reread", "it says what will change", Proof.OUTPUT),
            supervisord_step(scene, self.name, target, "update", "it says what it changed", Proof.OUTPUT),
            supervisord_step(scene, self.name, target, "reread", "nothing is left to apply", Proof.NOTHING_LEFT),
        )


ACTION = Update()

"""Let a supervisord read its configuration and say what would change; nothing is applied."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.actions.announce import supervisord_step
from aen_tui.actions.scene import Scene
from aen_tui.model.plans import ActionName, Proof, Step, Target


class Reread:
    """`reread`."""

    name = ActionName.REREAD
    is_whole_supervisor = True

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """One command."""
        expect = "it says what would change; nothing is restarted, `update` applies it"
        return (supervisord_step(scene, self.name, target, "reread", expect, Proof.OUTPUT),)


ACTION = Reread()

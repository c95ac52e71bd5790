"""Stop a program or a SysV service until somebody starts it."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.actions.scene import Scene
from aen_tui.actions.supervised import service_step
from aen_tui.model.plans import ActionName, Step, Target


class Stop:
    """`stop`."""

    name = ActionName.STOP
    is_whole_supervisor = False

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """One command."""
        return (service_step(scene, ActionName.STOP, target),)


ACTION = Stop()

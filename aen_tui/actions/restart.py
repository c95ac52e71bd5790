"""Stop and start one program through its supervisorctl, or one SysV service."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.actions.scene import Scene
from aen_tui.actions.supervised import service_step
from aen_tui.model.plans import ActionName, Step, Target


class Restart:
    """`restart`."""

    name = ActionName.RESTART
    is_whole_supervisor = False

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """One command."""
        return (service_step(scene, ActionName.RESTART, target),)


ACTION = Restart()

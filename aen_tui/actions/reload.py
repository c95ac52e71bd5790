"""Let a whole supervisord begin anew with its configuration: every program of it goes down. Typed only, on no menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aen_tui.actions.announce import supervisord_step
from aen_tui.actions.scene import Scene
from aen_tui.actions.supervised import HOLD_SECONDS
from aen_tui.model.plans import ActionName, Proof, Step, Target

_STOP_SECONDS = 10.0
"""supervisord's own stopwaitsecs, where its files say none."""


class Reload:
    """`reload`."""

    name = ActionName.RELOAD
    is_whole_supervisor = True

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """One command. It returns before anything has stopped, so the longest stop comes on top of the proof's time."""
        programs = [one for one in scene.node(target).services if one.supervisor == target.supervisor]
        running = tuple((one.name, one.pid) for one in programs if one.state == "RUNNING" and one.pid is not None)
        stops = max((one.stopwaitsecs or _STOP_SECONDS for one in programs), default=_STOP_SECONDS)
        expect = f"every program that runs is RUNNING again with a new pid: {', '.join(name for name, _ in running)}"
        if not running:
            expect = "it says that it restarted; which programs ran before is not known"
        step = supervisord_step(scene, self.name, target, "reload", expect, Proof.ALL_NEW)
        return (replace(step, programs=running, hold_seconds=HOLD_SECONDS + stops),)


ACTION = Reload()

"""Test nginx's configuration, and only then let its master start new workers with it."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.actions.commands import as_root, sysv
from aen_tui.actions.resolve import SYSV
from aen_tui.actions.scene import Scene, known
from aen_tui.errors import PlanRefusedError
from aen_tui.model.plans import ActionName, Proof, Step, Target


class ReloadNginx:
    """`reload-nginx`."""

    name = ActionName.RELOAD_NGINX
    is_whole_supervisor = False

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """The test, then the reload."""
        node = scene.node(target)
        if target.service != "nginx" or target.manager != SYSV:
            raise PlanRefusedError(f"reload-nginx wants {target.node}/nginx", node=target.node)
        before = known(node, target)
        if before.state in ("STOPPED", "EXITED"):
            raise PlanRefusedError(
                f"nginx on {target.node} is {before.state}: there is nothing to reload",
                node=target.node,
                hint="start it instead",
            )
        test = as_root(node, (scene.nginx_path, "-t"))
        reload = sysv(scene, node, "nginx", "reload")
        return (
            Step(
                action=self.name,
                target=target,
                argv=test.argv,
                user=test.user,
                sudo=test.sudo,
                before=before,
                expect="nginx says that the configuration test is successful",
                deadline_seconds=30.0,
                proof=Proof.OUTPUT,
            ),
            Step(
                action=self.name,
                target=target,
                argv=reload.argv,
                user=reload.user,
                sudo=reload.sudo,
                before=before,
                expect="the same master, new workers",
                deadline_seconds=30.0,
                proof=Proof.NEW_WORKERS,
            ),
        )


ACTION = ReloadNginx()

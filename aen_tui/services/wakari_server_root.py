"""wk-server run by root from an init script, PAM variant of 4.0: supervisor has only the worker then (seed 004)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import Service

SERVICE = Service(
    name="wakari-server-root",
    roles=(Role.SERVER,),
    seed="004",
    sysv="wakari-server-root",
    covers=("file:/opt/wakari/wakari-server/etc/init.d/wakari-server-root",),
)

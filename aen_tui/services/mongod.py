"""MongoDB, >= 2.6.8 and < 3.0, usually on the server (seeds 000, 002, 004)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import Service

SERVICE = Service(
    name="mongod",
    roles=(Role.SERVER, Role.STORE),
    seed="004",
    sysv="mongod",
    mounts=("/var/lib/mongo",),
)

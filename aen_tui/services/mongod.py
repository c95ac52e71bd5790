"""MongoDB, >= 2.6.8 and < 3.0, usually on the server (seeds 000, 002, 004)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import LogFile, Service

SERVICE = Service(
    name="mongod",
    roles=(Role.SERVER, Role.STORE),
    seed="004",
    sysv="mongod",
    weight=40,
    covers=("file:/etc/init.d/mongod",),
    port=27017,
    logs=(LogFile("/var/log/mongodb/mongod.log", is_named=False),),
    mounts=("/var/lib/mongo",),
)

"""nginx on the server: the way in, port 80 or 443 (seed 002)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import LogFile, Service

SERVICE = Service(
    name="nginx",
    roles=(Role.SERVER,),
    seed="002",
    sysv="nginx",
    weight=30,
    logs=(
        LogFile("/var/log/nginx/woc-error.log"),
        LogFile("/var/log/nginx/woc.log", is_access_log=True),
    ),
    mounts=("/var/log",),
    covers=(
        "port:80",
        "port:443",
    ),
)

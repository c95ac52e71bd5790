"""A gateway's supervisord with wk-gateway, port 8089 (seed 002)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import LogFile, Service

SERVICE = Service(
    name="wakari-gateway",
    roles=(Role.GATEWAY,),
    seed="002",
    sysv="wakari-gateway",
    weight=20,
    supervisor="wakari-gateway",
    logs=(
        LogFile("{prefix}/wakari-gateway/var/log/supervisord.log"),
        LogFile("{prefix}/wakari-gateway/var/log/wakari/gateway.log"),
        LogFile("{prefix}/wakari-gateway/var/log/wakari/gateway.application.log"),
    ),
    mounts=("/", "/opt/wakari"),
    programs=("wk-gateway",),
    program_ports={"wk-gateway": ("gateway", 8089), "wakari-gateway": ("gateway", 8089)},
    covers=(
        "process:wk-gateway",
        "004 service:wakari-gateway",
        "file:/opt/wakari/wakari-gateway",
        "file:/opt/wakari/wakari-gateway/etc/supervisord.conf",
    ),
)

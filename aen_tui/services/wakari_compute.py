"""A compute's supervisord with the launcher wk-compute, port 5002, and the projects (seed 002)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import LogFile, Service

SERVICE = Service(
    name="wakari-compute",
    roles=(Role.COMPUTE,),
    seed="002",
    sysv="wakari-compute",
    weight=20,
    supervisor="wakari-compute",
    logs=(
        LogFile("{prefix}/wakari-compute/var/log/supervisord.log"),
        LogFile("{prefix}/wakari-compute/var/log/wakari/compute-launcher.log"),
        LogFile("{prefix}/wakari-compute/var/log/wakari/compute-launcher.application.log"),
    ),
    mounts=("/", "/opt/wakari", "/projects"),
    programs=("wk-compute",),
    program_ports={"wk-compute": ("compute", 5002), "wakari-compute": ("compute", 5002)},
    covers=(
        "process:wk-compute",
        "004 service:wakari-compute",
        "file:/opt/wakari/wakari-compute",
        "file:/opt/wakari/wakari-compute/etc/supervisord.conf",
        "requirement:gateway-reaches-computes",
    ),
)

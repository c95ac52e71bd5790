"""The server's supervisord with wk-server and the worker (seed 002, seed 004 for the programs' names)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import LogFile, Service

SERVICE = Service(
    name="wakari-server",
    roles=(Role.SERVER,),
    seed="002",
    sysv="wakari-server",
    weight=20,
    supervisor="wakari-server",
    logs=(
        LogFile("{prefix}/wakari-server/var/log/supervisord.log"),
        LogFile("{prefix}/wakari-server/var/log/wakari/server.log"),
        LogFile("{prefix}/wakari-server/var/log/wakari/worker.log"),
    ),
    mounts=("/", "/opt/wakari", "/var/log"),
    programs=("wk-server", "worker"),
    program_ports={"wk-server": ("wk-server", 5000)},
    covers=(
        "process:supervisord",
        "process:wk-server",
        "process:wakari-worker",
        "004 process:supervisord",
        "004 process:worker",
        "file:/opt/wakari/wakari-server",
        "file:/opt/wakari/wakari-server/bin/wk-server",
        "file:/opt/wakari/wakari-server/etc/supervisord.conf",
        "004 file:/opt/wakari/wakari-server/etc/supervisord/conf.d/wk-server.conf",
        "004 file:/opt/wakari/wakari-server/bin/supervisorctl",
        "004 process:wk-server",
        "socket:/opt/wakari/wakari-server/var/run/wakari-server.sock",
    ),
)

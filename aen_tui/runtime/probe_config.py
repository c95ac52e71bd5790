"""The probe's first line: what it is asked to look at, composed from the sources (aen_tui/probe/__init__.py)."""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
from typing import Any

from aen_tui import __version__
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeSpec
from aen_tui.runtime.received import Received
from aen_tui.services import services, services_of
from aen_tui.sources import host_metrics, http_answers, log_files, supervisor_programs, sysv_services

HTTP_SECONDS = 10.0
SERVICE_STATUS_SECONDS = 60.0
STORE_PORTS = {service.name: service.port for service in services() if service.port is not None}
"""The daemons' own ports (aen.md 1)."""


def start_config(spec: NodeSpec, received: Received, inventory: Inventory, *, session: str) -> dict[str, Any]:
    """The `start` operation for a node."""
    # Of this process: a reconnect ends the probe that was left behind, but not that of another program beside us.
    owner = f"{socket.gethostname()}:{os.getpid()}:{getpass.getuser()}:{inventory.file}:{spec.name}"
    return {
        "op": "start",
        "session": session,
        "owner": hashlib.sha256(owner.encode()).hexdigest()[:16],
        "root": spec.root,
        "interval": spec.interval_seconds,
        "http_interval": HTTP_SECONDS,
        "status_interval": SERVICE_STATUS_SECONDS,
        "user_agent": f"aen-tui/{__version__}",
        "ports": ports_of(spec),
        "follow": [
            log_files.follow_request(number, path, received.cursors.get(path))
            for number, path in received.paths.items()
        ],
        **supervisor_programs.request(spec),
        **sysv_services.request(spec),
        **http_answers.request(received.asked),
        **host_metrics.request(spec),
    }


def ports_of(spec: NodeSpec) -> list[int]:
    """Local ports whose listening is looked at: the programs' and the stores'."""
    wanted = [
        spec.ports.get(word, default)
        for service in services_of(spec)
        for word, default in service.program_ports.values()
    ]
    wanted += [service.port for service in services_of(spec) if service.port is not None]
    return list(dict.fromkeys(wanted))

"""Which URLs of a node are asked, and where from (aen.md 1: computes answer only to their gateway)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aen_tui.config.schema import NodeTable
from aen_tui.model.node import HttpTarget, NodeName, Role

LAST_VERSION_WITH_PORT = (4, 1, 2)
"""wk-server listens on port 5000 up to here, on a unix socket afterwards (seed 002)."""


@dataclass(slots=True)
class HostRoles:
    """A host while the inventory is read: every role it is given."""

    host: str
    roles: list[Role] = field(default_factory=list)
    data_center: str | None = None
    gateway: str | None = None
    urls: dict[Role, str | None] = field(default_factory=dict)


def targets_of(
    host: HostRoles,
    own: NodeTable,
    status_paths: Sequence[str],
    names: Mapping[str, NodeName],
    aen_version: str | None,
    ports: Mapping[str, int],
) -> tuple[HttpTarget, ...]:
    """What is asked of a host, in the order of its roles."""
    name = names[host.host]
    listen = own.listen_address or "127.0.0.1"
    address = "127.0.0.1" if host.host == "local" else host.host
    paths = tuple(status_paths)
    found: list[HttpTarget] = []
    if Role.SERVER in host.roles:
        url = host.urls[Role.SERVER] or f"http://{listen}:{ports.get('server', 80)}"
        found.append(HttpTarget("server", url.rstrip("/"), paths, name, name, wants_document=True))
        prefix = own.prefix or "/opt/wakari"
        socket = f"unix:{prefix}/wakari-server/var/run/wakari-server.sock"
        tcp = f"http://{listen}:{ports.get('wk-server', 5000)}"
        found += [
            HttpTarget("wk-server", wk_url, ("/",), name, name, wants_document=False)
            for wk_url in _wk_server(aen_version, tcp, socket)
        ]
    if Role.GATEWAY in host.roles:
        url = host.urls[Role.GATEWAY] or f"http://{address}:{ports.get('gateway', 8089)}"
        found.append(HttpTarget("gateway", url.rstrip("/"), paths, name, name, wants_document=True))
    if Role.COMPUTE in host.roles and host.gateway is not None:
        here = "127.0.0.1" if host.gateway == host.host else address
        url = host.urls[Role.COMPUTE] or f"http://{here}:{ports.get('compute', 5002)}"
        asked_on = names[host.gateway]
        found.append(HttpTarget("compute", url.rstrip("/"), ("/",), name, asked_on, wants_document=False))
    return tuple(found)


def _wk_server(aen_version: str | None, tcp: str, socket: str) -> tuple[str, ...]:
    """Both, the version's own first: what answers is shown, so that an installation that was upgraded is seen."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", aen_version or "")[:3])
    return (tcp, socket) if numbers <= LAST_VERSION_WITH_PORT else (socket, tcp)

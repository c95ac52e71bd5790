"""The ports that a node is reached on from outside."""

from __future__ import annotations

from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.urls import place_of

_DEFAULTS = {Role.SERVER: 80, Role.GATEWAY: 8089, Role.COMPUTE: 5002}


def expected_ports(spec: NodeSpec) -> dict[str, int]:
    """Role -> the port that it is reached on from outside (seed 000: 80, 8089, 5002 unless configured)."""
    found: dict[str, int] = {}
    for role in spec.roles:
        if role not in _DEFAULTS:
            continue
        port = spec.ports.get(role.value)
        for target in spec.http:
            place = place_of(target.url)
            if port is None and target.name == role.value and place is not None and place.scheme in ("http", "https"):
                port = place.port or (443 if place.scheme == "https" else 80)
        found[role.value] = port or _DEFAULTS[role]
    return found

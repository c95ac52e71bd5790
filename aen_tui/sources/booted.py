"""What a reboot left behind: the errand `booted`, asked once a node has settled after one."""

from __future__ import annotations

from typing import Any

from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.reboot import BootFacts
from aen_tui.services import services_of
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "booted"
SECONDS = 30.0


def request(spec: NodeSpec) -> dict[str, Any]:
    """What the errand is told about a node."""
    return {
        "services": services(spec),
        "projects_root": spec.projects_root if Role.COMPUTE in spec.roles else None,
    }


def services(spec: NodeSpec) -> list[str]:
    """SysV names of what belongs on a node."""
    return list(dict.fromkeys(service.sysv for service in services_of(spec)))


def decode(row: bytes) -> BootFacts:
    """The errand's only row.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), BootFacts)

"""What begins by itself at boot: the errand `booted`, of which preflight wants that alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aen_tui.model.node import NodeSpec
from aen_tui.sources import booted

ERRAND = booted.ERRAND
SECONDS = booted.SECONDS


def request(spec: NodeSpec) -> dict[str, Any]:
    """What the errand is told about a node: nothing else is looked at, neither folders nor processes."""
    return {"services": booted.services(spec), "only_services": True}


def decode(row: bytes) -> Mapping[str, bool | None]:
    """Service -> whether it is enabled; None where that cannot be said. What is not installed is left out.

    Raises:
        ProbeError: it is something else.
    """
    return {name: one.enabled for name, one in booted.decode(row).services.items() if one is not None}

"""What makes a compute differ from its neighbours: the errand `differences`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aen_tui.model.node import NodeSpec, Role
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "differences"
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a node, as lines."""

    name: str
    lines: tuple[str, ...] = ()
    error: str | None = None
    """Why it was not read, or not whole."""


def request(spec: NodeSpec) -> dict[str, Any]:
    """What the errand is told: conda's prefix for users (seed 000) and the roles' own."""
    own = [f"{spec.install_prefix}/wakari-{role}" for role in spec.roles if role is not Role.STORE]
    return {"prefixes": [f"{spec.install_prefix}/anaconda", *own], "supervisors": own}


def decode(row: bytes) -> Part:
    """One row.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), Part)

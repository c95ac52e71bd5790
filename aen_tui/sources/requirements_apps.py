"""Who runs what on a node: the errand `apps`, by the probe under sudo where there is one (it sees more)."""

from __future__ import annotations

from typing import Any

from aen_tui.model.node import NodeSpec
from aen_tui.model.node_facts import AppFacts
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "apps"
SECONDS = 30.0


def request(spec: NodeSpec) -> dict[str, Any]:
    """What the errand is told about a node."""
    return {"projects_root": spec.projects_root, "service_account": spec.service_account}


def decode(row: bytes) -> AppFacts:
    """The errand's only row.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), AppFacts)

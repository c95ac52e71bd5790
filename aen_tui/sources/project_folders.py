"""Project folders against the documented scheme: the errand `project_folders`, always as the login user."""

from __future__ import annotations

from typing import Any

from aen_tui.model.node import NodeSpec
from aen_tui.model.projects import ProjectFolders
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "project_folders"
SECONDS = 60.0


def request(spec: NodeSpec) -> dict[str, Any]:
    """What the errand is told about a node."""
    return {"projects_root": spec.projects_root, "service_account": spec.service_account}


def decode(row: bytes) -> ProjectFolders:
    """The errand's only row.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), ProjectFolders)

"""What runs in projects: the errand `projects`, by the probe under sudo where there is one (it sees more)."""

from __future__ import annotations

from typing import Any

from aen_tui.errors import ProbeError
from aen_tui.model.node import NodeSpec
from aen_tui.model.projects import InFull, InProject, ProjectLoad, ProjectsLook
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "projects"
SECONDS = 30.0
WINDOW_SECONDS, SHORT_SECONDS = 2.0, 0.2
"""Over which CPU is measured; short where somebody waits for the count of apps."""
MOST_ROWS = 300
MOST_BYTES = 1024 * 1024


def request(spec: NodeSpec, window: float = WINDOW_SECONDS) -> dict[str, Any]:
    """All projects of a node, heaviest first."""
    order = {"do": "groups", "projects_root": spec.projects_root, "window": window, "rows": MOST_ROWS}
    return {**order, "service_account": spec.service_account}


def request_processes(spec: NodeSpec, project: str) -> dict[str, Any]:
    """The processes of one project."""
    return {**request(spec), "do": "list", "project": project}


def request_text(pid: int, started: float) -> dict[str, Any]:
    """One process in full, if it is still the one that was started then."""
    return {"do": "text", "pid": pid, "started": started}


class Loads:
    """Takes the rows of `request`, one after the other."""

    def __init__(self) -> None:
        self._loads: list[ProjectLoad] = []
        self.look: ProjectsLook | None = None
        """What they say together; None before the last row."""

    def take(self, row: bytes) -> None:
        """A row.

        Raises:
            ProbeError: it is nonsense.
        """
        value = read_row(row)
        if isinstance(value, dict) and "project" in value:
            self._loads.append(shaped(value, ProjectLoad))
        else:
            self.look = shaped(_ended(value) | {"loads": tuple(self._loads)}, ProjectsLook)


def _ended(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProbeError("the answer about projects is nonsense: no object")
    cost = value.get("cost_ms")
    return {**value, "cost_seconds": cost / 1000 if isinstance(cost, int | float) else 0.0}


def decode_process(row: bytes) -> InProject | None:
    """A row of `request_processes`; None for the last one, which is about all.

    Raises:
        ProbeError: it is nonsense.
    """
    value = read_row(row)
    return shaped(value, InProject) if isinstance(value, dict) and "pid" in value else None


def decode_text(row: bytes) -> InFull:
    """The row of `request_text`.

    Raises:
        ProbeError: it has ended, or the row is nonsense.
    """
    value = read_row(row)
    if isinstance(value, dict) and isinstance(value.get("error"), str):
        raise ProbeError(value["error"])
    return shaped(value, InFull)

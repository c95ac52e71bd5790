"""Why a project does not start: the errand `why`; folders as the login user, the rest under sudo where it may be."""

from __future__ import annotations

from typing import Any

from aen_tui.model.node import NodeSpec
from aen_tui.model.project_why import WhyFolder, WhyHost
from aen_tui.sources.fact_rows import read_row, shaped
from aen_tui.sources.log_files import default_logs

ERRAND = "why"
SECONDS = 20.0


def request_folder(spec: NodeSpec, project: str) -> dict[str, Any]:
    """The folder; never asked of a probe under sudo."""
    return {**_both(spec, project), "do": "folder"}


def request_host(spec: NodeSpec, project: str, uid: int | None) -> dict[str, Any]:
    """What the node says beside it; `uid` is the owner's, where it is known."""
    own = f"{spec.install_prefix}/wakari-compute"
    etc = f"{own}/etc/wakari"
    names = ("config.json", "wk-compute-launcher-config.json")
    logs = [str(path) for path in default_logs(spec) if path.startswith(f"{own}/") and "launcher" in path]
    configs = ["/etc/wakari/config.json", *(f"{etc}/{name}" for name in names)]
    return {**_both(spec, project), "do": "host", "uid": uid, "configs": configs, "logs": logs}


def _both(spec: NodeSpec, project: str) -> dict[str, Any]:
    return {
        "project": project,
        "projects_root": spec.projects_root,
        "prefix": spec.install_prefix,
        "service_account": spec.service_account,
    }


def decode_folder(row: bytes) -> WhyFolder:
    """The row of `request_folder`.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), WhyFolder)


def decode_host(row: bytes) -> WhyHost:
    """The row of `request_host`.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), WhyHost)

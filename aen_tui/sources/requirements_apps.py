"""Who runs what on a node: the errand `apps`, by the probe under sudo where there is one (it sees more)."""

from __future__ import annotations

from typing import Any

from aen_tui.model.node import NodeSpec
from aen_tui.model.node_facts import AppFacts, HostFacts
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "apps"
SECONDS = 30.0


def request(spec: NodeSpec, host: HostFacts | None) -> dict[str, Any]:
    """What the errand is told about a node; the service account's uid is the machine's: a directory may have it.

    Args:
        spec: the node.
        host: what is known of the machine.
    """
    account = host.accounts.get(spec.service_account) if host is not None else None
    return {
        "projects_root": spec.projects_root,
        "service_account": spec.service_account,
        "service_uid": None if account is None else account.uid,
    }


def decode(row: bytes) -> AppFacts:
    """The errand's only row.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), AppFacts)

"""An NFS server that did not answer (system log or kernel messages of the last hour)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.trends import SignKind


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for sign in node.signs:
        if sign.kind is not SignKind.NFS:
            continue
        times = f" ({sign.count} times in an hour)" if sign.count > 1 else ""
        yield Finding(
            "nfs-not-responding",
            Severity.CRITICAL,
            f"NFS server {sign.subject or 'of a mount'} did not answer{times}: {sign.text}",
            "look at that server and at the network between",
        )


CHECK = Check("nfs-not-responding", _evaluate, passed="every NFS server answers")

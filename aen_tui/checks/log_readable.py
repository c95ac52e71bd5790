"""Logs that may not be read: what may not be seen is said, never left out."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check, or_auto
from aen_tui.model.facts import Finding, LogFileState, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for log in node.logs:
        if log.state is LogFileState.UNKNOWN and log.kind != "system":  # root's own: the node page says it
            yield Finding(
                "log-readable",
                Severity.UNKNOWN,
                f"{log.path}: {log.error or 'cannot be read'}",
                f"put the login user into the file's group (adm for nginx){or_auto(node.spec)}",
                "002",
                subject=log.path,
            )


CHECK = Check("log-readable", _evaluate, passed="every log may be read", seed="002")

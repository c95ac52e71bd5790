"""The kernel killed a process because no memory was left (system log or kernel messages of the last hour)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.trends import SignKind


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for sign in node.signs:
        if sign.kind is not SignKind.OOM_KILL:
            continue
        times = f" ({sign.count} times in an hour)" if sign.count > 1 else ""
        yield Finding(
            "oom-kill",
            Severity.CRITICAL,
            f"out of memory, {sign.subject or 'a process'} was killed{times}: {sign.text}",
            "look for the heaviest projects; a service that was killed is started again by its supervisord only",
            "004",
        )


CHECK = Check("oom-kill", _evaluate, passed="nothing was killed for want of memory", seed="004")

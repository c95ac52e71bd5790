"""The kernel killed a process because no memory was left (system log or kernel messages of the last hour)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.trends import SignKind

ID = "oom-kill"


def words(subject: str, text: str, count: int = 1) -> str:
    """What is said of a kill, or of so many of which it is the last."""
    times = f" ({count} times in an hour)" if count > 1 else ""
    return f"out of memory, {subject or 'a process'} was killed{times}: {text}"


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for sign in node.signs:
        if sign.kind is not SignKind.OOM_KILL:
            continue
        yield Finding(
            ID,
            Severity.CRITICAL,
            words(sign.subject, sign.text, sign.count),
            "look for the heaviest projects; a service that was killed is started again by its supervisord only",
            "004",
        )


CHECK = Check(ID, _evaluate, passed="nothing was killed for want of memory", seed="004")

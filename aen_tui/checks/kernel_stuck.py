"""Processes in uninterruptible sleep (D) at two looks, a minute apart: a disk or an NFS server does not answer them."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity

NAMED = 3


def _evaluate(node: NodeState) -> Iterable[Finding]:
    stuck = node.vitals.value.stuck if node.vitals.value else ()
    if stuck:
        names = ", ".join(f"{one.name} ({one.pid})" for one in stuck[:NAMED])
        more = f" and {len(stuck) - NAMED} more" if len(stuck) > NAMED else ""
        yield Finding(
            "processes-stuck",
            Severity.WARNING,
            f"stuck for a minute and longer, not even to be killed: {names}{more}",
            "look at mounts that do not answer and at the kernel's messages; `cat /proc/PID/stack` says where",
        )


CHECK = Check("processes-stuck", _evaluate, passed="no process is stuck")

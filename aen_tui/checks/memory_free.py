"""Memory that is available, against the inventory's thresholds."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    memory = node.metrics.value.memory if node.metrics.value else None
    if memory is None:
        return
    warning, critical = node.spec.thresholds.memory_percent
    if memory.used_percent >= warning:
        severity = Severity.CRITICAL if memory.used_percent >= critical else Severity.WARNING
        yield Finding(
            "memory-free",
            severity,
            f"{memory.used_percent:.0f} % of the memory is used",
            "look for the heaviest projects",
            "004",
        )


CHECK = Check("memory-free", _evaluate, passed="there is memory left", seed="004")

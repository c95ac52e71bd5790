"""Memory that is available, against the inventory's thresholds and floors of bytes.

Held for 20 s before it counts, but for the first look, and left once it was better for 30 s; a machine of a
gigabyte and more is short of memory with 256 MiB left, whatever per cent that is, and without any with 96 MiB.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity, over

MIB = 1024 * 1024
FLOORS = ((96 * MIB, Severity.CRITICAL), (256 * MIB, Severity.WARNING))
LEAST_TOTAL = 1024 * MIB


def _evaluate(node: NodeState) -> Iterable[Finding]:
    memory = node.metrics.value.memory if node.metrics.value else None
    if memory is None:
        return
    severity = node.trends.levels.get("memory")
    if severity is None:  # nothing is known over time
        severity = over(memory.used_percent, node.spec.thresholds.memory_percent)
        if memory.total_bytes >= LEAST_TOTAL:
            severity = max([severity, *(level for floor, level in FLOORS if memory.available_bytes <= floor)])
    if severity is not Severity.OK:
        about = " (estimated: this kernel does not say what is available)" if memory.is_estimate else ""
        yield Finding(
            "memory-free",
            severity,
            f"{memory.used_percent:.0f} % of the memory is used, {memory.available_bytes // MIB:,} MiB are left{about}",
            "look for the heaviest projects",
            "004",
        )


CHECK = Check("memory-free", _evaluate, passed="there is memory left", seed="004")

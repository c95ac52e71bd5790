"""Memory that is swapped in and out: over 1 MiB/s for a minute. Swap that is used and lies still is no harm."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    severity = node.trends.levels.get("swap", Severity.OK)
    known = node.metrics.value
    if severity is Severity.OK or known is None or known.swap_in_bytes_per_second is None:
        return
    swapped = (known.swap_in_bytes_per_second + (known.swap_out_bytes_per_second or 0.0)) / 2**20
    yield Finding(
        "memory-swapping",
        severity,
        f"the machine swaps for minutes: {swapped:.1f} MiB/s in and out",
        "look for the heaviest projects; everything on this node waits for its disk",
    )


CHECK = Check("memory-swapping", _evaluate, passed="nothing is swapped in and out")

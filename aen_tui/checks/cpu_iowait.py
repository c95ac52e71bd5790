"""Work that waits for disks: over 40 % of the time for two minutes."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    severity = node.trends.levels.get("iowait", Severity.OK)
    percent = node.metrics.value.iowait_percent if node.metrics.value else None
    if severity is not Severity.OK and percent is not None:
        yield Finding(
            "cpu-iowait",
            severity,
            f"the cpu waits for disks for minutes: {percent:.0f} %",
            "see which disk is slow (iostat -x), and what writes to it",
        )


CHECK = Check("cpu-iowait", _evaluate, passed="the cpu does not wait for disks")

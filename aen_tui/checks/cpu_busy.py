"""Every core busy for minutes: over the inventory's thresholds for 60 s, until it is 10 points less for as long."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    severity = node.trends.levels.get("cpu", Severity.OK)
    known = node.metrics.value
    if severity is Severity.OK or known is None or known.cpu_percent is None:
        return
    load = f", load {known.load[0]:.1f} on {known.cores} cores" if known.load and known.cores else ""
    yield Finding(
        "cpu-busy",
        severity,
        f"the cpu is busy for minutes: {known.cpu_percent:.0f} %{load}",
        "look for the heaviest projects",
        "004",
    )


CHECK = Check("cpu-busy", _evaluate, passed="the cpu has time left", seed="004")

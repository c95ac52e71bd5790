"""Time that the hypervisor gives to other machines: over 10 % for two minutes."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    severity = node.trends.levels.get("steal", Severity.OK)
    percent = node.metrics.value.steal_percent if node.metrics.value else None
    if severity is not Severity.OK and percent is not None:
        yield Finding(
            "cpu-steal",
            severity,
            f"the hypervisor gives this machine's time to others for minutes: {percent:.0f} %",
            "ask who runs the virtual machines: the host has too many",
        )


CHECK = Check("cpu-steal", _evaluate, passed="no time is stolen")

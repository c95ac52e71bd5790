"""Inodes of the filesystems that matter, against the inventory's thresholds: environments are many small files."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity, over


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for disk in node.metrics.value.disks if node.metrics.value else ():
        percent = disk.inodes_used_percent
        if disk.error is not None or percent is None:
            continue
        severity = node.trends.levels.get(f"inodes:{disk.mount}")
        if severity is None:  # nothing is known over time
            severity = over(percent, node.spec.thresholds.disk_percent)
        if severity is not Severity.OK:
            yield Finding(
                "disk-inodes",
                severity,
                f"{disk.mount}: {percent:.0f} % of the inodes are used",
                "remove unused environments: each is tens of thousands of files",
                "002",
                subject=disk.mount,
            )


CHECK = Check("disk-inodes", _evaluate, passed="every filesystem has inodes left", seed="002", weight=50)

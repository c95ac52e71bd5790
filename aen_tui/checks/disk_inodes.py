"""Inodes of the filesystems that matter, against the inventory's thresholds: environments are many small files."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Disk, Finding, NodeState
from aen_tui.model.filesystems import filesystems, named
from aen_tui.model.severity import Severity, over


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for disks in filesystems(node.metrics.value.disks if node.metrics.value else ()):
        disk, severity = disks[0], max(_severity(node, one) for one in disks)
        if severity is not Severity.OK:
            yield Finding(
                "disk-inodes",
                severity,
                f"{named(disks)}: {disk.inodes_used_percent or 0:.0f} % of the inodes are used",
                "remove unused environments: each is tens of thousands of files",
                "002",
                subject=disk.mount,
            )


def _severity(node: NodeState, disk: Disk) -> Severity:
    if disk.inodes_used_percent is None:
        return Severity.OK
    held = node.trends.levels.get(f"inodes:{disk.mount}")
    # without it nothing is known over time
    return over(disk.inodes_used_percent, node.spec.thresholds.disk_percent) if held is None else held


CHECK = Check("disk-inodes", _evaluate, passed="every filesystem has inodes left", seed="002", weight=50)

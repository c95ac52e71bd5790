"""Space of the filesystems that matter, against the inventory's thresholds and floors of bytes (as df counts).

A level that was reached is left 2 points below it. Of a filesystem of 8 GiB and more, 2 GiB left and less is a
warning and 512 MiB and less critical, whatever per cent that is, until 128 MiB more are left for 30 s.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Disk, Finding, NodeState
from aen_tui.model.filesystems import filesystems, named
from aen_tui.model.severity import Severity, over

MIB = 1024 * 1024
FLOORS = ((512 * MIB, Severity.CRITICAL), (2048 * MIB, Severity.WARNING))
LEAST_TOTAL = 8192 * MIB


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for disks in filesystems(node.metrics.value.disks if node.metrics.value else ()):
        disk, severity = disks[0], max(_severity(node, one) for one in disks)
        if severity is not Severity.OK:
            yield Finding(
                "disk-free",
                severity,
                f"{named(disks)}: {disk.used_percent:.0f} % of the space is used, {_left(disk.available_bytes)} left",
                "remove old logs and unused environments; `du` counts hard links twice",
                "002",
                subject=disk.mount,
            )


def _severity(node: NodeState, disk: Disk) -> Severity:
    held = node.trends.levels.get(f"disk:{disk.mount}")
    if held is not None:
        return held
    severity = over(disk.used_percent, node.spec.thresholds.disk_percent)  # nothing is known over time
    if disk.total_bytes >= LEAST_TOTAL:
        severity = max([severity, *(level for floor, level in FLOORS if disk.available_bytes <= floor)])
    return severity


def _left(size: float) -> str:
    return f"{size / 2**30:,.0f} GiB are" if size >= 10 * 2**30 else f"{size / MIB:,.0f} MiB are"


CHECK = Check("disk-free", _evaluate, passed="every filesystem has room", seed="002", weight=50)

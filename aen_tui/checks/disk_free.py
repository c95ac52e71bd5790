"""Space and inodes of the filesystems that matter, against the inventory's thresholds."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    warning, critical = node.spec.thresholds.disk_percent
    for disk in node.metrics.value.disks if node.metrics.value else ():
        figures = {"space": disk.used_percent, "inodes": disk.inodes_used_percent or 0.0}
        for what, percent in figures.items():
            if percent >= warning:
                severity = Severity.CRITICAL if percent >= critical else Severity.WARNING
                yield Finding(
                    "disk-free",
                    severity,
                    f"{disk.mount}: {percent:.0f} % of the {what} is used",
                    "remove old logs and unused environments; `du` counts hard links twice",
                    "002",
                )
        if disk.read_only and disk.mount in ("/opt/wakari", node.spec.projects_root, "/"):
            yield Finding("disk-free", Severity.CRITICAL, f"{disk.mount} is read-only", "see the kernel's messages")


CHECK = Check("disk-free", _evaluate, passed="every filesystem has room", seed="002")

"""A filesystem that will be full within a day, if it goes on as in the last hour.

Said only where the free space falls in a line (state/free_space.py); critical within four hours.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.filesystems import filesystems, named
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for disks in filesystems(node.metrics.value.disks if node.metrics.value else ()):
        fillings = [filling for disk in disks if (filling := node.trends.filling_of(disk.mount)) is not None]
        if not fillings:
            continue
        filling = min(fillings, key=lambda one: one.full_in_seconds)
        severity = max(node.trends.levels.get(f"filling:{one.mount}", Severity.OK) for one in fillings)
        if severity is not Severity.OK:
            yield Finding(
                "disk-filling",
                severity,
                f"{named(disks)} {'is' if len(disks) == 1 else 'are'} full in {_about(filling.full_in_seconds)}, "
                f"if it goes on at {_rate(filling.bytes_per_second)}",
                "find what writes (`find MOUNT -xdev -mmin -60 -size +100M`), before it is full",
                "002",
                subject=disks[0].mount,
            )


def _about(seconds: float) -> str:
    """As rough as it is known, so that the words stay while it comes nearer."""
    minutes = seconds / 60
    if minutes < 90:
        return f"about {max(10, round(minutes / 10) * 10)} minutes"
    return f"about {round(minutes / 60)} hours"


def _rate(bytes_per_second: float) -> str:
    mib = bytes_per_second * 3600 / 2**20
    return f"{mib / 1024:.0f} GiB an hour" if mib >= 2048 else f"{mib:.0f} MiB an hour"


CHECK = Check("disk-filling", _evaluate, passed="no filesystem will be full within a day", seed="002")

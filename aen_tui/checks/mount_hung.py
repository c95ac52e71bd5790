"""A filesystem that does not answer: statvfs did not come back within 2 s."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for disk in node.metrics.value.disks if node.metrics.value else ():
        if disk.error == "hung":
            yield Finding(
                "mount-hung",
                Severity.CRITICAL,
                f"{disk.mount} ({disk.filesystem}) does not answer",
                "look at its server and at the network between",
                subject=disk.mount,
            )


CHECK = Check("mount-hung", _evaluate, passed="every filesystem answers", weight=50)

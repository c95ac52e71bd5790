"""Findings that come, get worse or better, and go: thresholds that were crossed, and everything else a check says."""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.state.event import Event

KIND = "finding"
TOLD_ELSEWHERE = frozenset({"program-state", "maintenance"})
"""Services are events of their own; a maintenance is announced."""
METRICS = {
    "disk-free": "disk_percent",
    "disk-filling": "disk_percent",
    "memory-free": "memory_percent",
    "memory-swapping": "swap_bytes_per_second",
    "cpu-busy": "cpu_percent",
    "cpu-iowait": "iowait_percent",
    "cpu-steal": "steal_percent",
}
"""Check -> the series that shows what it is about."""


class FindingsSeen:
    """The worst that each check said of one node."""

    __slots__ = ("_worst",)

    def __init__(self) -> None:
        self._worst: dict[str, Finding] | None = None

    def changes(self, node: NodeState, wall: float) -> Iterator[Event]:
        """What became of them."""
        first, before = self._worst is None, self._worst or {}
        worst: dict[str, Finding] = {}
        for finding in node.findings:
            known = worst.get(finding.check)
            if finding.check not in TOLD_ELSEWHERE and (known is None or finding.severity > known.severity):
                worst[finding.check] = finding
        self._worst = worst
        if first:
            return
        for check, finding in worst.items():
            was = before.get(check)
            if was is None or was.severity is not finding.severity:
                yield _event(node, finding, wall)
        for check in before.keys() - worst.keys():
            if before[check].severity is not Severity.OK:
                yield _event(node, Finding(check, Severity.OK, "not found any more"), wall)


def _event(node: NodeState, finding: Finding, wall: float) -> Event:
    check, detail = visible_line(finding.check, 60), visible_line(finding.message, 300)
    short = f"{check} is ok" if finding.severity is Severity.OK else check
    return Event(
        at_wall=wall,
        node=node.name,
        kind=KIND,
        severity=finding.severity,
        text=f"{check} on {visible_line(node.name, 100)}: {detail}",
        source=f"{finding.check}:{finding.severity.word}",
        short=short,
        detail="" if finding.severity is Severity.OK else detail,
        check=finding.check,
        metric=METRICS.get(finding.check),
        is_planned=node.is_uncounted,
    )

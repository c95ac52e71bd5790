"""Findings that come, get worse or better, and go: thresholds that were crossed, and everything else a check says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aen_tui.checks.roots import finding_trouble
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
_SAID_BY_ID = re.compile(r"^(?:mongod|Elasticsearch) does not answer(?: on|:) ")
"""What messages of `mongod-answers` and `elasticsearch-answers` begin with: a row has said it then."""


_Key = tuple[str, str]
"""The check, and what it is about."""


class FindingsSeen:
    """The worst that each check said of each thing on one node."""

    __slots__ = ("_worst",)

    def __init__(self) -> None:
        self._worst: dict[_Key, Finding] | None = None

    def changes(self, node: NodeState, wall: float) -> Iterator[Event]:
        """What became of them."""
        first, before = self._worst is None, self._worst or {}
        worst: dict[_Key, Finding] = {}
        for finding in node.findings:
            key = (finding.check, finding.subject)
            known = worst.get(key)
            if finding.check not in TOLD_ELSEWHERE and (known is None or finding.severity > known.severity):
                worst[key] = finding
        self._worst = worst
        if first:
            return
        for key, finding in worst.items():
            was = before.get(key)
            if was is None or was.severity is not finding.severity:
                yield _event(node, finding, wall)
        for key, was in before.items():
            if key not in worst and was.severity is not Severity.OK:
                yield _event(node, Finding(was.check, Severity.OK, "not found any more", subject=was.subject), wall)


def _event(node: NodeState, finding: Finding, wall: float) -> Event:
    check, detail = visible_line(finding.check, 60), visible_line(finding.message, 300)
    is_ok = finding.severity is Severity.OK
    whose = f" of {visible_line(finding.subject, 80)}" if finding.subject else ""
    short = f"{check}{whose} is ok" if is_ok else check
    return Event(
        at_wall=wall,
        node=node.name,
        kind=KIND,
        severity=finding.severity,
        text=f"{check} on {visible_line(node.name, 100)}: {detail}",
        source=f"{finding.check}:{finding.subject}:{finding.severity.word}",
        about=f"{KIND}:{finding.check}:{finding.subject}",
        trouble=None if is_ok else finding_trouble(node.name, finding),
        short=short,
        detail="" if is_ok else _SAID_BY_ID.sub("", detail),
        check=finding.check,
        metric=METRICS.get(finding.check),
        is_planned=node.is_uncounted,
    )

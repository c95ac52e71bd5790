"""Limits that are nearly used up: open files of a service, processes of its account, tracked connections.

Against /proc/PID/limits of the service's own process; asked once a minute. What may not be seen is said in the
Metrics view.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity, over

LIMITS = (80.0, 95.0)


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for used in node.vitals.value.used if node.vitals.value else ():
        severity = over(used.percent, LIMITS)
        if severity is not Severity.OK:
            whose = f"{used.service}: " if used.service else ""
            yield Finding(
                "limits-used",
                severity,
                f"{whose}{used.used:,} of {used.limit:,} {used.what}",
                "find what it does not give back; raise the limit where its supervisord is started, and restart it",
                subject=f"{used.what} {used.service}".strip(),
            )


CHECK = Check("limits-used", _evaluate, passed="no limit is nearly used up")

"""Programs and services that ought to run and do not."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check, service_severity
from aen_tui.model.facts import Finding, NodeState, ServiceState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    for service in node.services:
        severity = service_severity(service)
        if severity >= Severity.WARNING:
            tail = f": {service.description or service.error}" if service.description or service.error else ""
            message = f"{service.name} is {service.state}{tail}"
            yield Finding("program-state", severity, message, _remedy(service), "002", subject=service.name)


def _remedy(service: ServiceState) -> str:
    if service.state in ("FATAL", "BACKOFF"):
        return f"its own log says why; then start {service.name}"
    if service.manager == "supervisor":
        return f"start {service.name}, unless somebody stopped it on purpose"
    return f"`service {service.name} start`, unless somebody stopped it on purpose"


CHECK = Check("program-state", _evaluate, passed="everything that ought to run runs", seed="002")

"""Programs of a node's supervisords, discovered, never hard-coded (aen.md 2.2, 6)."""

from __future__ import annotations

from aen_tui.model.facts import ServiceState
from aen_tui.model.node import NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.services import NO_PROGRAMS, services_of
from aen_tui.sources.frames import SupervisorEntry

STATES = frozenset({"STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"})


def request(spec: NodeSpec) -> dict[str, object]:
    """Where the node's supervisords live."""
    names = [service.supervisor for service in services_of(spec) if service.supervisor]
    return {
        "supervisors": [{"name": name, "prefix": f"{spec.install_prefix}/{name}"} for name in names],
        "service_account": spec.service_account,
    }


def decode(
    entry: SupervisorEntry, frame_time: float, seen_at: float, *, under_sudo: bool = False
) -> list[ServiceState]:
    """Programs of one supervisord as services; one that may not be asked is a service with state `unknown`."""
    found: list[ServiceState] = []
    supervisor = visible_line(entry.name, 100)
    error = visible_line(entry.error, 300) if entry.error else None
    for row in entry.programs:
        state = row.state if row.state in STATES and row.state != "UNKNOWN" else "unknown"
        running = row.started is not None and row.pid
        found.append(
            ServiceState(
                name=visible_line(row.name, 200),
                manager="supervisor",
                state=state,
                supervisor=supervisor,
                pid=row.pid or None,
                started_at=row.started,
                uptime_seconds=max(0.0, frame_time - row.started) if running and row.started else None,
                seen_at=seen_at,
                error=error,
                description=visible_line(row.description, 300),
                under_sudo=under_sudo,
                startsecs=row.startsecs,
                stopwaitsecs=row.stopwaitsecs,
            )
        )
    if not entry.programs and error != "not installed":
        found.append(
            ServiceState(
                name=supervisor,
                manager="supervisor",
                state="unknown",
                supervisor=supervisor,
                seen_at=seen_at,
                error=error or NO_PROGRAMS,
            )
        )
    return found

"""SysV services of a node: `service NAME status`, pid file and /proc (aen.md 2.3, 11)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.model.facts import ServiceState
from aen_tui.model.node import NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.services import services_of
from aen_tui.sources.frames import ServiceEntry

_STATES = {"running": "RUNNING", "stopped": "STOPPED", "dead": "EXITED", "absent": "absent"}


def request(spec: NodeSpec) -> dict[str, list[str]]:
    """The SysV names of the node's services."""
    return {"services": [service.sysv for service in services_of(spec)]}


def decode(entries: Iterable[ServiceEntry], frame_time: float, seen_at: float) -> tuple[ServiceState, ...]:
    """Services in supervisor's words, so that one list reads evenly."""
    return tuple(
        ServiceState(
            name=visible_line(entry.name, 100),
            manager="sysv",
            state=_STATES.get(entry.state, "unknown"),
            pid=entry.pid or None,
            started_at=entry.started,
            uptime_seconds=max(0.0, frame_time - entry.started) if entry.started and entry.pid else None,
            seen_at=seen_at,
            error=visible_line(entry.error, 300) if entry.error else None,
            description=visible_line(entry.text or "", 300),
        )
        for entry in entries
    )

"""Programs of a node's supervisords, discovered, never hard-coded (aen.md 2.2, 6)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from aen_tui.model.facts import ServiceState
from aen_tui.model.node import NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.model.zones import NodeTime, local_offset
from aen_tui.services import NO_PROGRAMS, services_of
from aen_tui.sources.frames import SupervisorEntry

_STOPPED_AT = re.compile(r"[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M")
"""What supervisord says of a program that has ended: strftime `%b %d %I:%M %p`, by the node's zone, without a year."""

STATES = frozenset({"STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"})


def request(spec: NodeSpec) -> dict[str, object]:
    """Where the node's supervisords live."""
    names = [service.supervisor for service in services_of(spec) if service.supervisor]
    return {
        "supervisors": [{"name": name, "prefix": f"{spec.install_prefix}/{name}"} for name in names],
        "service_account": spec.service_account,
    }


def decode(
    entry: SupervisorEntry,
    frame_time: float,
    seen_at: float,
    *,
    time: NodeTime | None = None,
    under_sudo: bool = False,
) -> list[ServiceState]:
    """Programs of one supervisord as services; one that may not be asked is a service with state `unknown`.

    Args:
        entry: what the probe said of it.
        frame_time: when, in epoch seconds of the node.
        seen_at: the same in monotonic seconds of ours.
        time: the node's clock; None for one like ours.
        under_sudo: whether the probe under sudo said it.
    """
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
                description=_about(visible_line(row.description, 300), frame_time, time or NodeTime()),
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


def _about(said: str, frame_time: float, time: NodeTime) -> str:
    """`Nov 21 11:45 PM` of the node as `since 11-21 23:45` of this machine, as all views show times; else as it is."""
    if _STOPPED_AT.fullmatch(said) is None:
        return said
    try:
        there = datetime.fromtimestamp(frame_time + time.offset(frame_time), UTC)
        at = datetime.strptime(f"{there.year} {said} +0000", "%Y %b %d %I:%M %p %z")
        if at > there + timedelta(days=1):
            at = at.replace(year=there.year - 1)
    except (ValueError, OverflowError, OSError):
        return said
    moment = round(time.ours(at.timestamp(), zoned=False) / 60) * 60  # it says no seconds: a skew of some is none
    return f"since {datetime.fromtimestamp(moment + local_offset(moment), UTC):%m-%d %H:%M}"

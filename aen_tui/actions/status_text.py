"""What `supervisorctl status NAME` says, in every version from 3.0b2 to 4.3; read by words, never by column.

Exit codes differ (3.x: 0 whatever it says; 4.x: 3 where something does not run), so only the text counts.
"""

from __future__ import annotations

import re
from dataclasses import replace

from aen_tui.actions.claims import cannot_ask, refused
from aen_tui.model.command import CommandResult
from aen_tui.model.facts import ServiceState
from aen_tui.model.plans import Target
from aen_tui.model.text import visible_line

_LINE = re.compile(
    r"^(?P<name>\S+)\s+(?P<state>STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\b\s*(?P<about>.*)$"
)
_RUNNING = re.compile(
    r"pid (?P<pid>\d+), uptime (?:(?P<days>\d+) days?, )?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d)"
)


def services_of(target: Target, result: CommandResult, seen_at: float) -> tuple[ServiceState, ...]:
    """The program, or of a whole supervisord all of them; one that is `unknown` where it says nothing of them.

    Args:
        target: a supervisor program, or a supervisord itself.
        result: of `supervisorctl status` with the program's name, or without.
        seen_at: monotonic seconds at which it was asked.
    """
    if target.service != target.supervisor:
        return (service_of(target, result, seen_at),)
    named = [found["name"] for line in _lines(result) if (found := _LINE.match(line)) is not None]
    programs = [service_of(replace(target, service=name), result, seen_at) for name in dict.fromkeys(named)]
    return tuple(programs) or (service_of(target, result, seen_at),)


def service_of(target: Target, result: CommandResult, seen_at: float) -> ServiceState:
    """The program as its supervisorctl says it; `unknown` with the reason where it says nothing of it.

    Args:
        target: a supervisor program.
        result: of `supervisorctl status NAME`, perhaps under sudo.
        seen_at: monotonic seconds at which it was asked.
    """
    lines = _lines(result)
    for line in lines:
        found = _LINE.match(line)
        if found is None or found["name"] != target.service or found["state"] == "UNKNOWN":
            continue
        running = _RUNNING.match(found["about"])
        return _shown(
            target,
            found["state"],
            seen_at,
            pid=int(running["pid"]) if running else None,
            uptime_seconds=_seconds(running) if running else None,
            description=visible_line(found["about"], 300),
        )
    why = refused(result) or cannot_ask(lines) or (lines[-1] if lines else result.error)
    return unknown(target, visible_line(why or f"it said nothing, exit status {result.exit_status}", 300), seen_at)


def unknown(target: Target, why: str, seen_at: float) -> ServiceState:
    """The program where its supervisorctl could not be asked."""
    return _shown(target, "unknown", seen_at, error=f"supervisorctl status: {why}")


def _lines(result: CommandResult) -> list[str]:
    return [line.strip() for line in result.output.replace("\r", "\n").split("\n") if line.strip()]


def _shown(
    target: Target,
    state: str,
    seen_at: float,
    *,
    pid: int | None = None,
    uptime_seconds: float | None = None,
    description: str = "",
    error: str | None = None,
) -> ServiceState:
    return ServiceState(
        name=target.service,
        manager=target.manager,
        state=state,
        supervisor=target.supervisor,
        pid=pid,
        uptime_seconds=uptime_seconds,
        seen_at=seen_at,
        description=description,
        error=error,
    )


def _seconds(running: re.Match[str]) -> float:
    days, hours, minutes, seconds = (int(running[name] or 0) for name in ("days", "hours", "minutes", "seconds"))
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)

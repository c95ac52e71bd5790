"""Bursts of errors in logs as events; the way to the log leads to the first line of the burst."""

from __future__ import annotations

from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.state.error_bursts import Burst
from aen_tui.state.event import Event

KIND = "errors"


def burst_event(burst: Burst, *, is_planned: bool) -> Event:
    """A log began to say many errors, or says them no more."""
    node, path = burst.key
    name = visible_line(path.rpartition("/")[2] or path, 100)
    short = f"no more errors than usual in {name}" if burst.is_over else f"burst of errors in {name}"
    usual = f"{burst.usual} usual" if burst.usual else "none usual"
    detail = "" if burst.is_over else f"{burst.lines} lines in a minute, {usual}"
    return Event(
        at_wall=burst.first,
        node=node,
        kind=KIND,
        severity=Severity.OK if burst.is_over else Severity.WARNING,
        text=f"{short} ({visible_line(path, 200)}) on {visible_line(node, 100)}" + (f": {detail}" if detail else ""),
        log=burst.key,
        source=f"{path}:{burst.is_over}",
        about=f"{KIND}:{path}",
        short=short,
        detail=detail,
        is_planned=is_planned,
    )

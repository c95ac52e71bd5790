"""Clocks agree: tokens between the services expire, and logs are merged by time."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning

_WARNING_SECONDS, _CRITICAL_SECONDS = 5.0, 60.0
_REMEDY = "start ntpd or chronyd there, and step the clock once"


def _evaluate(look: Look) -> Iterable[Verdict]:
    skew = look.node.connection.skew_seconds
    if skew is None:
        yield unknown("the clock was not compared")
    elif abs(skew) >= _CRITICAL_SECONDS:
        yield critical(f"the clock is {_told(skew)} this machine's", _REMEDY)
    elif abs(skew) >= _WARNING_SECONDS:
        yield warning(f"the clock is {_told(skew)} this machine's", _REMEDY)
    else:
        yield ok(f"the clock differs by {abs(skew):.2f} s")


def _told(skew: float) -> str:
    return f"{abs(skew):,.0f} s {'ahead of' if skew > 0 else 'behind'}"


REQUIREMENT = Requirement("clock-skew", "clock", None, _evaluate)

"""A burst of errors after an act: a new process may stay up, answer, and still fail at what it is for."""

from __future__ import annotations

from aen_tui.model.text import visible_line
from aen_tui.runtime.error_rate import WHAT_COUNTS, ErrorRate

LEAST_LINES = 10
"""Fewer are no burst: a restart itself makes some."""
TIMES = 5.0
"""More than so many times what the time before lets expect."""


def burst(before: ErrorRate, after: ErrorRate) -> str | None:
    """The burst in words, with what was counted; None where there is none.

    Args:
        before: the minutes before the act.
        after: from the act until now.
    """
    expected = before.per_minute * after.seconds / 60.0
    if after.lines < LEAST_LINES or after.lines <= TIMES * expected:
        return None
    where = f", most in {visible_line(after.worst, 200)}" if after.worst is not None else ""
    return (
        f"errors burst: {after.lines} in {after.seconds:.0f} s{where}, "
        f"{before.per_minute:.1f} a minute before; {WHAT_COUNTS} count"
    )

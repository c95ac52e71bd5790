"""A plan in words, line by line, for a terminal; every string of a node is made visible."""

from __future__ import annotations

from aen_tui.model.command import shell_line
from aen_tui.model.plans import Plan, Risk, Step
from aen_tui.model.text import visible_line

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def card_text(plan: Plan, now: float) -> list[str]:
    """What will be done, where, as whom, what it hits and what proves it.

    Args:
        plan: what is shown.
        now: monotonic seconds, for the ages.
    """
    demo = "DEMO · " if plan.is_demo else ""
    lines = [f"{demo}{plan.action.value} · {visible_line(plan.cluster)}"]
    for number, step in enumerate(plan.steps, 1):
        lines += _step(step, f"{number}. " if len(plan.steps) > 1 else "", now)
    if len(plan.steps) > 1:
        lines.append("order    as numbered; stops at the first that is not verified")
    lines += [f"hits     {visible_line(sentence)}" for sentence in plan.blast_radius]
    return lines


def confirmation(plan: Plan) -> str:
    """What the card wants before it acts."""
    return "y" if plan.risk is Risk.KEY else visible_line(plan.word)


def question(plan: Plan) -> str:
    """The question that asks for it."""
    if plan.risk is Risk.KEY:
        return f"{plan.action.value}? [y/N] "
    return f"type {confirmation(plan)} to {plan.action.value}: "


def _step(step: Step, mark: str, now: float) -> list[str]:
    target = visible_line(f"{step.target.node}/{step.target.service}")
    sudo = "" if step.sudo == "none" else f"; sudo: {visible_line(step.sudo)}"
    user = "the login user" if step.user == "login" else visible_line(step.user)
    return [
        f"target   {mark}{target}{_known(step, now)}",
        f"runs     {visible_line(shell_line(step.argv))}",
        f"as       {user}{sudo}",
        f"proof    {visible_line(step.expect)}",
    ]


def _known(step: Step, now: float) -> str:
    known = step.before
    if not known.state:
        return ""
    parts = [visible_line(known.state), "no pid" if known.pid is None else f"pid {known.pid}"]
    if known.seen_at is None:
        return "  " + "  ".join([*parts, "never seen"])
    age = max(0.0, now - known.seen_at)
    if known.uptime_seconds is not None:
        parts.append(f"up {_span(known.uptime_seconds + age)}")
    return "  " + "  ".join([*parts, f"seen {age:.1f} s ago"])


def _span(seconds: float) -> str:
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"

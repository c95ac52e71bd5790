"""How long a step takes, by what the audit says of the same one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median
from typing import Any

from aen_tui.model.plans import Step
from aen_tui.runtime.audit_book import AuditStep

_LAST = 20
"""So many of the newest count."""

Durations = Mapping[tuple[str, str], list[float]]
"""Action and service -> seconds from intent to outcome, the newest last; of verified steps only."""


def durations(steps: Iterable[AuditStep]) -> Durations:
    """The durations in some records."""
    found: dict[tuple[str, str], list[float]] = {}
    for step in steps:
        if step.outcome is None or step.outcome.get("result") != "verified":
            continue
        seconds = _between(step.intent, step.outcome)
        if seconds is not None:
            found.setdefault((str(step.intent.get("action")), str(step.intent.get("service"))), []).append(seconds)
    return found


def expected_seconds(known: Durations, step: Step, *, settle_seconds: float) -> float | None:
    """What a step is expected to take; None where the same was never verified here.

    A record does not say whether it waited for things to settle: one that is shorter than that did not.

    Args:
        known: of the audit.
        step: the step.
        settle_seconds: how long it will wait after its proof; 0 where it will not.
    """
    before = known.get((step.action.value, step.target.service), [])[-_LAST:]
    if not before:
        return None
    return median(seconds if seconds >= settle_seconds else seconds + settle_seconds for seconds in before)


def _between(intent: Mapping[str, Any], outcome: Mapping[str, Any]) -> float | None:
    try:
        begun, ended = (datetime.fromisoformat(str(one["at"])) for one in (intent, outcome))
    except (KeyError, ValueError):
        return None
    seconds = (ended - begun).total_seconds()
    return seconds if seconds >= 0 else None

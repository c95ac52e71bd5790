"""How many apps run on nodes that a plan hits, by project: what may die with a launcher."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from aen_tui.model.age import age_text
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.text import visible_line

TRUSTED_SECONDS = 180.0
"""Counts are made once a minute; an older one is not known to be true."""
_NAMED = 3


def apps_on(state: ClusterState, node: NodeName) -> int | None:
    """How many apps run on a node; None where that is not known, or not any more."""
    known = state.nodes[node]
    look, age = known.projects.value, known.projects.age_seconds(state.taken_at)
    if look is None or age is None or age > TRUSTED_SECONDS or known.connection.state is not LinkState.UP:
        return None
    return look.known_apps


def app_sentence(state: ClusterState, nodes: Sequence[NodeName], now: float) -> str:
    """`3 run: 2 in alice/churn, 1 in bob/fraud, as of 12s ago`; what is not known is said.

    Args:
        state: what is known.
        nodes: the computes that are hit, one at least.
        now: monotonic seconds.
    """
    counted = {node: count for node in nodes if (count := apps_on(state, node)) is not None}
    missing = [node for node in nodes if node not in counted]
    if not counted:
        return f"how many run is not known{_reason(state, missing)}"
    by_project = Counter[str]()
    ages = []
    for node in counted:
        reading = state.nodes[node].projects
        ages.append(reading.age_seconds(now) or 0.0)
        for load in reading.value.loads if reading.value is not None else ():
            by_project[load.project] += load.apps
    total = sum(counted.values())
    words = f"{total} run" if total else "none runs"
    named = [(project, count) for project, count in by_project.most_common(_NAMED) if count]
    if named:
        words += ": " + ", ".join(f"{count} in {visible_line(project, 80)}" for project, count in named)
        more = total - sum(count for _, count in named)
        words += f", {more} in others" if more > 0 else ""
    words += f", as of {age_text(max(ages))} ago"
    if missing:
        words += f"; of {', '.join(missing[:_NAMED])}{' …' if len(missing) > _NAMED else ''} it is not known"
    return words


def _reason(state: ClusterState, nodes: Sequence[NodeName]) -> str:
    for node in nodes:
        reading = state.nodes[node].projects
        why = reading.error or (reading.value.blind if reading.value is not None else None)
        if why:
            return f": {visible_line(why, 200)}"
    return ""

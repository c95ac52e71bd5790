"""Elasticsearch red, or without a master. One node is yellow for ever, and that is well (aen.md 2.5)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import SearchFigures


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("elasticsearch")
    if store is None or store.state != "up" or store.health in ("green", "yellow"):
        return
    figures = store.figures
    indices = figures.indices.value if isinstance(figures, SearchFigures) and store.health == "red" else None
    red = [one.name for one in indices or () if one.health == "red"]
    said = f": {', '.join(red[:5])}" if red else f" ({store.error})" if store.error else ""
    yield Finding(
        "elasticsearch-health",
        Severity.CRITICAL,
        f"Elasticsearch is {store.health or 'without health'}{said}",
        "a primary shard is missing: look at its disk and log; the index can be built anew from the projects",
        "004",
    )


CHECK = Check(
    "elasticsearch-health",
    _evaluate,
    passed="Elasticsearch is green, or yellow as one node is for ever",
    store="elasticsearch",
    seed="004",
)

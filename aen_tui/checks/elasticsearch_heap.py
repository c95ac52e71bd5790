"""Elasticsearch's heap over 85 % over several looks: it collects garbage more than it works (ops 38)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import SearchFigures

LIMIT_PERCENT = 85.0


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("elasticsearch")
    if store is None or store.state != "up" or not isinstance(store.figures, SearchFigures):
        return
    least = store.figures.heap_least_percent
    if least is None or least <= LIMIT_PERCENT:
        return
    yield Finding(
        "elasticsearch-heap",
        Severity.WARNING,
        f"Elasticsearch's heap is {least:.0f} % full",
        "raise ES_HEAP_SIZE (half of the memory at most) in /etc/sysconfig/elasticsearch and restart it",
        "004",
    )


CHECK = Check(
    "elasticsearch-heap", _evaluate, passed="Elasticsearch's heap has room", store="elasticsearch", seed="004"
)

"""Another number of Elasticsearch nodes than expected: 1.x finds others by multicast and joins them (ops 38)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import SearchFigures


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("elasticsearch")
    if store is None or store.state != "up" or not isinstance(store.figures, SearchFigures) or store.health is None:
        return
    figures = store.figures
    if figures.node_count == figures.expected_nodes:
        return
    names = ", ".join(f"{one.name} ({one.address})" for one in (figures.nodes.value or ())[:5])
    yield Finding(
        "elasticsearch-nodes",
        Severity.WARNING,
        f"the Elasticsearch cluster {figures.cluster} has {figures.node_count} nodes, "
        f"{figures.expected_nodes} expected{': ' + names if names else ''}",
        "set a cluster.name of its own and discovery.zen.ping.multicast.enabled: false, "
        "or elasticsearch_nodes in the inventory",
        "004",
    )


CHECK = Check(
    "elasticsearch-nodes",
    _evaluate,
    passed="as many Elasticsearch nodes as expected",
    store="elasticsearch",
    seed="004",
)

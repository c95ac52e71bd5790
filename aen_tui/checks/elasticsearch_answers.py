"""Elasticsearch is there and does not answer, or something else does in its place: the search box stays empty."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("elasticsearch")
    if store is None or store.state != "down":
        return
    yield Finding(
        "elasticsearch-answers",
        Severity.CRITICAL,
        f"Elasticsearch {store.silence}",
        "`service elasticsearch status` and /var/log/elasticsearch; only the search needs it",
        "004",
    )


CHECK = Check("elasticsearch-answers", _evaluate, passed="Elasticsearch answers", store="elasticsearch", seed="004")

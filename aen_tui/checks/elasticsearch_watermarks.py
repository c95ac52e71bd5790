"""Files of Elasticsearch's nodes that differ in how full a disk may be: another master, other limits (ops 38)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import SearchFigures, SearchLimitApart

_NAMES_SHOWN = 3


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("elasticsearch")
    if store is None or store.state != "up" or not isinstance(store.figures, SearchFigures):
        return
    limits = store.figures.disk_limits
    apart = [one for one in limits.apart if limits.is_on or one.setting == "threshold_enabled"]
    if not apart:
        return
    yield Finding(
        "elasticsearch-watermarks",
        Severity.WARNING,
        f"elasticsearch.yml differs from node to node: {'; '.join(map(_told, apart))}. {limits.master} is the master: "
        "what it says holds for every disk, until another is elected",
        "set it alike in every elasticsearch.yml, or once for all through _cluster/settings",
        "004",
    )


def _told(apart: SearchLimitApart) -> str:
    return f"{apart.setting} is {', '.join(f'{value} on {_named(names)}' for value, names in apart.said)}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return " ".join(names[:_NAMES_SHOWN]) + more


CHECK = Check(
    "elasticsearch-watermarks",
    _evaluate,
    passed="Elasticsearch's watermarks do not depend on which node is its master",
    store="elasticsearch",
    seed="004",
)

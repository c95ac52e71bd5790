"""A disk past Elasticsearch's watermarks: it then gives the node no further shards, or moves them away (ops 38)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import SearchFigures, SearchNode

_FREE = re.compile(r"([\d.]+) ?([kmgt]?)b?\Z")
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def is_past(node: SearchNode, watermark: str) -> bool:
    """Whether a disk is fuller than `85%`, `0.85` or than what leaves `500mb` free."""
    word = watermark.strip().lower()
    percent = node.disk_percent
    try:
        if percent is not None and word.endswith("%"):
            return percent > float(word[:-1])
        if percent is not None and 0 < float(word) <= 1:
            return percent > 100 * float(word)
    except ValueError:
        pass
    found = _FREE.match(word)
    if found is None or node.disk_available_bytes is None:
        return False
    return node.disk_available_bytes < float(found[1]) * _UNITS[found[2]]


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("elasticsearch")
    if store is None or store.state != "up" or not isinstance(store.figures, SearchFigures):
        return
    low, high = store.figures.watermarks
    for one in store.figures.nodes.value or ():
        if not is_past(one, low):
            continue
        what = f"the high watermark ({high}): its shards are moved away where they can be"
        if not is_past(one, high):
            what = f"the low watermark ({low}): it takes no further shards, and new indices turn red"
        yield Finding(
            "elasticsearch-disk",
            Severity.WARNING,
            f"the disk of Elasticsearch node {one.name} is {one.disk_percent or 0:.0f} % full, past {what}",
            "remove old logs and indices there, or move path.data",
            "004",
        )


CHECK = Check(
    "elasticsearch-disk",
    _evaluate,
    passed="no disk is past Elasticsearch's watermarks",
    store="elasticsearch",
    seed="004",
)

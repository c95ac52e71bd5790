"""A disk past Elasticsearch's watermarks: several nodes keep shards away from it, one alone fills it up (ops 38)."""

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
    for one in store.figures.nodes.value or ():
        if not is_past(one, store.figures.disk_limits.low):
            continue
        what = _meaning(store.figures, is_past(one, store.figures.disk_limits.high))
        yield Finding(
            "elasticsearch-disk",
            Severity.WARNING,
            f"the disk of Elasticsearch node {one.name} is {one.disk_percent or 0:.0f} % full{what}",
            "remove old logs and indices there, or move path.data",
            "004",
            subject=one.name,
        )


def _meaning(figures: SearchFigures, is_high: bool) -> str:
    """What Elasticsearch 1.7 does about it (its DiskThresholdDecider; primaries of new indices pass the low mark)."""
    limits = figures.disk_limits
    if not figures.heeds_disks:
        why = "as one node alone" if limits.is_on else "with threshold_enabled: false"
        return f"; Elasticsearch itself, {why}, does not stop before it is full"
    if is_high:
        return f", past the high watermark ({limits.high}): it gets no shards, and its own are moved where they can be"
    return f", past the low watermark ({limits.low}): it gets no replicas"


CHECK = Check(
    "elasticsearch-disk",
    _evaluate,
    passed="no disk is past Elasticsearch's watermarks",
    store="elasticsearch",
    seed="004",
)

"""Elasticsearch 1.7's answers -> figures: `/`, `_cluster/health`, `_nodes/stats`, `_stats`, `_cluster/settings`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aen_tui.model.stores import SearchIndex, SearchNode
from aen_tui.sources.documents import number, table, text, whole

HEALTH = ("green", "yellow", "red")
NODES_AT_MOST = 50
INDICES_AT_MOST = 2000
_WATERMARK = "cluster.routing.allocation.disk.watermark"


def version(root: Mapping[str, Any]) -> str | None:
    """`version.number` of `/`."""
    return text(root, "version", "number", limit=40)


def health(answer: Mapping[str, Any]) -> str | None:
    """green, yellow or red; None where it says none of them."""
    found = text(answer, "status", limit=10)
    return found if found in HEALTH else None


def nodes(answer: Mapping[str, Any]) -> tuple[SearchNode, ...]:
    """`_nodes/stats/jvm,fs`."""
    return tuple(_node(table(one)) for one in list(table(answer, "nodes").values())[:NODES_AT_MOST])


def _node(one: Mapping[str, Any]) -> SearchNode:
    used, most = whole(one, "jvm", "mem", "heap_used_in_bytes"), whole(one, "jvm", "mem", "heap_max_in_bytes")
    percent = number(one, "jvm", "mem", "heap_used_percent")
    if used is not None and most:
        percent = 100.0 * used / most
    return SearchNode(
        name=text(one, "name") or "?",
        address=text(one, "transport_address") or text(one, "host") or "",
        heap_used_bytes=used,
        heap_max_bytes=most,
        heap_percent=percent,
        disk_total_bytes=whole(one, "fs", "total", "total_in_bytes"),
        disk_available_bytes=whole(one, "fs", "total", "available_in_bytes"),
    )


def indices(health_answer: Mapping[str, Any], stats: Mapping[str, Any]) -> tuple[SearchIndex, ...]:
    """Health by index and counts with sizes, as one; the largest first."""
    states, figures = table(health_answer, "indices"), table(stats, "indices")
    found = [_index(name, table(states.get(name)), table(figures.get(name))) for name in {*states, *figures}]
    return tuple(sorted(found, key=lambda one: (-one.size_bytes, one.name))[:INDICES_AT_MOST])


def _index(name: str, state: Mapping[str, Any], figures: Mapping[str, Any]) -> SearchIndex:
    return SearchIndex(
        name=text({"name": name}, "name") or "?",
        health=health(state),
        documents=whole(figures, "primaries", "docs", "count") or 0,
        size_bytes=whole(figures, "total", "store", "size_in_bytes") or 0,
        shards=whole(state, "number_of_shards") or 0,
    )


def watermarks(settings: Mapping[str, Any]) -> tuple[str, str]:
    """Low and high watermark of `_cluster/settings?flat_settings=true`: transient, persistent, else 85 and 90 %."""

    def one(name: str, default: str) -> str:
        key = f"{_WATERMARK}.{name}"
        places = (table(settings, "transient"), table(settings, "persistent"))
        return next((said for place in places if (said := text(place, key, limit=20))), default)

    return one("low", "85%"), one("high", "90%")

"""Elasticsearch 1.7's answers -> figures: `/`, `_cluster/health`, `_nodes/stats`, `_stats`, settings of both kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aen_tui.model.stores import SearchDiskLimits, SearchIndex, SearchNode
from aen_tui.sources.documents import number, table, text, whole

HEALTH = ("green", "yellow", "red")
NODES_AT_MOST = 50
INDICES_AT_MOST = 2000
_DISK = "cluster.routing.allocation.disk"
_OFF = ("false", "off", "no", "0")


def version(root: Mapping[str, Any]) -> str | None:
    """`version.number` of `/`."""
    return text(root, "version", "number", limit=40)


def error(answer: Mapping[str, Any]) -> str | None:
    """What it says instead of an answer; None where it does not."""
    if "error" not in answer:
        return None
    return text(answer, "error") or text(answer, "error", "reason") or "an error"


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


def counts(stats: Mapping[str, Any]) -> tuple[SearchIndex, ...]:
    """`_stats/docs,store`: documents and sizes by index, without their health."""
    return tuple(_counted(*one) for one in table(stats, "indices").items())


def _counted(name: str, figures: Any) -> SearchIndex:
    return SearchIndex(
        name=_shown(name),
        health=None,
        documents=whole(figures, "primaries", "docs", "count"),
        size_bytes=whole(figures, "total", "store", "size_in_bytes"),
    )


def _shown(name: str) -> str:
    return text({"name": name}, "name") or "?"


def with_health(known: Iterable[SearchIndex], health_answer: Mapping[str, Any]) -> tuple[SearchIndex, ...]:
    """The same counts with the health of this moment, the largest first; where no shard is there, there is no count."""
    states = {_shown(name): state for name, state in table(health_answer, "indices").items()}
    found = {name: SearchIndex(name, None) for name in states} | {one.name: one for one in known}
    rated = (
        replace(
            one,
            health=health(table(states.get(name))),
            shards=whole(states.get(name), "number_of_shards") or one.shards,
        )
        for name, one in found.items()
    )
    return tuple(sorted(rated, key=lambda one: (-(one.size_bytes or 0), one.name))[:INDICES_AT_MOST])


def disk_limits(cluster: Mapping[str, Any], nodes_settings: Mapping[str, Any]) -> SearchDiskLimits:
    """The watermarks: what the API set for now, what it set for good, else elasticsearch.yml, else 85 and 90 %.

    Args:
        cluster: `_cluster/settings?flat_settings=true`, which shows the API's only.
        nodes_settings: `_nodes/settings?flat_settings=true`. The master's file counts, which is not told apart: they
            are the same on every node of a cluster that is set up well.
    """
    files = [table(one, "settings") for one in list(table(nodes_settings, "nodes").values())[:NODES_AT_MOST]]
    places = [table(cluster, "transient"), table(cluster, "persistent"), *files]

    def said(name: str) -> str | None:
        key = f"{_DISK}.{name}"
        found = next((place[key] for place in places if isinstance(place.get(key), str | bool)), None)
        return None if found is None else text({"": str(found)}, "", limit=20)

    low, high, enabled = said("watermark.low"), said("watermark.high"), said("threshold_enabled")
    return SearchDiskLimits(low or "85%", high or "90%", (enabled or "true").lower() not in _OFF)

"""Elasticsearch 1.7's answers -> figures: `/`, `_cluster/health`, `_nodes/stats`, `_stats`, settings of both kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aen_tui.model.stores import SearchDiskLimits, SearchIndex, SearchLimitApart, SearchNode
from aen_tui.sources.documents import number, table, text, whole

HEALTH = ("green", "yellow", "red")
NODES_AT_MOST = 50
INDICES_AT_MOST = 2000
_DISK = "cluster.routing.allocation.disk"
_OFF = ("false", "off", "no", "0")
_LIMITS = {"watermark.low": "85%", "watermark.high": "90%", "threshold_enabled": "true"}
"""What holds where nothing is said."""


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


def master(state: Mapping[str, Any]) -> str | None:
    """The id of the elected master, of `_cluster/state/master_node`; None where there is none."""
    return text(state, "master_node")


def disk_limits(
    cluster: Mapping[str, Any], nodes_settings: Mapping[str, Any], elected: str | None = None
) -> SearchDiskLimits:
    """The watermarks: what the API set for now, what it set for good, else the master's elasticsearch.yml, or 85, 90 %.

    The elected master allots the shards of every node by its own file, whatever theirs say (elastic/elasticsearch
    107244).

    Args:
        cluster: `_cluster/settings?flat_settings=true`, which shows the API's only.
        nodes_settings: `_nodes/settings?flat_settings=true`.
        elected: the master's id; the first node's file counts where it is None, so it is needed where files differ.
    """
    api = (table(cluster, "transient"), table(cluster, "persistent"))
    files = {key: table(one) for key, one in table(nodes_settings, "nodes").items() if _may_be_master(table(one))}
    ruling = files.get(elected or "") or next(iter(files.values()), {})
    low, high, enabled = (_said(name, *api, table(ruling, "settings")) or usual for name, usual in _LIMITS.items())
    open_ones = [name for name in _LIMITS if _said(name, *api) is None]
    apart = [SearchLimitApart(name, _by_value(name, files.values())) for name in open_ones]
    return SearchDiskLimits(
        low,
        high,
        enabled not in _OFF,
        tuple(one for one in apart if len(one.said) > 1),
        text(ruling, "name") or "?",
    )


def _may_be_master(node: Mapping[str, Any]) -> bool:
    settings = table(node, "settings")
    return (
        _word(settings.get("node.master", "true")) not in _OFF and _word(settings.get("node.client", "false")) in _OFF
    )


def _said(name: str, *places: Mapping[str, Any]) -> str | None:
    """What the first of some settings says of a limit that says anything."""
    key = f"{_DISK}.{name}"
    return next((_word(place[key]) for place in places if isinstance(place.get(key), str | bool)), None)


def _word(value: Any) -> str:
    return text({"": str(value).lower()}, "", limit=20) or ""


def _by_value(name: str, files: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What files come to, and whose; what means the same is one, as the first of them writes it."""
    found: dict[str, tuple[str, list[str]]] = {}
    for one in files:
        value = _said(name, table(one, "settings")) or _LIMITS[name]
        found.setdefault(_meaning(name, value), (value, []))[1].append(text(one, "name") or "?")
    return tuple((value, tuple(names)) for value, names in found.values())


def _meaning(name: str, value: str) -> str:
    """A limit as Elasticsearch 1.7 takes it: `0.85` is `85%`, `on` is `true` (its RatioValue, its Booleans)."""
    if name == "threshold_enabled":
        return str(value not in _OFF)
    is_percent = value.endswith("%")
    try:
        share = float(value.removesuffix("%")) / (100 if is_percent else 1)
    except ValueError:
        return value
    return f"{100 * share:g}%" if is_percent or 0 <= share <= 1 else value

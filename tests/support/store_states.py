"""Made-up MongoDB and Elasticsearch for tests of the screen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from aen_tui.model.facts import StoreState
from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import (
    MIB,
    MongoCollection,
    MongoContents,
    MongoDatabase,
    MongoFigures,
    MongoHello,
    MongoLocks,
    MongoOperation,
    MongoOptions,
    MongoServer,
    SearchFigures,
    SearchIndex,
    SearchNode,
)
from aen_tui.state.series import SeriesStore
from tests.support.nodes import NOW_MONOTONIC

NODE = NodeName("aen-server")
SEEN = NOW_MONOTONIC - 4
SERVER = MongoServer(
    uptime_seconds=18 * 86400 + 3 * 3600,
    connections=42,
    connections_available=15958,
    ops_per_second={"insert": 1.2, "query": 31.0, "update": 4.0, "delete": 0.0, "getmore": 0.5, "command": 12.0},
    resident_bytes=640 * MIB,
    virtual_bytes=3200 * MIB,
    mapped_bytes=1500 * MIB,
    page_faults_per_second=0.2,
    locked_percent=3.0,
    locked_database="wakari",
    queued_readers=0,
    queued_writers=0,
    flush_last_ms=12.0,
    flush_average_ms=9.0,
)
COLLECTIONS = (
    MongoCollection("wakari", "projects", 5210, 4 * MIB, 6 * MIB, 600_000, 3),
    MongoCollection("wakari", "users", 410, 200_000, 300_000, 50_000, 2),
    MongoCollection("wakari", "events.2026", 1_240_000, 310 * MIB, 400 * MIB, 60 * MIB, 2),
)
CONTENTS = MongoContents((MongoDatabase("wakari", 3, 1_245_620, 315 * MIB, 512 * MIB, 61 * MIB),), COLLECTIONS)
INDEXING = MongoOperation("insert", "wakari.system.indexes", 42.0, "127.0.0.1:51022", writes=True, text="index: 2/3")
WAITING = MongoOperation("update", "wakari.projects", 40.0, "127.0.0.1:51034", waits_for_lock=True, writes=True)


def mongo_state(**parts: Any) -> StoreState:
    """A mongod that is well, but for what is given of its figures."""
    figures = MongoFigures(
        hello=MongoHello("standalone", None, 2, "2.6.10"),
        locks=Reading(MongoLocks(), SEEN),
        server=Reading(SERVER, SEEN),
        contents=Reading(CONTENTS, NOW_MONOTONIC - 34),
        options=MongoOptions(),
    )
    return StoreState(
        "up", "2.6.10", seen_at=SEEN, answered_at=SEEN, severity=Severity.OK, asked_on=NODE,
        address="127.0.0.1:27017", latency_ms=0.7, figures=replace(figures, **parts),
    )  # fmt: skip


def search_state(**parts: Any) -> StoreState:
    """An Elasticsearch that is well (and yellow), but for what is given of its figures."""
    node = SearchNode("Darkoth", "127.0.0.1:9300", 310 * MIB, 990 * MIB, 31.3, 50_000 * MIB, 30_000 * MIB)
    figures = SearchFigures(
        cluster="elasticsearch",
        node_count=1,
        active_shards=10,
        unassigned_shards=10,
        nodes=Reading((node,), SEEN),
        indices=Reading(
            (SearchIndex("projects", "yellow", 48_210, 120 * MIB, 5), SearchIndex("old-projects", None, 0, 0)),
            NOW_MONOTONIC - 34,
        ),
        heap_least_percent=30.0,
    )
    return StoreState(
        "up", "1.7.2", health="yellow", seen_at=SEEN, answered_at=SEEN, severity=Severity.OK, asked_on=NODE,
        address="127.0.0.1:9200", latency_ms=3.1, figures=replace(figures, **parts),
    )  # fmt: skip


def fill(series: SeriesStore, samples: int = 60) -> None:
    """Ten minutes of history."""
    for i in range(samples):
        at = NOW_MONOTONIC - 10.0 * (samples - i)
        series.of(NODE, "mongo_ops").add(at, 45 + 30 * math.sin(i / 6))
        series.of(NODE, "mongo_connections").add(at, 40 + i % 7)
        series.of(NODE, "mongo_memory_mib").add(at, 600 + i / 2)
        series.of(NODE, "search_heap").add(at, 25 + (3 * i) % 40)
        series.of(NODE, "search_health").add(at, 1.0)

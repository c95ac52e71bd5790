"""What is said of MongoDB and Elasticsearch, at every figure at which it turns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.checks import rate
from aen_tui.checks.elasticsearch_disk import is_past
from aen_tui.model.facts import NodeState, StoreState
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import (
    MIB,
    MongoDataSpace,
    MongoFigures,
    MongoHello,
    MongoLocks,
    MongoOperation,
    MongoOptions,
    SearchDiskLimits,
    SearchFigures,
    SearchIndex,
    SearchLimitApart,
    SearchNode,
)
from tests.unit.checks.test_causes import SERVER, well

W, C, U = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN
HELLO, NO_JOURNAL, GB = MongoHello("2.6.10"), MongoOptions(has_journal=False), 10**9
APART = tuple(SearchLimitApart(name, (("85%", ("es1",)),)) for name in ("watermark.low", "threshold_enabled"))


def said(name: str, store: StoreState) -> dict[str, tuple[Severity, str]]:
    node: NodeState = replace(well(SERVER), stores={name: store}, services=())
    return {one.check: (one.severity, one.message) for one in rate(node).findings if name[:5] in one.check}


def mongo(state: str = "up", version: str = "2.6.10", **parts: Any) -> StoreState:
    figures = MongoFigures(HELLO, options=NO_JOURNAL)
    return StoreState(state, version, address="127.0.0.1:27017", **{"figures": figures, **parts})


def told_of_mongo(store: StoreState) -> dict[str, Severity]:
    return {check: severity for check, (severity, _) in said("mongodb", store).items()}


def search(health: str | None = "green", state: str = "up", error: str | None = None, **parts: Any) -> StoreState:
    figures = SearchFigures(**{"cluster": "aen", "node_count": 1, **parts})
    return StoreState(state, "1.7.2", error, health, figures=figures)


def disk(used_percent: float, name: str = "es1") -> SearchNode:
    return SearchNode(
        name, "x", disk_total_bytes=1000 * GB, disk_available_bytes=round((1000 - 10 * used_percent) * GB)
    )


def of_disks(*used: float, **limits: Any) -> dict[str, Any]:
    nodes = tuple(disk(one, f"es{number}") for number, one in enumerate(used))
    return {"nodes": Reading(nodes, 1.0), "disk_limits": SearchDiskLimits(**limits)}


def operation(seconds: float, **parts: Any) -> MongoOperation:
    return MongoOperation("update", "wakari.x", seconds, **parts)


HOLDS, WAITS = {"writes": True}, {"waits_for_lock": True}


def locked(*operations: MongoOperation, error: str | None = None, **parts: Any) -> StoreState:
    locks = Reading(MongoLocks(operations=operations, **parts), 1.0, error)
    return mongo(figures=MongoFigures(HELLO, locks, options=NO_JOURNAL))


@pytest.mark.parametrize(
    ("store", "found"),
    [
        (mongo(), {}),
        (mongo("unknown"), {}),
        (mongo("down", error="refused"), {"mongod-answers": C}),
        (mongo("down", last_words="12596 old lock file"), {"mongod-answers": C, "mongo-unclean-lock": C}),
        (mongo(last_words="12596 old lock file"), {}),
        (mongo("down", last_words="15926 no space"), {"mongod-answers": C, "mongo-journal-space": C}),
        (mongo(needs_login=True), {"mongo-login": U}),
        (mongo(version="2.6.8"), {}),
        (mongo(version="2.6"), {}),
        (mongo(version="2.6.7"), {"mongo-version": W}),
        (mongo(version="2.4.14"), {"mongo-version": W}),
        (mongo(version="3.0.0"), {"mongo-version": W}),
        (mongo("down", version="3.0.0"), {"mongod-answers": C}),
        (mongo(version="?"), {}),
        (mongo(figures=MongoFigures(MongoHello("mongos"), options=NO_JOURNAL)), {"mongo-version": W}),
        (locked(is_fsync_locked=True), {"mongo-fsync-locked": C}),
        (locked(is_fsync_locked=True, error="no answer"), {}),
        (locked(operation(10, **WAITS), operation(1, **HOLDS)), {"mongo-write-lock-held": C}),
        (locked(operation(1, **WAITS), operation(10, **HOLDS)), {"mongo-write-lock-held": C}),
        (locked(operation(9.9, **WAITS), operation(9.9, **HOLDS)), {}),
        (locked(operation(0.9, **WAITS), operation(99, **HOLDS)), {}),
        (locked(operation(99, **HOLDS)), {}),
        (locked(operation(99, **WAITS), error="no answer"), {}),
        (locked(operation(99, **WAITS), is_fsync_locked=True), {"mongo-fsync-locked": C}),
        (mongo(figures=MongoFigures(HELLO, hangs=True, options=NO_JOURNAL)), {"mongo-write-lock-held": C}),
    ],
)  # fmt: skip
def test_mongodb(store: StoreState, found: dict[str, Severity]) -> None:
    assert told_of_mongo(store) == found


@pytest.mark.parametrize("state", ["down", "unknown"])
def test_locks_of_a_mongod_that_does_not_answer_are_not_told(state: str) -> None:
    stuck = locked(operation(99, **WAITS), operation(99, **HOLDS))
    for store in (stuck, locked(is_fsync_locked=True)):
        assert set(told_of_mongo(replace(store, state=state))) <= {"mongod-answers"}


def test_who_holds_the_lock_is_who_writes_and_does_not_wait() -> None:
    reads, waits = operation(99), operation(20, **WAITS, **HOLDS)
    holds = MongoOperation("insert", "wakari.projects", 15, writes=True)
    message = said("mongodb", locked(reads, waits, holds))["mongo-write-lock-held"][1]
    assert message.startswith("insert on wakari.projects (15 s) holds a write lock, 1 operations wait, the longest")
    assert message.endswith("for 20 s")
    assert said("mongodb", locked(waits))["mongo-write-lock-held"][1].startswith("somebody holds")


@pytest.mark.parametrize(("is_small", "wanted"), [(False, 3379 * MIB), (True, 128 * MIB)])
def test_room_for_the_journal(is_small: bool, wanted: int) -> None:
    for state, severity in (("up", W), ("down", C)):
        for free, found in ((wanted, None), (wanted - 1, severity)):
            options = MongoOptions(data_path="/data", small_files=is_small)
            figures = MongoFigures(HELLO, options=options, data_space=Reading(MongoDataSpace("/data", free), 1.0))
            assert told_of_mongo(mongo(state, figures=figures)).get("mongo-journal-space") is found
            elsewhere = replace(figures, data_space=Reading(MongoDataSpace("/other", free), 1.0))
            assert told_of_mongo(mongo(state, figures=elsewhere))["mongo-journal-space"] is U


@pytest.mark.parametrize(
    ("store", "found"),
    [
        (search(), {}),
        (search("yellow"), {}),
        (search("red", indices=Reading((SearchIndex("a", "red"), SearchIndex("b", "green")), 1.0)),
         {"elasticsearch-health": (C, "is red: a")}),
        (search(None, error="no answer"), {"elasticsearch-health": (C, "without health (no answer)")}),
        (search("red", "unknown"), {}),
        (search("red", "down", "refused"), {"elasticsearch-answers": (C, "refused")}),
        (search(node_count=2), {"elasticsearch-nodes": (W, "has 2 nodes, 1 expected")}),
        (search(node_count=2, expected_nodes=2), {}),
        (search(None, error="x", node_count=2), {"elasticsearch-health": (C, "(x)")}),
        (search(heap_least_percent=85.0), {}),
        (search(heap_least_percent=85.1), {"elasticsearch-heap": (W, "85 % full")}),
        (search(**of_disks(85)), {}),
        (search(**of_disks(86)), {"elasticsearch-disk": (W, "as one node alone")}),
        (search(**of_disks(86, is_on=False)), {"elasticsearch-disk": (W, "threshold_enabled: false")}),
        (search(node_count=2, expected_nodes=2, **of_disks(86, 20)), {"elasticsearch-disk": (W, "past the low")}),
        (search(node_count=2, expected_nodes=2, **of_disks(91, 20)), {"elasticsearch-disk": (W, "past the high")}),
        (search(**of_disks(1, apart=APART)), {"elasticsearch-watermarks": (W, "watermark.low is 85% on es1; thr")}),
        (search(**of_disks(1, apart=APART, is_on=False)), {"elasticsearch-watermarks": (W, "node: threshold_enabled")}),
        (search(**of_disks(1, apart=APART[:1], is_on=False)), {}),
        (search(state="down", **of_disks(99, apart=APART), heap_least_percent=99, node_count=7),
         {"elasticsearch-answers": (C, "")}),
    ],
)  # fmt: skip
def test_elasticsearch(store: StoreState, found: dict[str, tuple[Severity, str]]) -> None:
    told = said("elasticsearch", store)
    assert {check: severity for check, (severity, _) in told.items()} == {
        check: severity for check, (severity, _) in found.items()
    }
    for check, (_, words) in found.items():
        assert words in told[check][1]


@pytest.mark.parametrize(
    ("used", "watermark", "is_said"),
    [
        (85, "85%", False),
        (85.1, "85%", True),
        (85.1, " 85% ", True),
        (85, "0.85", False),
        (85.1, "0.85", True),
        (99.9, "1", False),
        (89, "100g", False),
        (90.1, "100gb", True),
        (90.1, "0.09tb", False),
        (91.1, "0.09tb", True),
        (90.1, "100000 MB", True),
        (90.1, "90000mb", False),
        (90.1, "110000000k", True),
        (90.1, "100000000000", True),
        (90.1, "95000000000b", False),
        (99, "nonsense", False),
        (99, "x%", False),
    ],
)
def test_watermarks_as_elasticsearch_writes_them(used: float, watermark: str, is_said: bool) -> None:
    assert is_past(disk(used), watermark) is is_said
    assert not is_past(SearchNode("es1", "x"), watermark), "nothing is known of its disk"

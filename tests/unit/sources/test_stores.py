"""Answers of MongoDB and Elasticsearch -> figures: rates, logs, watermarks, values of the wrong type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aen_tui.model.stores import MongoOptions
from aen_tui.sources import elasticsearch_answers, mongodb_contents, mongodb_locks, mongodb_log, mongodb_server
from aen_tui.sources.documents import number, rows, table, text, whole


def status(uptime: float, queries: float, locked: float = 0) -> dict[str, Any]:
    return {
        "uptimeMillis": uptime * 1000,
        "opcounters": {"query": queries, "insert": 5},
        "locks": {".": {"timeLockedMicros": {"W": 0}}, "wakari": {"timeLockedMicros": {"r": 9e9, "w": locked}}},
    }


def test_rates_are_between_two_looks() -> None:
    first = mongodb_server.server(status(100, 50), None, None)
    assert (first.ops_per_second, first.locked_percent) == ({}, None)
    second = mongodb_server.server(status(110, 250, locked=2_500_000), first, 10.0)
    assert second.ops_per_second == {"query": 20.0, "insert": 0.0}
    assert (second.locked_percent, second.locked_database) == (25.0, "wakari")


def test_a_restart_and_a_counter_that_went_round_give_no_rate() -> None:
    first = mongodb_server.server(status(100, 5000), None, None)
    assert mongodb_server.server(status(3, 2), first, 10.0).ops_per_second == {}
    assert mongodb_server.server(status(110, 2), first, 10.0).ops_per_second == {"insert": 0.0}


def test_members_are_measured_against_the_newest() -> None:
    now = datetime(2026, 11, 21)
    answer = {
        "members": [
            {"name": "a:1", "stateStr": "PRIMARY", "health": 1.0, "optimeDate": now},
            {"name": "b:1", "stateStr": "SECONDARY", "health": 1.0, "optimeDate": now - timedelta(seconds=90)},
            {"name": "c:1", "stateStr": "(not reachable/healthy)", "health": 0.0},
        ]
    }
    found = mongodb_server.members(answer)
    assert [(one.is_healthy, one.behind_seconds) for one in found] == [(True, None), (True, 90.0), (False, None)]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"query": {"token": "PLANTED", "age": {"$gt": 17}}}, "{token: …, age: {$gt: …}}"),
        ({"query": {"$or": [{"hash": b"PLANTED"}, {"x": "PLANTED"}]}}, "{$or: [{hash: …}, …]}"),
        ({"insert": {"_id": "PLANTED", "a": {"b": {"c": {"d": "PLANTED"}}}}}, "{_id: …, a: {b: {c: {d: …}}}}"),
        ({"ns": "w.$cmd", "query": {"count": "users", "query": {"a": "PLANTED"}}}, "users {count: …, query: {a: …}}"),
        ({"ns": "w.$cmd", "query": {"count": "PLANTED@x y"}}, "{count: …}"),
        ({"query": {"count": "PLANTED"}}, "{count: …}"),
        ({"command": {f"k{number}": "PLANTED" for number in range(22)}}, ", …}"),
        ({"query": "PLANTED"}, "…"),
        ({"query": {}, "msg": "index: 2/3"}, "index: 2/3"),
    ],
)  # fmt: skip
def test_what_an_operation_was_asked_is_shown_without_values(asked: dict[str, Any], shown: str) -> None:
    (found,) = mongodb_locks.decode(
        {"inprog": [{"op": "query", "ns": "w.users", "secs_running": 9, **asked}]}
    ).operations
    assert found.text.endswith(shown)
    assert "PLANTED" not in found.text


LOG = (
    "2026-11-21T14:10:12 [initandlisten] MongoDB starting : pid=1 port=27017\n"
    "2026-11-21T14:10:12 [initandlisten] options: { storage: { dbPath: \"/d\", journal: { enabled: false }, "
    "smallFiles: true } }\n"
)  # fmt: skip
UNCLEAN = "2026-11-21T14:10:12 [initandlisten] exception in initAndListen: 12596 old lock file, terminating\n"
WELL = "2026-11-21T14:10:12 [initandlisten] waiting for connections on port 27017\n"


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (LOG + UNCLEAN, "12596 old lock file, terminating"),
        (LOG + WELL, None),
        (LOG + UNCLEAN + LOG + WELL, None),
        (LOG + WELL + LOG + UNCLEAN, "12596 old lock file, terminating"),
        (UNCLEAN, "12596 old lock file, terminating"),
        ("", None),
    ],
)
def test_only_the_last_start_counts(tail: str, reason: str | None) -> None:
    assert mongodb_log.decode(tail).reason == reason


def test_options_of_the_last_start() -> None:
    options = mongodb_log.decode(LOG).options
    assert options is not None
    assert (options.data_path, options.has_journal, options.small_files) == ("/d", False, True)
    assert mongodb_server.options({}).journal_bytes == MongoOptions().journal_bytes


def test_collections_are_named_without_indexes() -> None:
    entries: list[Mapping[str, Any]] = [
        {"name": "w.a"},
        {"name": "w.a.$_id_"},
        {"name": "w.a.b"},
        {"name": "other.x"},
        {"name": 7},
    ]
    assert mongodb_contents.collection_names(entries, "w") == ["a", "a.b"]


DISK = "cluster.routing.allocation.disk"
LOW, HIGH, ENABLED = f"{DISK}.watermark.low", f"{DISK}.watermark.high", f"{DISK}.threshold_enabled"


@pytest.mark.parametrize(
    ("transient", "persistent", "file", "limits"),
    [
        ({}, {}, {}, ("85%", "90%", True)),
        ({LOW: "70%"}, {LOW: "60%", HIGH: "75%"}, {LOW: "50%"}, ("70%", "75%", True)),
        ({}, {}, {LOW: "92%", HIGH: "95%"}, ("92%", "95%", True)),
        ({}, {}, {ENABLED: "false"}, ("85%", "90%", False)),
        ({ENABLED: "true"}, {}, {ENABLED: "false"}, ("85%", "90%", True)),
        ({ENABLED: False}, {LOW: 7}, {}, ("85%", "90%", False)),
    ],
)
def test_disk_limits_of_the_api_come_before_those_of_the_file(
    transient: dict[str, Any], persistent: dict[str, Any], file: dict[str, Any], limits: tuple[str, str, bool]
) -> None:
    cluster = {"transient": transient, "persistent": persistent}
    found = elasticsearch_answers.disk_limits(cluster, {"nodes": {"a": {"settings": file}}})
    assert (found.low, found.high, found.is_on, found.apart) == (*limits, ())


TWO = {"nodes": {"a": {"name": "Darkoth"}, "b": {"name": "Hulk", "settings": {LOW: "70%"}}}}


@pytest.mark.parametrize(("master", "low"), [("a", "85%"), ("b", "70%")])
def test_where_files_differ_the_elected_master_s_counts(master: str, low: str) -> None:
    found = elasticsearch_answers.disk_limits({}, TWO, elasticsearch_answers.master({"master_node": master}))
    assert (found.low, found.high) == (low, "90%")
    assert [(one.setting, one.said) for one in found.apart] == [
        ("watermark.low", (("85%", ("Darkoth",)), ("70%", ("Hulk",))))
    ]
    assert elasticsearch_answers.disk_limits({"persistent": {LOW: "80%"}}, TWO, master).apart == ()


@pytest.mark.parametrize(
    ("key", "word", "other", "is_alike"),
    [
        (LOW, "0.85", "85%", True),
        (LOW, "85.0%", "0.85", True),
        (LOW, "0.8", "85%", False),
        (HIGH, "500mb", "500mb", True),
        (HIGH, "500mb", "90%", False),
        (HIGH, "90", "90%", False),
        (ENABLED, "on", "true", True),
        (ENABLED, "no", "false", True),
        (ENABLED, "off", "true", False),
    ],
)
def test_files_that_mean_the_same_do_not_differ(key: str, word: str, other: str, is_alike: bool) -> None:
    nodes = {"a": {"name": "Darkoth", "settings": {key: word}}, "b": {"name": "Hulk", "settings": {key: other}}}
    said = [one.said for one in elasticsearch_answers.disk_limits({}, {"nodes": nodes}).apart]
    assert said == ([] if is_alike else [((word, ("Darkoth",)), (other, ("Hulk",)))])


@pytest.mark.parametrize("settings", [{"node.master": "false"}, {"node.client": "true"}])
def test_the_file_of_a_node_that_is_never_master_does_not_count(settings: dict[str, str]) -> None:
    nodes = {"nodes": {"a": {"name": "Darkoth", "settings": {LOW: "60%", **settings}}, "b": TWO["nodes"]["b"]}}
    found = elasticsearch_answers.disk_limits({}, nodes)
    assert (found.low, found.apart) == ("70%", ())


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
)
KEYS = st.sampled_from(
    (
        *("inprog", "op", "ns", "locks", "client", "secs_running", "query", "uptimeMillis", "opcounters", "mem"),
        *("connections", "members", "databases", "name", "nodes", "jvm", "fs", "indices", "status", "version"),
        *("parsed", "storage", "setName", "msg", "maxWireVersion", "error", "settings"),
    )
)
DOCUMENTS = st.dictionaries(KEYS, ANYTHING, max_size=6)


@given(DOCUMENTS)
def test_no_document_breaks_a_decoder(document: dict[str, Any]) -> None:
    mongodb_locks.decode(document)
    mongodb_server.hello(document, document)
    mongodb_server.server(document, mongodb_server.server(document, None, None), 10.0)
    mongodb_server.members(document)
    mongodb_server.options(document)
    mongodb_contents.names(document)
    mongodb_contents.database(document)
    mongodb_contents.collection("d", document)
    elasticsearch_answers.version(document)
    elasticsearch_answers.health(document)
    elasticsearch_answers.nodes(document)
    elasticsearch_answers.with_health(elasticsearch_answers.counts(document), document)
    elasticsearch_answers.disk_limits(document, document, elasticsearch_answers.master(document))
    elasticsearch_answers.error(document)


@given(ANYTHING)
def test_no_value_breaks_the_readers(value: Any) -> None:
    document = {"a": value}
    assert number(document, "a") is None or isinstance(number(document, "a"), float)
    assert whole(document, "a", "b") is None or isinstance(whole(document, "a", "b"), int)
    assert text(document, "a") is None or isinstance(value, str)
    assert isinstance(rows(document, "a"), list) and len(table(document, "a")) >= 0

"""Elasticsearch 1.7 as it answers, and what answers in its place."""

from __future__ import annotations

import threading

import pytest

from aen_tui import __version__
from aen_tui.model.facts import StoreState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import SearchFigures
from tests.support import elasticsearch, stores


def figures(state: StoreState) -> SearchFigures:
    assert isinstance(state.figures, SearchFigures)
    return state.figures


def ids(looking: stores.Looking) -> list[str]:
    return [one.check for one in looking.findings() if "elastic" in one.check]


async def test_version_health_heap_and_indices() -> None:
    with elasticsearch.running() as server:
        async with stores.search(server.port) as looking:
            state = await looking.look(contents=True)
    assert (state.state, state.version, state.health, state.severity) == ("up", "1.7.2", "yellow", Severity.OK)
    found = figures(state)
    assert (found.cluster, found.node_count, found.unassigned_shards) == ("elasticsearch", 1, 10)
    assert found.nodes.value is not None and found.indices.value is not None
    (node,) = found.nodes.value
    assert (node.name, round(node.heap_percent or 0), node.disk_percent) == ("Darkoth", 31, 40.0)
    (first, second) = found.indices.value
    assert (first.name, first.health, first.documents, first.shards) == ("projects", "yellow", 4821, 5)
    assert (second.name, second.health, second.size_bytes) == ("users", "green", 77_000)
    assert ids(looking) == [], "yellow on one node is well"
    assert server.agents == {f"aen-tui/{__version__}"}


async def test_counts_are_asked_seldom() -> None:
    with elasticsearch.running() as server:
        async with stores.search(server.port) as looking:
            await looking.look()
            server.asked.clear()
            await looking.look()
            assert len(server.asked) == 3 and not any("_stats/docs" in one for one in server.asked)


async def test_red_is_critical_and_names_the_index() -> None:
    def red(server: elasticsearch.StandIn) -> None:
        health = server.answers["/_cluster/health"]
        health["status"] = health["indices"]["projects"]["status"] = "red"

    with elasticsearch.running(red) as server:
        async with stores.search(server.port) as looking:
            state = await looking.look()
            assert state.severity is Severity.CRITICAL
            assert ids(looking) == ["elasticsearch-health"]
            assert "projects" in next(one.message for one in looking.findings() if "elastic" in one.check)


async def test_no_master() -> None:
    def lost(server: elasticsearch.StandIn) -> None:
        server.answers["/_cluster/health"] = {"error": "MasterNotDiscoveredException[waited for [2s]]", "status": 503}

    with elasticsearch.running(lost) as server:
        async with stores.search(server.port) as looking:
            state = await looking.look()
            assert state.state == "up" and state.error is not None and "MasterNotDiscovered" in state.error
            assert ids(looking) == ["elasticsearch-health"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html><title>It works</title></html>", "text/html"), (b"[1, 2]", "application/json"), (b"", "text/plain"),
     (b'{"status": "ok", "messages": []}', "application/json"), (b"[" * 100_000, "application/json")],
)  # fmt: skip
async def test_something_else_answers(body: bytes, kind: str) -> None:
    with elasticsearch.running() as server:
        server.body, server.kind = body, kind
        async with stores.search(server.port) as looking:
            state = await looking.look()
    assert (state.state, state.severity) == ("down", Severity.CRITICAL)
    assert state.error is not None and "not as Elasticsearch does" in state.error
    assert ids(looking) == ["elasticsearch-answers"]


async def test_an_endless_answer_is_cut() -> None:
    with elasticsearch.running() as server:
        server.body = b" " * (5 * 1024 * 1024)
        async with stores.search(server.port) as looking:
            state = await looking.look()
    assert state.error is not None and "more than 4 MiB" in state.error


async def test_silence_is_said_with_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.search.ANSWER_SECONDS", 0.3)
    with elasticsearch.running() as server:
        async with stores.search(server.port) as looking:
            await looking.look()
            server.hold = threading.Event()
            state = await looking.look()
            assert (state.state, state.health) == ("down", None)
            assert state.error is not None and "hangs" in state.error and "the last was" in state.error
            assert figures(state).nodes.value is not None, "what was known stays, with its age"
            server.hold.set()
            state = await looking.look()
            assert (state.state, ids(looking)) == ("up", [])


async def test_stopped_and_started_again() -> None:
    with elasticsearch.running() as server:
        async with stores.search(server.port) as looking:
            await looking.look()
        port = server.port
    async with stores.search(port) as looking:
        state = await looking.look()
        assert state.error is not None and f"nothing listens on 127.0.0.1:{port}" in state.error
        assert ids(looking) == ["elasticsearch-answers"]

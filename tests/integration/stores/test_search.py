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


def said(looking: stores.Looking) -> str:
    (finding,) = [one for one in looking.findings() if "elastic" in one.check]
    return finding.message


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
            assert said(looking) == "Elasticsearch is red: projects"


async def test_the_index_that_is_red_at_this_look_is_named_though_counts_are_old() -> None:
    with elasticsearch.running() as server:
        async with stores.search(server.port) as looking:
            await looking.look(contents=True)
            health = server.answers["/_cluster/health"]
            states = health["indices"]
            for red, others in (("users", ("projects", "new")), ("new", ("projects", "users"))):
                health["status"] = "red"
                states[red] = {"status": "red", "number_of_shards": 5}
                states |= {name: {"status": "green", "number_of_shards": 5} for name in others}
                state = await looking.look()
                assert said(looking) == f"Elasticsearch is red: {red}"
            found = {one.name: one for one in figures(state).indices.value or ()}
            assert (found["users"].health, found["users"].size_bytes) == ("green", 77_000)
            assert (found["new"].health, found["new"].documents) == ("red", None), "not counted is not empty"


@pytest.mark.parametrize("answer", [{"error": "SearchPhaseExecutionException[x]", "status": 503}, None])
@pytest.mark.parametrize(("path", "part"), [("/_nodes/stats/jvm,fs", "nodes"), ("/_stats/docs,store", "indices")])
async def test_an_error_of_its_own_is_no_answer(path: str, part: str, answer: object) -> None:
    def full(server: elasticsearch.StandIn) -> None:
        server.node["fs"]["total"]["available_in_bytes"] = 1

    with elasticsearch.running(full) as server:
        async with stores.search(server.port) as looking:
            known = getattr(figures(await looking.look(contents=True)), part)
            before = ids(looking)
            server.answers[path] = answer
            state = await looking.look(contents=True)
            reading = getattr(figures(state), part)
            assert (state.state, ids(looking)) == ("up", before) and before == ["elasticsearch-disk"]
            assert state.severity is (Severity.UNKNOWN if part == "nodes" else Severity.OK)
            assert path in reading.error and ("SearchPhase" in reading.error or "no handler" in reading.error)
            assert reading.seen_at == known.seen_at and len(reading.value) == len(known.value)


async def test_limits_that_may_not_be_seen_stay_as_they_were() -> None:
    with elasticsearch.running() as server:
        server.answers["/_cluster/settings"]["persistent"] = {"cluster.routing.allocation.disk.watermark.low": "70%"}
        async with stores.search(server.port) as looking:
            await looking.look(contents=True)
            server.answers["/_nodes/settings"] = None
            assert figures(await looking.look(contents=True)).disk_limits.low == "70%"


async def test_what_greets_and_does_not_tell_its_health_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.search.WHOLE_SECONDS", 3.0)
    with elasticsearch.running() as server:
        server.held = ("/_cluster/health", "/_nodes/stats/jvm,fs", "/_stats/docs,store")
        server.hold = threading.Event()
        async with stores.search(server.port) as looking:
            state = await looking.look(contents=True)
            assert (state.state, state.version, ids(looking)) == ("up", "1.7.2", ["elasticsearch-health"])
            assert state.error == "no health: its answer took more than 3 s"
            assert figures(state).indices.error == "its answer took more than 3 s"


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
    monkeypatch.setattr("aen_tui.runtime.stores.search.ANSWER_SECONDS", 3.0)
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

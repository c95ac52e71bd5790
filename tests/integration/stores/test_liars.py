"""Servers that are slow, dead, of another age, or no MongoDB at all."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from aen_tui.model.facts import StoreState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoFigures
from tests.support import stores
from tests.support.mock_mongo import HELLO_26, WELL, mock


async def seen(answers: dict[str, Any], hello: dict[str, Any] | None = None) -> stores.Looking:
    with mock(answers, hello) as port:
        async with stores.mongo(port) as looking:
            await looking.look()
            return looking


def figures(state: StoreState) -> MongoFigures:
    assert isinstance(state.figures, MongoFigures)
    return state.figures


def ids(looking: stores.Looking) -> list[str]:
    return [one.check for one in looking.findings() if "mongo" in one.check]


async def test_the_mock_is_as_well_as_a_real_one() -> None:
    looking = await seen(WELL)
    assert (looking.state.state, looking.state.version, looking.state.error) == ("up", "2.6.9", None)
    assert ids(looking) == []


@pytest.mark.parametrize(
    ("version", "is_well"), [("2.6.8", True), ("2.6.12", True), ("2.6.7", False), ("2.4.14", False), ("3.0.1", False)]
)
async def test_releases(version: str, is_well: bool) -> None:
    looking = await seen({**WELL, "buildInfo": {"version": version, "ok": 1}})
    assert ids(looking) == ([] if is_well else ["mongo-version"])


async def test_a_four_is_said_to_be_one() -> None:
    answers = {**WELL, "buildInfo": {"version": "4.0.28", "ok": 1}, "currentOp": {"inprog": [], "ok": 1}}
    looking = await seen(answers, {**HELLO_26, "maxWireVersion": 7})
    assert (looking.state.state, looking.state.version, ids(looking)) == ("up", "4.0.28", ["mongo-version"])


async def test_one_too_new_for_the_questions_is_told_by_its_wire_version() -> None:
    looking = await seen({}, {**HELLO_26, "maxWireVersion": 21})
    assert (looking.state.state, looking.state.version) == ("up", "7.0")
    assert looking.state.error is not None and "wire version 21" in looking.state.error
    assert ids(looking) == ["mongo-version"]


async def test_a_mongos_is_no_mongod() -> None:
    looking = await seen(WELL, {**HELLO_26, "msg": "isdbgrid"})
    assert figures(looking.state).hello.role == "mongos"
    assert ids(looking) == ["mongo-version"]


async def test_figures_of_the_wrong_types_are_left_out() -> None:
    status = {
        "ok": 1, "uptimeMillis": "long", "connections": [1, 2], "opcounters": {"insert": float("nan"), "query": True},
        "mem": {"resident": 2.0**1000, "virtual": None}, "locks": {"wakari": 7, "x": {"timeLockedMicros": {"w": "y"}}},
        "backgroundFlushing": 3, "globalLock": {"currentQueue": {"readers": {}}},
    }  # fmt: skip
    inprog = {"inprog": [1, "x", {"op": 7, "ns": None, "secs_running": "9", "locks": [1], "active": True}]}
    looking = await seen({**WELL, "serverStatus": status, "inprog": inprog})
    assert looking.state.error is None
    server = figures(looking.state).server.value
    assert server is not None and server.connections is None and server.opcounters == {}


async def test_errors_of_the_server_are_shown_and_the_rest_stays() -> None:
    looking = await seen({**WELL, "serverStatus": {"ok": 0, "errmsg": "\x1b[2J boom", "code": 8}})
    assert looking.state.state == "up" and looking.state.version == "2.6.9"
    assert looking.state.error is not None and "boom" in looking.state.error and "\x1b" not in looking.state.error


async def test_a_lock_that_only_the_second_question_meets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.FIGURES_SECONDS", 0.2)
    silent: Callable[[Any], None] = lambda _request: None  # noqa: E731
    with mock({**WELL, "serverStatus": silent}) as port:
        async with stores.mongo(port) as looking:
            state = await looking.look()
            assert state.state == "up" and state.error is not None and "no answer within 0.2 s" in state.error
            assert state.severity is Severity.UNKNOWN
            state = await looking.look()
            assert state.state == "up", "the first connection goes on"


async def test_an_answer_that_comes_late_is_not_taken_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.FIRST_SECONDS", 0.2)
    given_up = threading.Event()

    def late(request: Any) -> None:
        if not given_up.is_set():
            given_up.wait(60)
        request.replies(WELL["buildInfo"])

    with mock({**WELL, "buildInfo": late}) as port:
        async with stores.mongo(port) as looking:
            state = await looking.look()
            assert (state.state, state.error) == ("down", "it takes connections and hangs: no answer within 0.2 s")
            given_up.set()
            monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.FIRST_SECONDS", 60.0)
            state = await looking.look()
            assert (state.state, state.error) == ("up", None)


async def test_a_ping_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.FIRST_SECONDS", 3.0)
    with mock({**WELL, "inprog": lambda _request: None}) as port:
        async with stores.mongo(port) as looking:
            await looking.look()
            assert ids(looking) == ["mongo-write-lock-held"]


async def test_a_write_lock_that_is_held_names_its_holder() -> None:
    holder = {
        "op": "insert",
        "ns": "wakari.system.indexes",
        "secs_running": 40,
        "locks": {"^wakari": "W"},
        "active": True,
    }
    waiter = {**holder, "op": "update", "ns": "wakari.projects", "secs_running": 30, "waitingForLock": True}
    looking = await seen({**WELL, "inprog": {"inprog": [waiter, holder]}})
    (finding,) = [one for one in looking.findings() if one.check == "mongo-write-lock-held"]
    assert "insert on wakari.system.indexes (40 s)" in finding.message and "1 operations wait" in finding.message
    assert figures(looking.state).server.error == "not asked: it would wait for a lock"


@contextmanager
def raw(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener that does to each connection what the test says."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            kept.append(client)
            behave(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for client in kept:
            client.close()


def http(client: socket.socket) -> None:
    client.recv(4096)
    client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno")


def huge(client: socket.socket) -> None:
    request = client.recv(4096)
    client.sendall((2**31 - 1).to_bytes(4, "little") + b"\1\0\0\0" + request[4:8] + (1).to_bytes(4, "little"))


def no_bson(client: socket.socket) -> None:
    request = client.recv(4096)
    body = b"\0" * 16 + (1).to_bytes(4, "little") + (40).to_bytes(4, "little") + b"\xff" * 36
    client.sendall(
        (16 + len(body)).to_bytes(4, "little") + b"\1\0\0\0" + request[4:8] + (1).to_bytes(4, "little") + body
    )


@pytest.mark.parametrize("behave", [http, huge, no_bson])
async def test_what_is_no_mongodb_is_said_to_be_none(
    behave: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.FIRST_SECONDS", 5.0)
    with raw(behave) as port:
        async with stores.mongo(port) as looking:
            state = await looking.look()
    assert state.state == "down" and state.error is not None
    assert "something else answers" in state.error
    assert ids(looking) == ["mongod-answers"]


async def test_one_that_closes_at_once() -> None:
    with raw(lambda client: client.close()) as port:
        async with stores.mongo(port) as looking:
            state = await looking.look()
    assert (state.state, state.error) == ("down", "it takes connections and closes them at once")


async def test_one_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aen_tui.runtime.stores.mongo_questions.FIRST_SECONDS", 600.0)
    connected = threading.Event()
    with raw(lambda _client: connected.set()) as port:
        async with stores.mongo(port) as looking:
            async with asyncio.TaskGroup() as group:
                look = group.create_task(looking.look())
                assert await asyncio.to_thread(connected.wait, 60)
                thread = next(one for one in threading.enumerate() if one.name.startswith("mongod"))
                look.cancel()
        await asyncio.to_thread(thread.join, 60)
        assert not thread.is_alive(), "cut, though an answer was awaited for ten minutes"

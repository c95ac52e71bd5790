"""The stand-ins for MongoDB and Elasticsearch: what they say is what the real ones say, in fewer words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.demo.stand_ins import stores as stand_in
from aen_tui.model.node import NodeName
from aen_tui.model.stores import MongoFigures, SearchFigures
from aen_tui.runtime.cluster import Runtime
from tests.integration.demo.conftest import Demo
from tests.integration.stores.conftest import mongod, mongod_program
from tests.support import elasticsearch
from tests.support.mongo_lab import store_of, until
from tests.support.mongod import Mongod

__all__ = ["mongod", "mongod_program"]

A_START_SECONDS = 600.0
"""Less than any installation is said to have run; more than any start on a busy machine takes."""
QUESTIONS = (
    ("admin", "ismaster", 1), ("admin", "ping", 1), ("admin", "buildInfo", 1), ("admin", "serverStatus", 1),
    ("admin", "getCmdLineOpts", 1), ("admin", "listDatabases", 1), ("wakari", "dbStats", 1),
    ("wakari", "collStats", "projects"),
)  # fmt: skip


def unlike(mine: Any, real: Any, path: str = "") -> list[str]:
    """Where a stand-in says what the real one does not, or says it in another type."""
    if isinstance(mine, Mapping) and isinstance(real, Mapping):
        found = []
        for key, value in mine.items():
            if key not in real and path.rpartition("/")[2] not in ("locks", "indices", "nodes"):
                found.append(f"{path}/{key} is not there")
            else:
                found += unlike(value, real.get(key, next(iter(real.values()))), f"{path}/{key}")
        return found
    if isinstance(mine, list) and isinstance(real, list):
        return unlike(mine[0], real[0], f"{path}[]") if mine and real else []
    number = isinstance(mine, (int, float)) and isinstance(real, (int, float)) and not isinstance(mine, bool)
    return [] if number or isinstance(real, type(mine)) else [f"{path}: {mine!r} for {real!r}"]


def test_mongodb_says_nothing_that_a_real_one_does_not(mongod: Mongod) -> None:
    with mongod.client() as client:
        client.wakari.projects.insert_one({"n": 1})
        for database, command, value in QUESTIONS:
            real = client[database].command(command, value)
            (mine,) = stand_in.mongo_answer(f"{database}.$cmd", command.lower(), str(value))
            assert unlike(mine, real) == [], command
        real_operation = client.admin["$cmd.sys.inprog"].find_one({"$all": True})
        assert unlike({"inprog": []}, real_operation) == []


def test_elasticsearch_says_nothing_that_a_real_one_does_not() -> None:
    for path, real in elasticsearch.ANSWERS.items():
        mine = stand_in.search_answer(path)
        assert mine is not None and unlike(mine, real) == [], path


def test_its_bson_is_read_by_pymongo() -> None:
    bson = pytest.importorskip("bson")
    document = {"a": 1, "b": 2.5, "c": "ü", "d": True, "e": None, "f": [1, {"g": "x"}], "h": {}}
    assert bson.decode(stand_in.bson(document)) == document
    assert stand_in.asked(b"\0\0\0\0a.$cmd\0" + b"\0" * 8 + bson.encode({"collStats": "x"})) == (
        "a.$cmd",
        "collstats",
        "x",
    )


async def test_the_demo_shows_live_figures(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runtime = Runtime(load_inventory(demo.inventory))

    def is_alive(state: Any) -> bool:
        mongo, search = store_of(state).figures, store_of(state, "elasticsearch").figures
        if not isinstance(mongo, MongoFigures) or not isinstance(search, SearchFigures):
            return False
        return bool(mongo.server.value and mongo.server.value.ops_per_second and mongo.contents.value)

    async with runtime.running():
        runtime.attend_stores(True)
        state = await until(runtime, is_alive)
    mongo, search = store_of(state), store_of(state, "elasticsearch")
    assert (mongo.state, mongo.version, mongo.severity.word) == ("up", "2.6.10", "ok")
    assert (search.state, search.version, search.health) == ("up", "1.7.2", "yellow")  # its disk is this machine's
    figures = mongo.figures
    assert isinstance(figures, MongoFigures) and figures.contents.value is not None
    assert {one.name for one in figures.contents.value.collections} == set(stand_in.COLLECTIONS)
    node = state.nodes[NodeName("aen-server")]
    process = next(one for one in node.services if one.name == "mongod")
    assert figures.server.value is not None and figures.server.value.uptime_seconds is not None
    assert process.uptime_seconds is not None
    assert abs(figures.server.value.uptime_seconds - process.uptime_seconds) < A_START_SECONDS
    assert isinstance(search.figures, SearchFigures) and search.figures.nodes.value is not None
    assert node.metrics.value is not None
    disks = {one.disk_total_bytes for one in search.figures.nodes.value}
    assert disks == {one.total_bytes for one in node.metrics.value.disks if one.mount == "/"}

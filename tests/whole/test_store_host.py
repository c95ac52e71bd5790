"""MongoDB and Elasticsearch on a host of their own (`[store]`): asked there, changed there, missed there."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.stores import MongoFigures, SearchFigures
from tests.lab import fetched
from tests.lab.fixtures import need_fetched, need_lab
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.variants import Variant
from tests.support import elasticsearch
from tests.support.mongo_lab import SERVER, client, store_of, until, watching
from tests.whole.test_status import command
from tests.whole.test_sudo import Terminal

DB = NodeName("aen-db")
MONGOD, SEARCH = 27017, 9200
STORES = ("mongodb", "elasticsearch")
PASSWORD = "öffne dich"
LOGIN = {"mongo_url": "mongodb://monitor@127.0.0.1:27017"}


@dataclass
class Apart:
    """An installation whose stores have a host of their own; on the server something listens on their ports too."""

    lab: Lab
    on_server: list[socket.socket]

    @property
    def db(self) -> LabNode:
        return self.lab.nodes[DB]

    def asked_on_server(self) -> int:
        """Connections that somebody made to the stores' ports of the server."""
        found = 0
        for one in self.on_server:
            one.setblocking(False)
            try:
                one.accept()[0].close()
                found += 1
            except BlockingIOError:
                pass
        return found


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    need_lab()
    need_fetched(fetched.mongod)
    with Lab.start(gateways=1, computes=1, store=True, variants={DB: Variant(mongodb=True)}) as lab:
        server = lab.nodes[SERVER]
        with (
            elasticsearch.running(listener=lab.nodes[DB].listen(SEARCH)),
            closing(server.listen(MONGOD)) as mongod,
            closing(server.listen(SEARCH)) as search,
        ):
            yield Apart(lab, [mongod, search])


def status(apart: Apart, folder: Path, **overrides: Any) -> tuple[int, dict[str, Any]]:
    inventory = apart.lab.write_inventory(folder / "inventory.toml", **overrides)
    done = command(inventory, "status", "--json", "--wait", "60")
    return done.returncode, json.loads(done.stdout)


def checks(state: ClusterState, node: NodeName) -> set[str]:
    return {one.check for one in state.nodes[node].findings}


def test_status_has_the_stores_of_their_host(apart: Apart, tmp_path: Path) -> None:
    code, document = status(apart, tmp_path)
    assert code == 0, document
    nodes = {node["name"]: node for node in document["nodes"]}
    assert list(nodes) == [SERVER, DB, "gateway1", "compute1-1"]
    mongo, search = document["stores"]["mongodb"], document["stores"]["elasticsearch"]
    assert (mongo["state"], mongo["version"], mongo["error"], mongo["severity"]) == ("up", "2.6.10", None, "ok")
    assert (search["state"], search["version"], search["health"]) == ("up", "1.7.2", "yellow")
    assert nodes[DB]["roles"] == ["store"] and nodes[DB]["findings"] == []
    services = {one["name"]: one["state"] for one in nodes[DB]["services"]}
    assert services["mongod"] == "RUNNING" and not any(name.startswith("wakari") for name in services)
    assert apart.asked_on_server() == 0


async def test_the_figures_are_those_of_the_host(apart: Apart, tmp_path: Path) -> None:
    def has_figures(state: ClusterState) -> bool:
        mongo, search = store_of(state).figures, store_of(state, "elasticsearch").figures
        return (
            isinstance(mongo, MongoFigures)
            and mongo.contents.value is not None
            and isinstance(search, SearchFigures)
            and search.indices.value is not None
        )

    async with watching(apart.lab, tmp_path) as runtime:
        runtime.attend_stores(True)
        state = await until(runtime, has_figures, node=DB)
        for name in STORES:
            assert store_of(state, name).asked_on == DB
        figures = store_of(state).figures
        assert isinstance(figures, MongoFigures)
        assert figures.server.value is not None and figures.server.value.connections
        assert set(state.nodes[DB].stores) == {"mongodb", "elasticsearch"} and not state.nodes[SERVER].stores
    assert apart.asked_on_server() == 0


async def test_a_stopped_one_is_missed_on_its_own_host(apart: Apart, tmp_path: Path) -> None:
    async with watching(apart.lab, tmp_path) as runtime:
        await until(runtime, lambda now: store_of(now).state == "up", node=DB)
        assert apart.db.service("mongod", "stop").returncode == 0
        try:
            state = await until(runtime, lambda now: "mongod-answers" in checks(now, DB), node=DB)
            assert {one for one in checks(state, DB) if "mongo" in one} == {"mongod-answers"}
            assert checks(state, SERVER) == set()
            assert store_of(state).severity.word == "critical"
        finally:
            assert apart.db.service("mongod", "start").returncode == 0
        await until(runtime, lambda now: store_of(now).state == "up" and not checks(now, DB), node=DB)


def test_its_service_is_restarted_there(apart: Apart, tmp_path: Path) -> None:
    inventory = apart.lab.write_inventory(tmp_path / "inventory.toml")
    planned = command(inventory, "do", "restart", f"{DB}/mongod", "--dry-run", "--json")
    assert planned.returncode == 0, planned.stderr
    (step, *_, end) = map(json.loads, planned.stdout.splitlines())
    assert (step["event"], step["node"], step["service"], end["result"]) == ("planned", DB, "mongod", "planned")
    assert step["argv"][:2] == ["sudo", "-n"] and step["argv"][3:] == ["mongod", "restart"]
    before = apart.db.run(["pidof", "mongod"]).stdout
    assert int(before) == step["pid_before"]
    done = command(inventory, "do", "restart", f"{DB}/mongod", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["result"] == "verified"
    assert apart.db.run(["pidof", "mongod"]).stdout not in ("", before)
    refused = command(inventory, "do", "restart", f"{SERVER}/mongod", "--dry-run", "--json")
    assert refused.returncode == 2, refused.stdout


def test_a_host_that_was_never_reached_hides_its_stores(apart: Apart, tmp_path: Path) -> None:
    apart.db.kill_sshd()
    try:
        inventory = apart.lab.write_inventory(tmp_path / "inventory.toml")
        done = command(inventory, "status", "--json")
        document = json.loads(done.stdout)
        assert done.returncode == 2
        for name in STORES:
            store = document["stores"][name]
            assert (store["state"], store["error"], store["severity"]) == ("unknown", "aen-db is not up", "unknown")
        (db,) = [node for node in document["nodes"] if node["name"] == DB]
        assert db["connection"]["state"] not in ("up", "connecting") and db["findings"] == []
    finally:
        apart.db.start_sshd()


async def test_a_host_that_goes_is_the_trouble_and_not_its_stores(apart: Apart, tmp_path: Path) -> None:
    """Nor are they for a moment: from the first silence on it is not theirs alone."""

    def is_gone(state: ClusterState) -> bool:
        seen.update(checks(state, DB))
        words.update(store_of(state, name).state for name in STORES)
        return state.nodes[DB].connection.state is not LinkState.UP and all(
            store_of(state, name).error == "aen-db is not up" for name in STORES
        )

    def is_back(state: ClusterState) -> bool:
        return all(store_of(state, name).state == "up" for name in STORES) and not checks(state, DB)

    seen: set[str] = set()
    words: set[str] = set()
    async with watching(apart.lab, tmp_path) as runtime:
        await until(runtime, is_back, node=DB)
        apart.db.cut_link()
        try:
            state = await until(runtime, is_gone, node=DB)
            assert words == {"up", "unknown"}
            assert not {one for one in seen if "mongo" in one or "elasticsearch" in one}
            assert state.nodes[SERVER].severity.word == "ok" and not checks(state, SERVER)
        finally:
            apart.db.restore_link()
        await until(runtime, is_back, node=DB, seconds=60)


@pytest.fixture
async def guarded(apart: Apart, tmp_path: Path) -> AsyncIterator[Apart]:
    """Its mongod wants a login (MONGODB-CR), and `monitor` may look."""
    async with watching(apart.lab, tmp_path) as runtime:
        await until(runtime, lambda now: store_of(now).state == "up", node=DB)
        user = {"createUser": "monitor", "pwd": PASSWORD, "roles": ["clusterMonitor"], "digestPassword": True}
        await (await client(runtime, DB)).command("admin", user)
    config = apart.db.path("/etc/mongod.conf")
    before = config.read_text()
    config.write_text(before + "auth=true\n")
    try:
        assert apart.db.service("mongod", "restart").returncode == 0
        yield apart
    finally:
        config.write_text(before)
        assert apart.db.service("mongod", "restart").returncode == 0


def test_a_login_from_a_private_file_and_from_no_other(guarded: Apart, tmp_path: Path) -> None:
    file = tmp_path / "mongo.password"
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o600)
    inventory = guarded.lab.write_inventory(
        tmp_path / "inventory.toml", server={**LOGIN, "mongo_password_file": file.name}
    )
    done = command(inventory, "status", "--json", "--wait", "60")
    mongo = json.loads(done.stdout)["stores"]["mongodb"]
    assert (done.returncode, mongo["state"], mongo["error"], mongo["severity"]) == (0, "up", None, "ok")
    file.chmod(0o644)
    done = command(inventory, "status", "--json", "--wait", "60")
    document = json.loads(done.stdout)
    assert (done.returncode, document["stores"]["mongodb"]["severity"]) == (3, "unknown")
    assert document["stores"]["mongodb"]["error"] == f"{file} must be yours and of mode 0600"
    assert [(node["name"], one["check"]) for node in document["nodes"] for one in node["findings"]] == [
        (DB, "mongo-login")
    ]
    assert PASSWORD not in done.stdout + done.stderr


def test_a_login_that_a_person_types_and_nobody_sees(guarded: Apart, tmp_path: Path) -> None:
    inventory = guarded.lab.write_inventory(tmp_path / "inventory.toml", server=LOGIN)
    terminal = Terminal(inventory, "--wait", "40", command="status")
    terminal.until("aen-db: MongoDB password of monitor: ")
    terminal.type(f"{PASSWORD}\n")
    assert terminal.ended() == 0, terminal.seen
    assert terminal.seen.count("password of monitor") == 1 and ": : " not in terminal.seen
    assert "up  2.6.10" in terminal.seen and PASSWORD not in terminal.seen
    alone = command(inventory, "status", "--json", "--wait", "60")
    mongo = json.loads(alone.stdout)["stores"]["mongodb"]
    assert (alone.returncode, mongo["state"]) == (3, "unknown")
    assert mongo["error"] == "no password for monitor: name a mongo_password_file, or type it when asked"

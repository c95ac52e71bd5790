"""MongoDB through ssh: what status says, that nobody else can use the way, what follows when it stops."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from aen_tui.model.stores import MongoFigures
from tests.lab.lab import Lab
from tests.support.mongo_lab import SERVER, findings, store_of, stored_lab, until, watching
from tests.whole.test_status import command


@pytest.fixture(scope="module")
def stored() -> Iterator[Lab]:
    with stored_lab() as lab:
        yield lab


def test_status_says_what_is_there_and_what_is_not(stored: Lab, tmp_path: Path) -> None:
    inventory = stored.write_inventory(tmp_path / "inventory.toml")
    done = command(inventory, "status", "--json", "--wait", "60")
    document = json.loads(done.stdout)
    mongo = document["stores"]["mongodb"]
    assert (done.returncode, mongo["state"], mongo["version"]) == (0, "up", "2.6.10"), done.stdout
    assert (mongo["error"], mongo["severity"]) == (None, "ok") and mongo["age_seconds"] < 60
    assert document["stores"]["elasticsearch"] is None
    assert "2.6.10" in command(inventory, "status").stdout


def test_an_elasticsearch_that_is_configured_and_is_not_there_is_critical(stored: Lab, tmp_path: Path) -> None:
    server = {"elasticsearch_url": "http://127.0.0.1:9200"}
    inventory = stored.write_inventory(tmp_path / "inventory.toml", server=server)
    done = command(inventory, "status", "--json", "--wait", "60")
    document = json.loads(done.stdout)
    search = document["stores"]["elasticsearch"]
    assert (done.returncode, search["state"], search["severity"]) == (2, "down", "critical")
    assert "nothing listens on 127.0.0.1:9200" in search["error"]
    (server_node,) = document["nodes"]
    assert {one["check"] for one in server_node["findings"]} == {"elasticsearch-answers"}


async def test_the_way_is_a_socket_of_ours_alone(stored: Lab, tmp_path: Path) -> None:
    def listening() -> set[int]:
        found = psutil.Process().net_connections("tcp")
        return {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN}

    before = listening()
    async with watching(stored, tmp_path) as runtime:
        await until(runtime, lambda state: store_of(state).state == "up")
        assert listening() == before
        link = runtime._watches.link_of(SERVER)
        assert link is not None
        socket = Path(await link.open_unix_forward("127.0.0.1", 27017))
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert not socket.parent.exists()


async def test_stop_is_a_finding_and_start_takes_it_back(stored: Lab, tmp_path: Path) -> None:
    node = stored.nodes[SERVER]
    async with watching(stored, tmp_path) as runtime:
        state = await until(runtime, lambda now: store_of(now).state == "up")
        assert not [check for check in findings(state) if "mongo" in check]
        assert node.run(["service", "mongod", "stop"]).returncode == 0
        try:
            state = await until(runtime, lambda now: "mongod-answers" in findings(now))
            assert [check for check in findings(state) if "mongo" in check] == ["mongod-answers"]
            assert "nothing listens on 127.0.0.1:27017" in findings(state)["mongod-answers"]
            assert store_of(state).severity.word == "critical"
        finally:
            node.run(["service", "mongod", "start"])
        await until(runtime, lambda now: store_of(now).state == "up" and "mongod-answers" not in findings(now))


async def test_a_forbidden_way_is_unknown_and_not_down(stored: Lab, tmp_path: Path) -> None:
    node = stored.nodes[SERVER]
    config = node.path("/etc/ssh/sshd_config")
    before = config.read_text()
    config.write_text("AllowTcpForwarding no\n" + before)
    node.run(["sh", "-c", "kill -HUP $(cat /run/sshd.pid)"])
    try:
        async with watching(stored, tmp_path) as runtime:
            state = await until(runtime, lambda now: not store_of(now).is_pending and store_of(now).seen_at is not None)
            store = store_of(state)
            assert (store.state, store.severity.word) == ("unknown", "unknown")
            assert store.error is not None and "AllowTcpForwarding" in store.error
            assert "mongod-answers" not in findings(state)
    finally:
        config.write_text(before)
        node.run(["sh", "-c", "kill -HUP $(cat /run/sshd.pid)"])


async def test_details_are_asked_while_somebody_looks(stored: Lab, tmp_path: Path) -> None:
    def has_contents(state: object) -> bool:
        figures = store_of(state).figures  # type: ignore[arg-type]
        return isinstance(figures, MongoFigures) and figures.contents.value is not None

    async with watching(stored, tmp_path) as runtime:
        state = await until(runtime, lambda now: store_of(now).state == "up")
        assert not has_contents(state)
        runtime.attend_stores(True)
        await until(runtime, has_contents)
        runtime.attend_stores(False)

"""8: a mongod that is locked answers us, says who waits; its lock file is named and left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.model.stores import MongoFigures
from tests.lab.lab import Lab
from tests.support.mongo_lab import SERVER, client, findings, store_of, stored_lab, until, watching
from tests.whole.conftest import own_state

__all__ = ["own_state"]


@pytest.fixture(scope="module")
def stored() -> Iterator[Lab]:
    with stored_lab() as lab:
        yield lab


async def test_fsync_lock_with_a_waiting_writer(stored: Lab, tmp_path: Path) -> None:
    async with watching(stored, tmp_path) as runtime:
        await until(runtime, lambda state: store_of(state).state == "up")
        mongo = await client(runtime)
        await mongo.command("wakari", {"insert": "projects", "documents": [{"n": 1}]})
        await mongo.command("admin", {"fsync": 1, "lock": True})
        async with asyncio.TaskGroup() as group:
            group.create_task(mongo.command("wakari", {"insert": "projects", "documents": [{"n": 2}]}))
            for _ in range(3):
                state = await until(runtime, lambda now: "wait" in findings(now).get("mongo-fsync-locked", ""))
            assert "locked against writes by fsyncLock, 1 operations wait" in findings(state)["mongo-fsync-locked"]
            store = store_of(state)
            assert store.state == "up" and store.severity.word == "critical"
            assert isinstance(store.figures, MongoFigures) and store.figures.server.value is not None
            assert not {"mongod-answers", "mongo-write-lock-held"} & set(findings(state))
            await mongo.command("admin", {}, collection="$cmd.sys.unlock")
        await until(runtime, lambda now: "mongo-fsync-locked" not in findings(now) and store_of(now).error is None)


async def test_an_unclean_lock_is_named_and_left_alone(stored: Lab, tmp_path: Path) -> None:
    node = stored.nodes[SERVER]
    async with watching(stored, tmp_path) as runtime:
        await until(runtime, lambda state: store_of(state).state == "up")
    # while the process is not gone, the script takes it for one that runs
    end = 'pid=$(cat "$0") && kill -9 "$pid" && while [ -d "/proc/$pid" ]; do sleep 0.1; done'
    assert node.run(["timeout", "30", "sh", "-c", end, "/var/run/mongodb/mongod.pid"]).returncode == 0
    assert node.run(["/etc/init.d/mongod", "start"]).returncode == 1
    lock = node.path("/var/lib/mongo/mongod.lock")
    before = lock.stat()
    async with watching(stored, tmp_path) as runtime:
        state = await until(runtime, lambda now: "mongo-unclean-lock" in findings(now))
        assert "12596" in findings(state)["mongo-unclean-lock"]
        assert "12596" in findings(state)["mongod-answers"]
    after = lock.stat()
    assert (before.st_mtime_ns, before.st_size, before.st_ino) == (after.st_mtime_ns, after.st_size, after.st_ino)
    lock.unlink()  # as `mongod --repair` would
    assert node.run(["/etc/init.d/mongod", "start"]).returncode == 0

"""A store's service on a real node: it counts as restarted once it listens, and as stopped once its process is gone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aen_tui.model.plans import ActionName, PlanEvent, Result, Target
from aen_tui.runtime import verifier
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.support.mongo_lab import SERVER, store_of, stored_lab, until, watching

MONGOD = Target(SERVER, "mongod", "sysv")
CONFIGURATION = "/etc/mongod.conf"
SCRIPT = "/etc/init.d/mongod"


@pytest.fixture(scope="module")
def stored() -> Iterator[Lab]:
    with stored_lab() as lab:
        yield lab


@contextmanager
def written(node: LabNode, path: str, text: str) -> Iterator[None]:
    """A file is so for a while; then mongod runs again as it did."""
    before = node.path(path).read_text()
    node.path(path).write_text(text)
    try:
        yield
    finally:
        node.path(path).write_text(before)
        node.run(["sh", "-c", "killall -q mongod; while pidof mongod; do sleep 0.1; done"])
        assert node.service("mongod", "start").returncode == 0


async def act(runtime: Runtime, action: ActionName) -> PlanEvent:
    """Carry it out; what was judged."""
    await until(runtime, lambda state: store_of(state).state == "up")
    events: list[PlanEvent] = []
    async with asyncio.timeout(120):
        await runtime.execute(runtime.plan(action, [MONGOD]), events.append)
    return next(event for event in events if event.event == "verified")


async def test_a_store_that_listens_again_is_verified_by_that(stored: Lab, tmp_path: Path) -> None:
    async with watching(stored, tmp_path) as runtime:
        told = await act(runtime, ActionName.RESTART)
        assert told.result is Result.VERIFIED, told.error
        assert "something listens on port 27017" in told.detail["rests_on"]


async def test_a_store_that_runs_elsewhere_is_not(stored: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "LISTEN_SECONDS", 12.0)
    node = stored.nodes[SERVER]
    elsewhere = re.sub("port=27017", "port=27018", node.path(CONFIGURATION).read_text())
    async with watching(stored, tmp_path) as runtime:
        await until(runtime, lambda state: store_of(state).state == "up")
        with written(node, CONFIGURATION, elsewhere):
            told = await act(runtime, ActionName.RESTART)
            assert told.result is Result.FAILED
            assert "is RUNNING, but nothing listens on port 27017" in (told.error or "")


async def test_a_process_that_outlives_its_pid_file_is_not_stopped(
    stored: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifier, "VERIFY_SECONDS", 8.0)
    node = stored.nodes[SERVER]
    pid = node.run(["pidof", "mongod"]).stdout.strip()
    lies = (
        '#!/bin/sh\ncase $1 in stop) rm -f /var/run/mongodb/mongod.pid;; *) echo "mongod is stopped"; exit 3;; esac\n'
    )
    async with watching(stored, tmp_path) as runtime:
        await until(runtime, lambda state: store_of(state).state == "up")
        with written(node, SCRIPT, lies):
            told = await act(runtime, ActionName.STOP)
            assert told.result is Result.FAILED
            assert told.error == f"it is called stopped, but its process {pid} is still there"

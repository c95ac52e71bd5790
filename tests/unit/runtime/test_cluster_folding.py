"""The runtime feeds folding once a second where somebody looks, and remembers what was said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.template_file import read_templates, template_path
from tests.support.log_stage import Feeder
from tests.support.states import inventory


async def _judge(runtime: Runtime, rows: int) -> None:
    feeder = Feeder(runtime.books, runtime.clock.wall())
    for n in range(1, 4):
        feeder.feed(LogKey(NodeName(f"compute1-{n}"), LogPath("/var/log/a.log")), b"WARNING: disk %d\n" % n)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        judging = tasks.create_task(runtime._judge_whole())
        while not runtime.snapshot().nodes[NodeName("compute1-3")].last_problem.value:
            await asyncio.sleep(0.01)
        while len(runtime.folding.rows) < rows:
            await asyncio.sleep(0.01)
        judging.cancel()


async def test_the_dashboards_runtime_folds_and_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runtime = Runtime(inventory(), folds=True)
    await _judge(runtime, 1)
    (fold,) = runtime.folding.rows
    assert fold.nodes == {"compute1-1", "compute1-2", "compute1-3"}
    runtime._fleet.close()
    assert len(read_templates(template_path("aen-prod"))) == 1


async def test_a_command_that_only_asks_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runtime = Runtime(inventory())
    await _judge(runtime, 0)
    runtime._fleet.close()
    assert not template_path("aen-prod").exists() and not runtime.folding.rows


async def test_a_demo_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    runtime = Runtime(inventory(is_demo=True), folds=True)
    await _judge(runtime, 1)
    runtime._fleet.close()
    assert not list(tmp_path.rglob("templates-*"))

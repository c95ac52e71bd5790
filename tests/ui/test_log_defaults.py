"""Which logs are shown where nobody named any: what cannot be read is counted, what was read once stays."""

from __future__ import annotations

import pytest

from aen_tui.model.facts import LogFileState, LogPath, LogState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.log_sources import default_keys
from aen_tui.sources.log_files import default_logs
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, WORKER_LOG, LogStage
from tests.support.screen import until
from tests.ui.test_log_view import lines

FOLLOWING = LogFileState.FOLLOWING
UNKNOWN = LogFileState.UNKNOWN


def log(key: LogKey, state: LogFileState, error: str | None = None, kind: str = "text") -> LogState:
    return LogState(key.path, state, error=error, kind=kind)


@pytest.mark.parametrize("error", ["is a folder", "permission denied", "does not answer for 5 s"])
async def test_a_default_log_that_can_no_longer_be_read_keeps_its_lines_and_is_said(error: str) -> None:
    stage = LogStage()
    for name in stage.runtime.inventory.nodes:
        stage.runtime.change(name, logs=())
    stage.runtime.change("aen-server", logs=(log(SERVER_LOG, FOLLOWING),))
    stage.runtime.change("gateway1", logs=(log(GATEWAY_LOG, FOLLOWING),))
    async with stage.run_test(size=(120, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 5))
        stage.feeder.feed(GATEWAY_LOG, lines(stage, 0, 5, "gate"))
        await until(pilot, lambda: len([row for row in stage.rows() if row]) == 10)
        stage.runtime.change("aen-server", logs=(log(SERVER_LOG, UNKNOWN, error),))
        stage.panel.take(stage.runtime.snapshot())
        await until(pilot, lambda: f"1 not read: {error}" in stage.header())
        assert "FOLLOW" in stage.header() and "2 sources" in stage.header()
        await until(pilot, lambda: sum("request" in row for row in stage.rows()) == 5)


async def test_default_logs_that_could_never_be_read_take_no_room_and_are_counted() -> None:
    stage = LogStage()
    for name in stage.runtime.inventory.nodes:
        stage.runtime.change(name, logs=())
    denied = log(WORKER_LOG, UNKNOWN, "permission denied")
    messages = LogState(LogPath("/var/log/messages"), UNKNOWN, error="permission denied", kind="system")
    stage.runtime.change("aen-server", logs=(log(SERVER_LOG, FOLLOWING), denied, messages))
    async with stage.run_test(size=(120, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 5))
        await until(pilot, lambda: "1 not read: permission denied" in stage.header())
        assert stage.panel.keys == (SERVER_LOG,)
        stage.panel.aim([NodeName("aen-server")])
        stage.panel.take(stage.runtime.snapshot())
        await until(pilot, lambda: "2 sources" in stage.header())
        assert WORKER_LOG in stage.panel.keys


async def test_the_view_and_the_command_line_mean_the_same_default_logs() -> None:
    stage = LogStage()
    inventory = stage.runtime.inventory
    for name, spec in inventory.nodes.items():
        kinds = default_logs(spec)
        assert "system" in kinds.values()
        stage.runtime.change(name, logs=tuple(LogState(path, FOLLOWING, kind=kind) for path, kind in kinds.items()))
    async with stage.run_test(size=(120, 20)):
        assert set(stage.panel.keys) == set(default_keys(inventory, list(inventory.nodes)))
        shown = {default_logs(inventory.nodes[key.node])[key.path] for key in stage.panel.keys}
        assert shown == {"text"}

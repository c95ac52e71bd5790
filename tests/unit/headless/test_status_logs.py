"""Which logs `status --json` lists."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.headless.document import status_document
from aen_tui.model.facts import LogFileState, LogPath, LogState
from aen_tui.model.node import NodeName
from tests.support.states import FakeRuntime

SERVER = NodeName("aen-server")
GUESSED = LogPath("/var/log/elasticsearch/elasticsearch.log")
NAMED = LogPath("/opt/wakari/wakari-server/var/log/wakari/server.log")


def listed(runtime: FakeRuntime, *logs: LogState) -> list[tuple[str, str]]:
    runtime.change(SERVER, logs=logs)
    (node,) = status_document(runtime.snapshot(), [SERVER], runtime.clock.monotonic())["nodes"]
    return [(log["path"], log["state"]) for log in node["logs"]]


def test_a_log_that_only_its_package_names_is_listed_where_it_is_or_fails() -> None:
    runtime = FakeRuntime()
    waiting = LogState(GUESSED, LogFileState.WAITING)
    named = LogState(NAMED, LogFileState.WAITING)
    assert listed(runtime, waiting, named) == [(NAMED, "waiting")]
    assert listed(runtime, replace(waiting, state=LogFileState.FOLLOWING)) == [(GUESSED, "following")]
    assert listed(runtime, replace(waiting, error="permission denied")) == [(GUESSED, "waiting")]


def test_a_log_that_the_inventory_names_is_waited_for() -> None:
    runtime = FakeRuntime()
    runtime.change(SERVER, spec=replace(runtime.store.node(SERVER).spec, extra_logs=(GUESSED,)))
    assert listed(runtime, LogState(GUESSED, LogFileState.WAITING)) == [(GUESSED, "waiting")]

"""Elasticsearch's log is called after its cluster, and lies where its configuration says: nobody need name it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.runtime import discovered_logs
from aen_tui.services.elasticsearch import CONFIGURATION
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.whole.conftest import Watching
from tests.whole.test_status import command

NAME = "aen-server"
FOLDER = "/srv/search"
LOG = f"{FOLDER}/renamed.log"
LINE = "[2015-10-04 01:30:24,859][INFO ][node                     ] [Darkoth] started\n"


@pytest.fixture
def server(lab: Lab) -> Iterator[LabNode]:
    """A server whose Elasticsearch writes elsewhere, under another name."""
    node = lab.nodes[NAME]
    files = {CONFIGURATION: f"cluster.name: renamed\npath.logs: {FOLDER}\n", LOG: LINE}
    for path, text in files.items():
        node.path(path).parent.mkdir(parents=True, exist_ok=True)
        node.path(path).write_text(text)
    yield node
    for path in files:
        node.path(path).unlink()
        node.path(path).parent.rmdir()


@pytest.mark.parametrize("target", [[], [NAME], [f"{NAME}/elasticsearch"]], ids=["all", "node", "service"])
def test_it_is_among_the_logs(server: LabNode, inventory_file: Path, target: list[str]) -> None:
    shown = command(inventory_file, "logs", *target, "-n", "1")
    assert shown.stdout.count(LINE) == 1
    assert f"{NAME}:{LOG}" in shown.stdout
    assert shown.returncode == 0, shown.stderr


def test_it_is_not_of_other_nodes_and_services(server: LabNode, inventory_file: Path) -> None:
    for target in ("gateway1", f"{NAME}/nginx"):
        assert "renamed.log" not in command(inventory_file, "logs", target, "-n", "1").stdout


def test_nobody_misses_it_before_it_is_written(server: LabNode, inventory_file: Path) -> None:
    server.path(LOG).rename(server.path(f"{FOLDER}/away"))
    try:
        shown = command(inventory_file, "logs", NAME, "-n", "1")
        assert (shown.returncode, "renamed" in shown.stderr) == (0, False), shown.stderr
    finally:
        server.path(f"{FOLDER}/away").rename(server.path(LOG))


def test_a_place_that_the_node_tells_is_not_read_under_sudo(server: LabNode, inventory_file: Path) -> None:
    server.path(LOG).chmod(0o600)
    server.run(["chown", "root", LOG])
    shown = command(inventory_file, "logs", NAME, "-n", "1")
    assert LINE not in shown.stdout
    assert f"{NAME}:{LOG}: " in shown.stderr and "denied" in shown.stderr.lower()
    assert shown.returncode == 1


async def test_a_configuration_that_hangs_holds_up_nothing_else(
    server: LabNode, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovered_logs, "_DEADLINE_SECONDS", 600.0)
    file, name = server.path(CONFIGURATION), NodeName(NAME)
    words = file.read_text()
    file.unlink()
    os.mkfifo(file)
    async with watching() as runtime, asyncio.timeout(120):
        await runtime.store.wait_for(lambda state: state.nodes[name].connection.state is LinkState.UP)
        assert not runtime.snapshot().nodes[name].complete
        await asyncio.to_thread(file.write_text, words)
        await runtime.store.wait_for(lambda state: state.nodes[name].complete)
        assert LOG in {log.path for log in runtime.snapshot().nodes[name].logs}


async def test_what_an_earlier_connection_told_holds_while_it_cannot_be_read(
    server: LabNode, watching: Watching
) -> None:
    file, name = server.path(CONFIGURATION), NodeName(NAME)
    async with watching() as runtime, asyncio.timeout(120):
        await runtime.store.wait_for(lambda state: state.nodes[name].complete)
        link = runtime._watches.link_of(name)
        away = file.rename(file.with_name("away.yml"))
        try:
            server.kill_sshd("sessions")
            await runtime.store.wait_for_node(
                name,
                lambda node: (
                    runtime._watches.link_of(name) not in (link, None) and node.connection.state is LinkState.UP
                ),
            )
            assert runtime._watches.told_logs(name) == [LOG]
        finally:
            away.rename(file)

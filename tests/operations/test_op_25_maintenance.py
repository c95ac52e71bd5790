"""25: what is under maintenance is shown and not counted, by a program that is started later too; versions are seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aen_tui.checks.preflight import Look
from aen_tui.config.load import load_inventory
from aen_tui.config.targets import parse_targets
from aen_tui.model.node import NodeName
from aen_tui.model.node_facts import HostFacts, NodeFacts
from aen_tui.model.reading import Reading
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.support.states import FakeRuntime
from tests.whole.test_status import command

NAME = NodeName("compute1-1")
PROGRAM = "wk-compute"


@pytest.fixture
def stopped(quiet_lab: Lab) -> Iterator[LabNode]:
    """A compute whose program was stopped."""
    node = quiet_lab.nodes[NAME]
    with node.supervisor() as server:
        server.supervisor.stopProcess(PROGRAM)
    yield node
    with node.supervisor() as server:
        server.supervisor.startProcess(PROGRAM)


def status(file: Path, *words: str) -> tuple[int, dict[str, Any]]:
    done = command(file, "status", "--json", "--wait", "60", *words)
    return done.returncode, json.loads(done.stdout)


def test_a_program_that_was_announced_is_not_counted(
    quiet_lab: Lab, stopped: LabNode, tmp_path: Path, own_state: Path
) -> None:
    file = quiet_lab.write_inventory(tmp_path / "i.toml")
    code, document = status(file, NAME)
    assert code == 2 and document["severity"] == "critical", "its port is dead"
    runtime = Runtime(load_inventory(file))
    targets = parse_targets([f"{NAME}/{PROGRAM}"], runtime.inventory)
    asyncio.run(_begin(runtime, targets))
    code, document = status(file, NAME)
    assert (code, document["severity"]) == (0, "ok")
    (node,) = document["nodes"]
    program = next(one for one in node["services"] if one["name"] == PROGRAM)
    assert (program["state"], program["severity"]) == ("STOPPED", "warning"), "it is shown as it is"
    said = next(one for one in node["findings"] if one["check"] == "maintenance")
    assert PROGRAM in said["message"] and "upgrade, ticket 7" in said["message"]
    assert list((own_state / "aen-tui").glob("maintenance-*.json"))
    audit = [json.loads(line) for line in (own_state / "aen-tui/audit.jsonl").read_text().splitlines()]
    begun = next(one for one in audit if one["action"] == "maintenance")
    assert (begun["node"], begun["service"], begun["kind"]) == (NAME, PROGRAM, "intent")
    asyncio.run(_end(runtime, targets))
    assert status(file, NAME)[0] == 2


async def _begin(runtime: Runtime, targets: Any) -> None:
    await runtime.maintenance.begin(targets, 3600, "upgrade, ticket 7")


async def _end(runtime: Runtime, targets: Any) -> None:
    assert len(await runtime.maintenance.end(targets)) == 1


def test_a_discovered_version_beats_the_written_one() -> None:
    runtime = FakeRuntime(history_samples=0)
    node = runtime.store.node(NodeName("aen-server"))
    host = HostFacts("ops", 1000, "aen-server", packages={"wakari-version": "4.1.3"})
    look = Look(node, NodeFacts(host=Reading(host, 1.0)), runtime.inventory, 0.0)
    assert runtime.inventory.aen_version == "4.1.2" and look.version == "4.1.3"
    assert replace(look, facts=NodeFacts()).version == "4.1.2"

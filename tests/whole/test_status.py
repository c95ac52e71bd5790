"""`aen-tui status` on seven real nodes: everything is there, and a lost gateway comes back by itself."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.whole.conftest import Watching

PROGRAMS = {"aen-server": {"wk-server", "worker"}, "gateway": {"wk-gateway"}, "compute": {"wk-compute"}}
LOST = (LinkState.STALE,)
MARK = "aen-tui-probe" + " 0."
"""As it stands in a probe's argument list; written apart so that no search finds itself."""


def command(inventory: Path, *words: str, seconds: float = 150) -> subprocess.CompletedProcess[str]:
    """The program, to its end; nobody types."""
    return subprocess.run(
        [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def patient_inventory(lab: Lab, path: Path) -> Path:
    """The lab's inventory, by which a busy machine has time to look at all of it at once."""
    return lab.write_inventory(path, ssh={"config": str(lab.ssh_config), "connect_timeout_seconds": 50})


def test_every_node_is_up_with_programs_documents_and_metrics(lab: Lab, inventory_file: Path) -> None:
    result = command(
        inventory_file,
        "status",
        "--json",
        "--wait",
        "60",
    )
    document: dict[str, Any] = json.loads(result.stdout)
    assert result.returncode == 0, result.stdout
    assert (document["schema"], document["cluster"], document["severity"]) == (1, "aen-lab", "ok")
    assert [node["name"] for node in document["nodes"]][:2] == ["aen-server", "gateway1"]
    assert len(document["nodes"]) == 7
    for node in document["nodes"]:
        assert node["connection"]["state"] == "up"
        assert abs(node["connection"]["skew_seconds"]) < 30
        wanted = next(names for start, names in PROGRAMS.items() if node["name"].startswith(start))
        programs = {one["name"]: one for one in node["services"] if one["manager"] == "supervisor"}
        assert set(programs) == wanted
        assert all(
            one["state"] == "RUNNING" and one["pid"] > 0 and one["age_seconds"] < 60 for one in programs.values()
        )
        assert node["metrics"]["memory"]["total_bytes"] > 0
        assert any(disk["mount"] == "/" for disk in node["metrics"]["disks"])
        assert node["logs"] and all(log["state"] == "following" for log in node["logs"])
        for answer in node["http"]:
            assert answer["status_code"] == 200
            if answer["name"] in ("gateway", "server"):
                assert answer["document"] == {"status": "ok", "messages": []}
    computes = [node for node in document["nodes"] if node["roles"] == ["compute"]]
    assert {node["connection"]["via"] for node in computes} == {"gateway1", "gateway2"}
    assert {answer["asked_on"] for node in computes for answer in node["http"]} == {"gateway1", "gateway2"}


def test_targets_and_exit_codes(lab: Lab, inventory_file: Path) -> None:
    one = json.loads(command(inventory_file, "status", "gateway1", "--json").stdout)
    assert [node["name"] for node in one["nodes"]] == ["gateway1"]
    wrong = command(inventory_file, "status", "gatway1")
    assert (wrong.returncode, wrong.stdout) == (64, "")
    assert "gateway1" in wrong.stderr
    assert command(inventory_file, "status", "--nonsense").returncode == 64
    assert command(inventory_file.with_name("none.toml"), "status").returncode == 64


def probes(node: LabNode) -> int:
    """How many probes run on a node."""
    return node.run(["sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"]).stdout.count(MARK)


def all_in(*states: LinkState, nodes: list[str]) -> Any:
    def condition(state: ClusterState) -> bool:
        return all(state.nodes[NodeName(name)].connection.state in states for name in nodes)

    return condition


async def test_a_gateway_without_sshd_turns_its_computes_stale_and_all_come_back(lab: Lab, watching: Watching) -> None:
    behind = ["gateway1", "compute1-1", "compute1-2"]
    async with watching() as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.up_count == 7)
        lab.nodes["gateway1"].kill_sshd()
        try:
            async with asyncio.timeout(60):
                state = await runtime.store.wait_for(all_in(*LOST, nodes=behind))
            assert state.up_count == 4
            assert state.nodes[NodeName("compute1-1")].connection.error
            assert state.nodes[NodeName("compute1-1")].metrics.seen_at is not None
        finally:
            lab.nodes["gateway1"].start_sshd()
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.up_count == 7)


async def test_a_silently_dropped_link_is_seen_and_its_probe_leaves(lab: Lab, watching: Watching) -> None:
    node = lab.nodes["compute2-1"]
    async with watching() as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.up_count == 7)
        node.cut_link()
        try:
            async with asyncio.timeout(60):
                await runtime.store.wait_for(all_in(*LOST, nodes=["compute2-1"]))
            async with asyncio.timeout(60):
                while probes(node):
                    await asyncio.sleep(0.25)
        finally:
            node.restore_link()
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.up_count == 7)


async def test_nothing_is_left_on_a_node(lab: Lab, watching: Watching) -> None:
    node = lab.nodes["compute2-2"]
    before = node.written()
    async with watching() as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.up_count == 7)
        assert probes(node)
    async with asyncio.timeout(60):
        while probes(node):
            await asyncio.sleep(0.1)
    own = (
        "/var/log/",
        "/var/run/",
        "/run/",
        "/opt/wakari/wakari-compute/var/",
        "/tmp/",
        "/var/lib/sudo",
        "/var/lib/lastlog",
    )
    assert [path for path in node.written() - before if not path.startswith(own)] == []


@pytest.mark.parametrize("states", [(LinkState.UP,)])
async def test_one_bad_node_delays_nobody(
    lab: Lab, inventory_file: Path, watching: Watching, states: tuple[LinkState]
) -> None:
    text = inventory_file.read_text().replace('"compute1-2"]', '"compute1-2", "no-such-host", "local"]')
    file = inventory_file.with_name("more.toml")
    file.write_text(text)
    file.chmod(0o600)
    async with watching(file) as runtime, asyncio.timeout(60):
        state = await runtime.store.wait_for(
            lambda state: (
                state.up_count >= 8
                and state.nodes[NodeName("no-such-host")].connection.state not in (LinkState.CONNECTING, LinkState.UP)
            )
        )
    bad = state.nodes[NodeName("no-such-host")].connection
    assert bad.state in (LinkState.DNS, LinkState.REFUSED), bad.error
    assert bad.error

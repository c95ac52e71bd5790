"""21: a gateway that is lost is looked for from this machine and from the server; `jump` may be a list."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.whole.test_status import command, patient_inventory

GATEWAY, COMPUTE = NodeName("gateway1"), NodeName("compute1-1")


@contextmanager
def sshd_killed(node: LabNode) -> Iterator[None]:
    node.kill_sshd()
    try:
        yield
    finally:
        node.start_sshd()


@contextmanager
def cut_off(node: LabNode) -> Iterator[None]:
    node.cut_link()
    try:
        yield
    finally:
        node.restore_link()


@contextmanager
def no_route_from_here(node: LabNode) -> Iterator[None]:
    route = ["unreachable", f"{node.address}/32"]
    subprocess.run(["ip", "route", "add", *route], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "route", "del", *route], check=True)


def verdict(state: ClusterState) -> str:
    return next((one.message for one in state.nodes[GATEWAY].findings if one.check == "gateway-lost"), "")


def up(state: ClusterState) -> bool:
    return all(node.connection.state is LinkState.UP for node in state.nodes.values())


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (sshd_killed, "sshd only: from this machine port 22 connection refused, port 8089 answers; from aen-server"),
        (no_route_from_here, "your route only: from this machine port 22"),
        (cut_off, "host gone: from this machine port 22"),
    ],
    ids=["sshd only", "your route only", "host gone"],
)
async def test_where_it_is_lost(
    quiet_lab: Lab, tmp_path: Path, broken: Callable[[LabNode], AbstractContextManager[None]], words: str
) -> None:
    runtime = Runtime(load_inventory(quiet_lab.write_inventory(tmp_path / "inventory.toml")))
    async with runtime.running():
        async with asyncio.timeout(60):
            await runtime.store.wait_for(up)
        with broken(quiet_lab.nodes[GATEWAY]):
            async with asyncio.timeout(90):
                state = await runtime.store.wait_for(lambda state: verdict(state).startswith(words))
                short = words.partition(":")[0]
                state = await runtime.store.wait_for(
                    lambda state: short in (state.nodes[COMPUTE].explained_by or ""),
                )
            assert state.nodes[GATEWAY].explains == COMPUTE
        runtime.retry_now(GATEWAY)
        async with asyncio.timeout(90):
            state = await runtime.store.wait_for(lambda state: up(state) and not verdict(state))
            state = await runtime.store.wait_for(lambda state: not state.causes)
        assert state.nodes[COMPUTE].explained_by is None and state.nodes[GATEWAY].ways == ()


def test_status_says_it_at_once(quiet_lab: Lab, tmp_path: Path) -> None:
    inventory = patient_inventory(quiet_lab, tmp_path / "inventory.toml")
    with sshd_killed(quiet_lab.nodes[GATEWAY]):
        result = command(inventory, "status")
    assert result.returncode == 2
    assert "gateway-lost: sshd only" in result.stdout, result.stdout + result.stderr
    assert "the connection, compute URL: follows from connection on gateway1: sshd only" in result.stdout


async def test_jumps_are_tried_in_their_order(quiet_lab: Lab, tmp_path: Path) -> None:
    """The server is up and leads to no compute; a host that is none is not up; the gateway does."""
    jumps = {"jump": ["nobody.invalid", "aen-server", "gateway"], "become": "never"}
    runtime = Runtime(load_inventory(quiet_lab.write_inventory(tmp_path / "inventory.toml", defaults=jumps)))
    spec = runtime.inventory.nodes[COMPUTE]
    assert spec.jumps == ("nobody.invalid", "aen-server", "gateway1")
    async with runtime.running():
        async with asyncio.timeout(90):
            state = await runtime.store.wait_for(lambda state: state.nodes[COMPUTE].connection.state is LinkState.UP)
    assert state.nodes[COMPUTE].connection.via == GATEWAY

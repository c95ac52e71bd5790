"""22: another boot id is an event and a mark, and what the reboot left behind is found on the node itself."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime import after_reboot
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.lab.machine import LabNode

NAME = NodeName("compute1-1")
BOOT_ID = "/proc/sys/kernel/random/boot_id"
STALE = "/run/wakari-compute.pid"
LEFT = {
    "/run/boot_id": f"{uuid.uuid4()}\n",
    "/etc/fstab": "# device mount\nUUID=x / xfs defaults 0 0\nnas:/projects /projects nfs defaults 0 0\n"
    "nas:/old /mnt/old nfs noauto 0 0\n",
    "/etc/selinux/config": "SELINUX=permissive\n",
    STALE: "4194000\n",
}
FOUND = {
    "after-reboot-enabled": "wakari-compute runs and is not enabled at boot",
    "after-reboot-mounts": "/projects stands in /etc/fstab and is not mounted",
    "after-reboot-pid-files": f"/var{STALE} is stale: pid 4194000 is not wakari-compute",
    "after-reboot-selinux": "/etc/selinux/config says permissive, SELinux is disabled",
}


@pytest.fixture
def node(quiet_lab: Lab) -> Iterator[LabNode]:
    """A compute that will come back with something of each kind wrong."""
    found = quiet_lab.nodes[NAME]
    before = {path: found.path(path).read_bytes() for path in LEFT if found.path(path).exists()}
    links = [
        *found.path("/etc").glob("rc*.d/S*wakari-compute"),
        *found.path("/etc").glob("rc.d/rc*.d/S*wakari-compute"),
    ]
    assert not links, "the lab enables nothing at boot"
    yield found
    found.run(["umount", BOOT_ID])
    for path in LEFT:
        if path in before:
            found.path(path).write_bytes(before[path])
        else:
            found.path(path).unlink(missing_ok=True)


def reboot(node: LabNode) -> None:
    """All of it that a probe can see."""
    for path, content in LEFT.items():
        node.path(path).parent.mkdir(parents=True, exist_ok=True)
        node.path(path).write_text(content)
    bound = node.run(["mount", "--bind", "/run/boot_id", BOOT_ID])
    assert bound.returncode == 0, bound.stderr
    node.kill_sshd("sessions")


def said(node: NodeState) -> dict[str, tuple[Severity, str]]:
    return {one.check: (one.severity, one.message) for one in node.findings if one.check.startswith("after-reboot-")}


async def test_what_a_reboot_left_behind_is_found(
    quiet_lab: Lab, node: LabNode, tmp_path: Path, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(after_reboot, "SETTLE_SECONDS", 0.0)
    runtime = Runtime(load_inventory(quiet_lab.write_inventory(tmp_path / "i.toml")))
    async with runtime.running():
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: _is_whole(state.nodes[NAME]))
            while NAME not in runtime._noticing.known:
                await asyncio.sleep(0.05)
        first = runtime.store.node(NAME).connection.boot_id
        await asyncio.to_thread(reboot, node)
        async with asyncio.timeout(90):
            state = await runtime.store.wait_for(lambda state: set(said(state.nodes[NAME])) >= set(FOUND))
        assert state.nodes[NAME].connection.boot_id != first
        found = said(state.nodes[NAME])
        for check, message in FOUND.items():
            assert found[check][1] == message
        assert found["after-reboot-mounts"][0] is Severity.CRITICAL
        events = [event for event in runtime.events if event.node == NAME]
        boot = next(event for event in events if event.kind == "boot")
        assert boot.mark is not None and runtime.events.marks([NAME], 0.0)
        assert "connection lost" in [event.short for event in events]
        async with asyncio.timeout(60):
            while not {"after-reboot-mounts"} <= {event.check for event in runtime.events}:
                await asyncio.sleep(0.1)


def _is_whole(node: NodeState) -> bool:
    return node.connection.state is LinkState.UP and node.complete and bool(node.services) and bool(node.metrics.value)

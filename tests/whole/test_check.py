"""`aen-tui check` on the lab: what is broken is found by its id, and nothing but what follows from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.waiting import until
from tests.whole.conftest import Watching
from tests.whole.test_status import command, patient_inventory

SERVER, GATEWAY, COMPUTE = "aen-server", "gateway1", "compute1-1"
OPT = "/opt/wakari"
GATEWAY_CONFIG = "/opt/wakari/wakari-gateway/etc/wakari/wk-gateway-config.json"
LAUNCHER_CONFIG = "/opt/wakari/wakari-compute/etc/wakari/wk-compute-launcher-config.json"


@contextmanager
def changed(node: LabNode, path: str, content: str | None, *, owner: str = "wakari") -> Iterator[None]:
    """A file with other content, or none; as it was afterwards."""
    place = node.path(path)
    before = place.read_bytes() if place.exists() else None
    mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
    try:
        if content is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)
            place.chmod(mode)
            node.run(["chown", owner, path])
        yield
    finally:
        if before is None:
            place.unlink()
        else:
            place.write_bytes(before)
            place.chmod(mode)
            node.run(["chown", "wakari" if path.startswith("/opt/wakari") else "root", path])


@contextmanager
def wk_server_stopped(node: LabNode) -> Iterator[None]:
    with node.supervisor() as server:
        server.supervisor.stopProcess("wk-server")
        try:
            yield
        finally:
            server.supervisor.startProcess("wk-server")


@contextmanager
def wk_server_s_file_renamed(node: LabNode) -> Iterator[None]:
    folder, update = f"{node.prefix}/etc/supervisord/conf.d", [f"{node.prefix}/bin/supervisorctl", "update"]
    node.run(["mv", f"{folder}/wk-server.conf", f"{folder}/wk-server.conf.SUSPEND"])
    node.run(update)
    try:
        yield
    finally:
        node.run(["mv", f"{folder}/wk-server.conf.SUSPEND", f"{folder}/wk-server.conf"])
        node.run(update)


@contextmanager
def done(node: LabNode, *argv: str, undone: tuple[str, ...]) -> Iterator[None]:
    """A command, and the one that takes it back."""
    assert node.run(list(argv)).returncode == 0
    try:
        yield
    finally:
        node.run(list(undone))


def not_to_be_run(path: str) -> Callable[[LabNode], AbstractContextManager[None]]:
    return lambda node: done(node, "chmod", "644", path, undone=("chmod", "755", path))


@contextmanager
def root_owns_the_gateway_config(node: LabNode) -> Iterator[None]:
    node.run(["chown", "root", GATEWAY_CONFIG])
    try:
        yield
    finally:
        node.run(["chown", "wakari", GATEWAY_CONFIG])


@contextmanager
def mounted(node: LabNode, *words: str, fill_megabytes: int = 0) -> Iterator[None]:
    """Another filesystem on /projects."""
    node.run(["mkdir", "-p", "/projects"])
    assert node.run(["mount", *words, "/projects"]).returncode == 0
    try:
        if fill_megabytes:
            node.run(["dd", "if=/dev/zero", "of=/projects/full", "bs=1M", f"count={fill_megabytes}"])
        yield
    finally:
        node.run(["umount", "/projects"])


@contextmanager
def public_account_gone(node: LabNode) -> Iterator[None]:
    lines = node.path("/etc/passwd").read_text().splitlines(keepends=True)
    with changed(node, "/etc/passwd", "".join(one for one in lines if not one.startswith("public:")), owner="root"):
        yield


@contextmanager
def wakari_works_in_a_project(node: LabNode) -> Iterator[None]:
    start = (
        "mkdir -p /projects/alice/churn && cd /projects/alice/churn && exec setsid setpriv --reuid wakari sleep 333 &"
    )
    node.run(["sh", "-c", f"({start}) >/dev/null 2>&1"])
    until(lambda: "sleep 333" in node.run(["ps", "ax", "-o", "args"]).stdout, "the process runs")
    try:
        yield
    finally:
        node.run(["sh", "-c", "kill $(ps ax -o pid,args | awk '/[s]leep 333/ {print $1}')"])
        node.run(["rmdir", "/projects/alice/churn", "/projects/alice"])


@dataclass(frozen=True)
class Break:
    """One thing that is broken, and what may follow from it."""

    check: str
    node: str
    broken: Callable[[LabNode], object]
    follows: frozenset[str] = frozenset()


def gateway_config(server: str) -> Callable[[LabNode], AbstractContextManager[None]]:
    return lambda node: changed(node, GATEWAY_CONFIG, json.dumps({"port": 8089, "server": server}))


def license_expired(node: LabNode) -> AbstractContextManager[None]:
    return changed(node, f"{node.prefix}/var/run/page.html", "<h1>License expired</h1>")


def selinux_enforcing(node: LabNode) -> AbstractContextManager[None]:
    return changed(node, "/etc/selinux/config", "SELINUX=enforcing\n", owner="root")


def another_alias(node: LabNode) -> AbstractContextManager[None]:
    return changed(node, "/opt/wakari/anaconda/.condarc", "channel_alias: http://repo:8080\n")


def comma_in(path: str) -> Callable[[LabNode], AbstractContextManager[None]]:
    return lambda node: changed(node, path, '{"port": 5002,\n "projectRoot": "/projects",\n}\n')


BREAKS = [
    Break("program-state", SERVER, wk_server_stopped, frozenset({"license"})),
    Break("license", SERVER, license_expired),
    Break("config-owner", GATEWAY, root_owns_the_gateway_config),
    Break("selinux-mode", COMPUTE, selinux_enforcing),
    Break(
        "disk-free",
        COMPUTE,
        lambda node: mounted(node, "-t", "tmpfs", "-o", "size=100m", "tmpfs", fill_megabytes=96),
        frozenset({"disk-size", "one-filesystem"}),
    ),
    Break(
        "acl-support",
        COMPUTE,
        lambda node: mounted(node, "-t", "ramfs", "ramfs"),
        frozenset({"disk-size", "one-filesystem"}),
    ),
    Break("anon-user", COMPUTE, public_account_gone),
    Break("condarc-alias", COMPUTE, another_alias, frozenset({"client-url"})),
    Break(
        "config-syntax", COMPUTE, comma_in(LAUNCHER_CONFIG), frozenset({"config-merge", "install-name", "project-root"})
    ),
    Break("install-name", GATEWAY, gateway_config("http://aen.wrong.example.com")),
    Break(
        "program-missing",
        SERVER,
        wk_server_s_file_renamed,
        frozenset({"license", "server-page", "process-users", "pam-accounts"}),
    ),
    Break(
        "project-root",
        COMPUTE,
        lambda node: changed(node, LAUNCHER_CONFIG, '{"port": 5002, "projectRoot": "/data/projects"}'),
    ),
    Break("conda-programs", COMPUTE, not_to_be_run("/opt/wakari/anaconda/bin/anaconda")),
    Break("start-project", COMPUTE, not_to_be_run("/opt/wakari/wakari-compute/bin/start-project")),
    Break("gateway-tool", GATEWAY, not_to_be_run("/opt/wakari/wakari-gateway/bin/wk-gateway-configure")),
    Break(
        "test-environment",
        COMPUTE,
        lambda node: done(node, "mkdir", f"{OPT}/test_default", undone=("rmdir", f"{OPT}/test_default")),
    ),
    Break(
        "package-cache",
        COMPUTE,
        lambda node: done(node, "chown", "public", f"{OPT}/anaconda", undone=("chown", "wakari", f"{OPT}/anaconda")),
    ),
    # its folder is made here, and not as start-project would
    Break("service-account-apps", COMPUTE, wakari_works_in_a_project, frozenset({"project-folder"})),
]


OF_THIS_BOX = frozenset({"cpu-busy", "cpu-iowait", "cpu-steal", "memory-free", "memory-swapping", "disk-filling"})
"""What nodes say of the machine that they share with whatever else runs on it."""


async def wrong(runtime: Runtime, name: NodeName) -> dict[str, str]:
    """Check -> message of what is not ok on a node, on facts of this moment."""
    servers = [one for one in runtime.inventory.nodes if one == SERVER]
    await runtime.checkup.gather([*servers, *([name] if name != SERVER else [])])
    state = runtime.snapshot()
    found = runtime.checkup.findings(state.nodes[name], state)
    return {one.check: one.message for one in found if one.severity is not Severity.OK and one.check not in OF_THIS_BOX}


async def soon(runtime: Runtime, name: NodeName, true: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """Until what is wrong is as it should be; what is live comes with the next frame."""
    seen: dict[str, str] = {}
    try:
        async with asyncio.timeout(90):
            while not true(seen := await wrong(runtime, name)):
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(seen) from None
    return seen


@pytest.fixture
async def runtime(watching: Watching) -> AsyncIterator[Runtime]:
    async with watching() as running:
        async with asyncio.timeout(60):
            await running.store.wait_for(
                lambda state: all(
                    node.connection.state is LinkState.UP and node.complete for node in state.nodes.values()
                )
            )
        yield running


@pytest.mark.parametrize("case", BREAKS, ids=lambda case: case.check)
async def test_what_is_broken_is_found_by_its_id_and_nothing_else(lab: Lab, runtime: Runtime, case: Break) -> None:
    name, node = NodeName(case.node), lab.nodes[case.node]
    before = await soon(runtime, name, lambda found: case.check not in found)
    with case.broken(node):  # type: ignore[attr-defined]
        during = await soon(runtime, name, lambda found: case.check in found)
        new = {check for check in during if check not in before}
        assert new - {case.check} <= case.follows, during
    await soon(runtime, name, lambda found: set(found) <= set(before))


async def test_facts_come_on_request_and_keep_their_age_when_a_node_goes(lab: Lab, runtime: Runtime) -> None:
    name = NodeName("compute2-1")
    assert runtime.checkup.facts == {}
    await runtime.checkup.gather([name])
    seen_at = runtime.checkup.facts[name].seen_at
    assert seen_at is not None
    node = lab.nodes[name]
    node.kill_sshd("sessions")
    async with asyncio.timeout(60):
        await runtime.store.wait_for(lambda state: state.nodes[name].connection.state is not LinkState.UP)
        await runtime.checkup.gather([name])
    facts = runtime.checkup.facts[name]
    assert facts.seen_at == seen_at and facts.errors


def test_the_command_tells_nodes_matrix_and_remedies(lab: Lab, tmp_path: Path) -> None:
    inventory_file = patient_inventory(lab, tmp_path / "inventory.toml")
    result = command(inventory_file, "check", "--json")
    document = json.loads(result.stdout)
    assert set(document) == {"schema", "cluster", "at", "severity", "nodes"}
    assert {name["name"] for name in document["nodes"]} == set(lab.nodes)
    words = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
    assert result.returncode == words[document["severity"]]
    for node in document["nodes"]:
        assert {"name", "severity", "findings"} == set(node)
        checks = {one["check"]: one for one in node["findings"]}
        assert checks["connection"]["severity"] == "ok"
        assert checks["selinux-mode"]["severity"] == "ok" and checks["selinux-mode"]["seed"] == "000"
        assert all(one["remedy"] for one in node["findings"] if one["severity"] in ("warning", "critical"))
    assert "not to be shown" not in result.stdout, "the gateway's secret stays on its node"
    one = command(inventory_file, "check", "gateway[1-2]")
    assert "gateway[1-2]" in one.stdout and "config-owner" in one.stdout
    assert command(inventory_file, "check", "gateway9").returncode == 64

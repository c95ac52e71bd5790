"""Twelve things broken on the lab, one at a time: each is found by its id, and nothing that it does not explain.

The lab has a real mongod 2.6.10.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.model.facts import ClusterState, Finding, LinkState
from aen_tui.model.node import NodeName, Role
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import explained_findings
from aen_tui.runtime.cluster import Runtime
from aen_tui.sources.requirements_settings import request
from tests.lab import fetched
from tests.lab.fixtures import need_fetched, need_lab
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.variants import Variant
from tests.support.nodes import node_spec
from tests.whole.test_check import (
    LAUNCHER_CONFIG,
    OF_THIS_BOX,
    another_alias,
    comma_in,
    done,
    gateway_config,
    license_expired,
    public_account_gone,
    root_owns_the_gateway_config,
    selinux_enforcing,
    wakari_works_in_a_project,
    wk_server_stopped,
)
from tests.whole.test_status import command

SERVER, GATEWAY, COMPUTE = "aen-server", "gateway1", "compute1-1"
Broken = Callable[[LabNode], AbstractContextManager[object]]


@pytest.fixture(scope="module")
def stored() -> Iterator[Lab]:
    """One data center, and MongoDB as the package installs it."""
    need_lab()
    need_fetched(fetched.mongod)
    with Lab.start(gateways=1, computes=1, variants={SERVER: Variant(mongodb=True)}) as started:
        yield started


@contextmanager
def mongod_stopped(node: LabNode) -> Iterator[None]:
    assert node.service("mongod", "stop").returncode == 0
    try:
        yield
    finally:
        node.service("mongod", "start")


@contextmanager
def another_filesystem(node: LabNode, *words: str) -> Iterator[None]:
    """One on /projects, of which two things are said, whatever is on it: it is small, and apart from /opt/wakari."""
    node.run(["mkdir", "-p", "/projects"])
    assert node.run(["mount", *words, "/projects"]).returncode == 0
    try:
        yield
    finally:
        node.run(["umount", "/projects"])


def small_filesystem(node: LabNode) -> AbstractContextManager[None]:
    return another_filesystem(node, "-t", "tmpfs", "-o", "size=100m", "tmpfs")


@contextmanager
def filled(node: LabNode) -> Iterator[None]:
    node.run(["dd", "if=/dev/zero", "of=/projects/full", "bs=1M", "count=96"])
    try:
        yield
    finally:
        node.run(["rm", "/projects/full"])


@contextmanager
def project_folder_there(node: LabNode) -> Iterator[None]:
    node.run(["mkdir", "-p", "/projects/alice/churn"])
    yield


@dataclass(frozen=True)
class Break:
    """One thing that is broken."""

    check: str
    node: str
    broken: Broken
    before: Broken = lambda _node: nullcontext()
    """What has to be there first, and is no part of it."""


BREAKS = [
    Break("mongod-answers", SERVER, mongod_stopped),
    Break("program-state", SERVER, wk_server_stopped),
    Break("license", SERVER, license_expired),
    Break("config-owner", GATEWAY, root_owns_the_gateway_config),
    Break("selinux-mode", COMPUTE, selinux_enforcing),
    Break("disk-free", COMPUTE, filled, small_filesystem),
    Break("acl-support", COMPUTE, lambda node: another_filesystem(node, "-t", "ramfs", "ramfs"), small_filesystem),
    Break("anon-user", COMPUTE, public_account_gone),
    Break("condarc-alias", COMPUTE, another_alias),
    Break("config-syntax", COMPUTE, comma_in(LAUNCHER_CONFIG)),
    Break("install-name", GATEWAY, gateway_config("http://aen.wrong.example.com")),
    Break("service-account-apps", COMPUTE, wakari_works_in_a_project, project_folder_there),
]

FILES = [path for _, path in request(node_spec(COMPUTE, Role.COMPUTE))["files"] if path != LAUNCHER_CONFIG]
COMMAS = [Break("config-syntax", COMPUTE, comma_in(path)) for path in FILES]
IDS = [*(case.check for case in BREAKS), *(f"config-syntax {path}" for path in FILES)]
Seen = dict[tuple[str, str], Finding]


async def wrong(runtime: Runtime) -> Seen:
    """(node, check) -> the worst that is not ok, on facts of this moment, with what explains it."""
    for name, spec in runtime.inventory.nodes.items():
        if Role.SERVER in spec.roles:
            runtime.poke(name)
    await runtime.checkup.gather(list(runtime.inventory.nodes))
    state = runtime.snapshot()
    found = {name: runtime.checkup.findings(node, state) for name, node in state.nodes.items()}
    seen: Seen = {}
    for name, marked in explained_findings(state, found).items():
        for one in sorted(marked, key=lambda finding: finding.explained_by is None):  # what stands for itself wins
            if one.severity is not Severity.OK and one.check not in OF_THIS_BOX:
                seen[name, one.check] = one
    return seen


async def soon(runtime: Runtime, true: Callable[[Seen], bool]) -> Seen:
    """Until what is wrong is as it should be; what is live comes with the next frame."""
    seen: Seen = {}
    try:
        async with asyncio.timeout(90):
            while not true(seen := await wrong(runtime)):
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(seen) from None
    return seen


@pytest.fixture
async def runtime(stored: Lab, tmp_path: Path) -> AsyncIterator[Runtime]:
    running = Runtime(load_inventory(stored.write_inventory(tmp_path / "inventory.toml")))
    async with running.running():
        async with asyncio.timeout(60):
            await running.store.wait_for(
                lambda state: all(
                    node.connection.state is LinkState.UP
                    and node.complete
                    and all(answer.seen_at is not None for answer in node.http)
                    for node in state.nodes.values()
                )
            )
        yield running


@pytest.mark.parametrize("case", [*BREAKS, *COMMAS], ids=IDS)
async def test_what_is_broken_is_found_by_its_id_and_explains_all_else(
    stored: Lab, runtime: Runtime, case: Break
) -> None:
    node, key = stored.nodes[case.node], (case.node, case.check)
    with case.before(node):
        before = await soon(runtime, lambda seen: key not in seen)
        with case.broken(node):
            during = await soon(runtime, lambda seen: key in seen)
            new = {at: one for at, one in during.items() if at not in before and at != key}
            assert during[key].explained_by is None and during[key].remedy
            assert {at for at, one in new.items() if one.explained_by is None} == set(), new
        await soon(runtime, lambda seen: set(seen) <= set(before))


def test_all_twelve_are_here() -> None:
    assert len({case.check for case in BREAKS}) == 12


def not_ok(state: ClusterState) -> dict[str, str]:
    """Of the server, live: check -> message."""
    found = state.nodes[NodeName(SERVER)].findings
    return {one.check: one.message for one in found if one.severity is not Severity.OK}


async def test_the_login_page_and_a_502_are_told_apart_without_preflight(stored: Lab, runtime: Runtime) -> None:
    node, name = stored.nodes[SERVER], NodeName(SERVER)

    def follows(state: ClusterState) -> set[str]:
        return {one.name for cause in state.causes if cause.check == "program-state" for one in cause.explains}

    async with asyncio.timeout(60):
        await runtime.store.wait_for(
            lambda state: (page := state.nodes[name].page.value) is not None and page.kind == "login"
        )
    with wk_server_stopped(node):
        async with asyncio.timeout(60):
            state = await runtime.store.wait_for(lambda state: {"server-page", "server"} <= follows(state))
        assert "answers 502: nginx finds no wk-server" in not_ok(state)["server-page"]
        assert "wk-server is STOPPED" in not_ok(state)["program-state"]
    async with asyncio.timeout(60):
        await runtime.store.wait_for(lambda state: "server-page" not in not_ok(state) and not state.causes)


def test_status_tells_the_license_page_and_folds_what_follows(stored: Lab, tmp_path: Path) -> None:
    node = stored.nodes[SERVER]
    inventory = stored.write_inventory(tmp_path / "inventory.toml")
    with license_expired(node):
        result = command(inventory, "status", "--json", "--wait", "60")
        assert result.stdout, result.stderr
        server = next(one for one in json.loads(result.stdout)["nodes"] if one["name"] == SERVER)
        (finding,) = [one for one in server["findings"] if one["severity"] != "ok"]
        assert (result.returncode, finding["check"], finding["explained_by"]) == (2, "license", None)
        assert next(one for one in server["http"] if one["name"] == "server")["page"] == "license"
    with wk_server_stopped(node):
        text = command(inventory, "status", "--wait", "60").stdout
        assert "program-state: wk-server is STOPPED" in text
        folded = next(line for line in text.splitlines() if "follows from program-state on aen-server" in line)
        assert "server URL" in folded and "wk-server URL" in folded and "server-page" in folded


def test_status_names_a_wk_server_that_hangs_and_folds_the_page_before_it(stored: Lab, tmp_path: Path) -> None:
    node = stored.nodes[SERVER]
    inventory = stored.write_inventory(tmp_path / "inventory.toml")
    pid = str(node.supervisor_pid("wk-server"))
    with done(node, "kill", "-STOP", pid, undone=("kill", "-CONT", pid)):
        result = command(inventory, "status", "--json", "--wait", "40")
        server = next(one for one in json.loads(result.stdout)["nodes"] if one["name"] == SERVER)
        (finding,) = [one for one in server["findings"] if one["explained_by"] is None]
        assert (finding["check"], finding["severity"]) == ("http", "critical"), server["findings"]
        assert finding["message"].startswith("wk-server does not answer: ")
        cause = f"http on {SERVER}: {finding['message']}"
        assert {one["explained_by"] for one in server["findings"] if one is not finding} == {cause}
        text = command(inventory, "status", "--wait", "40").stdout
        assert "http: wk-server does not answer: " in text
        assert "server URL" in next(line for line in text.splitlines() if f"follows from http on {SERVER}" in line)

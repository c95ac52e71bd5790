"""Nodes that are not the ordinary one, through the whole program: looked at, restarted, and proved."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aen_tui.actions.resolve import resolve
from aen_tui.config.load import load_inventory
from aen_tui.headless.document import status_document
from aen_tui.model.facts import Connection, LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, PlanEvent, Result
from aen_tui.runtime.cluster import Runtime
from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.whole import odd
from tests.whole.odd import NODES

RESTARTED = ("openssh-5.3", "requiretty", "noisy", *odd.OLD_SUPERVISORS)
DUMB = ("sudo-password", "sudo-refused", "sudo-absent")


@dataclass
class Seen:
    """What a run over the odd lab saw and did."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    tries_before: list[str] = field(default_factory=list)
    tries_after: list[str] = field(default_factory=list)
    """sudo's diary on the node that wants a password, before and after its connection was lost."""
    results: dict[str, Result] = field(default_factory=dict)
    events: dict[str, list[PlanEvent]] = field(default_factory=dict)
    pids: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Kind -> the program's pid before and after."""
    records: list[dict[str, Any]] = field(default_factory=list)

    def node(self, kind: str) -> dict[str, Any]:
        return self.nodes[NODES[kind]]


async def restart(runtime: Runtime, name: str, word: str, events: list[PlanEvent]) -> Result:
    """Plans and carries out as `do restart NAME/WORD --yes` does."""
    node: NodeState = runtime.store.node(NodeName(name))
    plan = runtime.plan(ActionName.RESTART, resolve(node, word))
    async with asyncio.timeout(180):
        return await runtime.execute(plan, events.append)


async def lose_and_find(runtime: Runtime, lab: Lab, kind: str) -> None:
    """Kills the sshd sessions of a node and waits until it was lost and is back."""
    name = odd.node_of(kind)
    lab.nodes[NODES[kind]].kill_sshd("sessions")
    async with asyncio.timeout(60):
        await runtime.store.wait_for(lambda state: state.nodes[name].connection.state is LinkState.STALE)
    async with asyncio.timeout(60):
        await runtime.store.wait_for(lambda state: state.nodes[name].connection.state is LinkState.UP)
        seen_at = runtime.store.node(name).metrics.seen_at or 0.0
        await runtime.store.wait_for(lambda state: (state.nodes[name].metrics.seen_at or 0.0) > seen_at + 2)


async def run(lab: Lab, folder: Path, kinds: list[str]) -> Seen:
    seen = Seen()
    file = odd.write_inventory(lab, folder / "inventory.toml")
    runtime = Runtime(load_inventory(file))
    up = [NodeName(name) for name in lab.nodes if name != NODES["no-python"]]
    others = len(odd.sudo_tries(lab, "sudo-password"))  # runs of other tests with the same lab
    async with runtime.running():
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: all(state.nodes[name].complete for name in up))
        state = runtime.snapshot()
        document = status_document(state, list(state.nodes), runtime.clock.monotonic())
        seen.nodes = {node["name"]: node for node in document["nodes"]}
        seen.connections = {name: node.connection for name, node in state.nodes.items()}
        seen.tries_before = odd.sudo_tries(lab, "sudo-password")[others:]
        async with asyncio.TaskGroup() as group:
            group.create_task(lose_and_find(runtime, lab, "sudo-password"))

            async def one(kind: str) -> None:
                node, events = lab.nodes[NODES[kind]], seen.events.setdefault(kind, [])
                before = node.supervisor_pid("wk-compute")
                seen.results[kind] = await restart(runtime, node.name, "wk-compute", events)
                seen.pids[kind] = (before, node.supervisor_pid("wk-compute"))

            async def workers() -> None:
                seen.results["workers"] = await restart(
                    runtime, "aen-server", "worker:*", seen.events.setdefault("workers", [])
                )

            group.create_task(workers())
            for kind in (*kinds, "sudo-exact", *(kind for kind in DUMB if kind != "sudo-password")):
                group.create_task(one(kind))
        seen.tries_after = odd.sudo_tries(lab, "sudo-password")[others:]
        await one("sudo-password")
    lines = (folder / "state/aen-tui/audit.jsonl").read_text().splitlines()
    # of steps: what is read under sudo is recorded beside them
    seen.records = [record for record in map(json.loads, lines) if not record["id"].startswith("read-")]
    return seen


@pytest.fixture(scope="module")
def seen(odd_lab: Lab) -> Iterator[Seen]:
    kinds = [kind for kind in RESTARTED if kind not in odd.OLD_SUPERVISORS or kind in odd.kinds()]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", f"{folder}/state")
        yield asyncio.run(run(odd_lab, Path(folder), kinds))


def programs(node: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {one["name"]: (one["state"], one["error"]) for one in node["services"] if one["manager"] == "supervisor"}


@pytest.mark.parametrize("kind", ["openssh-5.3", "requiretty", "noisy", "root-logs"])
def test_everything_is_seen_there(seen: Seen, kind: str) -> None:
    node = seen.node(kind)
    assert (node["connection"]["state"], node["severity"]) == ("up", "ok")
    assert programs(node) == {"wk-compute": ("RUNNING", None)}
    assert {log["state"] for log in node["logs"]} == {"following"}
    assert not [note for note in seen.connections[NODES[kind]].notes if "sudo" in note]


def test_an_old_sshd_is_spoken_to_without_its_own_kind_of_key_exchange(seen: Seen) -> None:
    peer = seen.connections[NODES["openssh-5.3"]].peer
    assert peer is not None and "OpenSSH_5.3" in peer


@pytest.mark.parametrize("kind", RESTARTED)
def test_a_restart_is_verified(seen: Seen, kind: str) -> None:
    if kind not in seen.results:
        pytest.skip("needs a Python 2.7 and supervisor 3.x")
    assert seen.results[kind] is Result.VERIFIED, [event.error for event in seen.events[kind]]
    before, after = seen.pids[kind]
    assert after not in (0, before)
    verified = next(event for event in seen.events[kind] if event.event == "verified")
    assert verified.pid_after == after
    assert verified.step is not None and verified.step.argv[:4] == ("sudo", "-n", "-u", "wakari")
    records = [record for record in seen.records if record["node"] == NODES[kind]]
    assert [(record["kind"], record["result"]) for record in records] == [("intent", None), ("outcome", "verified")]
    assert all(tuple(record["argv"]) == verified.step.argv for record in records)


def test_exact_lines_of_sudoers_are_enough_to_act_but_what_may_not_be_seen_is_not_verified(seen: Seen) -> None:
    assert seen.results["sudo-exact"] is Result.UNVERIFIED
    before, after = seen.pids["sudo-exact"]
    assert after not in (0, before)
    events = {event.event: event for event in seen.events["sudo-exact"]}
    assert events["step-finished"].result is Result.CLAIMED
    assert "its state may not be seen" in (events["finished"].error or "")


@pytest.mark.parametrize("kind", list(odd.OLD_SUPERVISORS))
def test_old_supervisors_are_read_by_rpc(seen: Seen, kind: str) -> None:
    if kind not in seen.results:
        pytest.skip("needs a Python 2.7 and supervisor 3.x")
    assert programs(seen.node(kind)) == {"wk-compute": ("RUNNING", None)}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("sudo-password", "a password is required"),
        ("sudo-refused", "a password is required"),  # sudo asks for it before it says that he is not in sudoers
        ("sudo-exact", "a password is required"),
        ("sudo-absent", "/usr/bin/sudo"),
    ],
)
def test_a_sudo_that_lets_no_probe_in_is_said_where_it_matters(seen: Seen, kind: str, words: str) -> None:
    node = seen.node(kind)
    assert (node["connection"]["state"], node["severity"]) == ("up", "unknown")
    (note,) = [note for note in seen.connections[NODES[kind]].notes if "sudo" in note]
    assert words in note
    ((state, error),) = programs(node).values()
    assert state == "unknown" and error is not None
    assert "permission denied" in error and words in error
    assert "sudo" in next(one["remedy"] for one in node["findings"] if one["check"] == "supervisor-readable")


def test_sudo_is_asked_once_a_run_however_often_the_connection_is_lost(seen: Seen) -> None:
    assert len(seen.tries_before) == 1 and "a password is required" in seen.tries_before[0]
    assert seen.tries_after == seen.tries_before


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("sudo-password", "a password is required"),
        ("sudo-refused", "a password is required"),
        ("sudo-absent", "sudo"),
    ],
)
def test_a_restart_that_sudo_refuses_changes_nothing_and_says_so(seen: Seen, kind: str, words: str) -> None:
    assert seen.results[kind] in (Result.REFUSED, Result.FAILED), seen.events[kind]
    before, after = seen.pids[kind]
    assert before == after > 0
    assert words in (seen.events[kind][-1].error or "")
    records = [record for record in seen.records if record["node"] == NODES[kind]]
    assert [record["kind"] for record in records] == ["intent", "outcome"]
    assert records[1]["result"] == seen.results[kind].value


def test_a_group_of_workers_is_seen_and_restarted_one_by_one(seen: Seen) -> None:
    assert set(programs(seen.nodes["aen-server"])) == {"wk-server", "worker:worker_00", "worker:worker_01"}
    assert seen.results["workers"] is Result.VERIFIED
    steps = [event for event in seen.events["workers"] if event.event in ("step-started", "verified")]
    assert [(event.event, event.step.target.service) for event in steps if event.step is not None] == [
        ("step-started", "worker:worker_00"),
        ("verified", "worker:worker_00"),
        ("step-started", "worker:worker_01"),
        ("verified", "worker:worker_01"),
    ]


async def test_one_box_with_all_roles(tmp_path: Path) -> None:
    need_lab()
    with Lab.start(single_box=True) as lab:
        runtime = Runtime(load_inventory(lab.write_inventory(tmp_path / "inventory.toml")))
        async with runtime.running():
            async with asyncio.timeout(60):
                state = await runtime.store.wait_for(
                    lambda state: (
                        state.up_count == 1
                        and all(answer.seen_at is not None for node in state.nodes.values() for answer in node.http)
                        and all(node.complete for node in state.nodes.values())
                    )
                )
            (document,) = status_document(state, list(state.nodes), runtime.clock.monotonic())["nodes"]
            assert (document["roles"], document["severity"]) == (["server", "gateway", "compute"], "ok")
            assert {
                one["supervisor"]: one["name"] for one in document["services"] if one["name"].startswith("wk-")
            } == {"wakari-server": "wk-server", "wakari-gateway": "wk-gateway", "wakari-compute": "wk-compute"}
            assert {answer["name"] for answer in document["http"]} == {"server", "wk-server", "gateway", "compute"}
            before = lab.nodes["aen"].supervisor_pid("wk-gateway", "gateway")
            assert await restart(runtime, "aen", "wk-gateway", []) is Result.VERIFIED
            assert lab.nodes["aen"].supervisor_pid("wk-gateway", "gateway") not in (0, before)

"""`aen-tui do` as operator, who may not use supervisor's socket, on real nodes with real sudo."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.lab.variants import Variant
from tests.whole.test_status import command

CTL = "/opt/wakari/wakari-{role}/bin/supervisorctl"
AS_WAKARI = ["sudo", "-n", "-u", "wakari"]


@pytest.fixture(scope="module")
def sudo_lab() -> Iterator[Lab]:
    """A server as it is delivered, a gateway whose sudo wants a terminal, a compute whose sudoers name actions only."""
    need_lab()
    variants = {"gateway1": Variant(requiretty=True), "compute1-1": Variant(sudo="exact")}
    with Lab.start(gateways=1, computes=1, variants=variants) as started:
        yield started


@pytest.fixture
def inventory(sudo_lab: Lab, tmp_path: Path) -> Path:
    return sudo_lab.write_inventory(tmp_path / "inventory.toml", defaults={"become": "actions"})


class Ended:
    """A finished `aen-tui do`."""

    def __init__(self, inventory: Path, *words: str) -> None:
        self.process = command(inventory, *words, seconds=110)
        self.code = self.process.returncode

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.process.stdout.splitlines()]

    def event(self, name: str) -> dict[str, Any]:
        found = [line for line in self.lines if line["event"] == name]
        assert found, self.process
        return found[-1]


def do(inventory: Path, *words: str) -> Ended:
    return Ended(inventory, "do", *words, "--yes", "--json")


def records() -> list[dict[str, Any]]:
    path = Path(os.environ["XDG_STATE_HOME"]) / "aen-tui" / "audit.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    return [json.loads(line) for line in path.read_text().splitlines()]


def pid_of(lab: Lab, node: str, role: str, program: str) -> int:
    """The pid as the service account sees it on the node."""
    command = [CTL.format(role=role), "pid", program]
    return int(lab.nodes[node].run(["runuser", "-u", "wakari", "--", *command]).stdout)


@pytest.mark.parametrize(
    ("node", "role", "program"),
    [("aen-server", "server", "wk-server"), ("gateway1", "gateway", "wk-gateway")],
    ids=["ordinary", "requiretty"],
)
def test_restart_is_verified_where_only_sudo_may_see_it(
    sudo_lab: Lab, inventory: Path, node: str, role: str, program: str
) -> None:
    plain = sudo_lab.ssh(node, "sudo -n true")
    assert ("must have a tty" in plain.stderr) is sudo_lab.nodes[node].variant.requiretty
    before = pid_of(sudo_lab, node, role, program)
    ended = do(inventory, "restart", f"{node}/{program}", "--reason", "test")
    after = pid_of(sudo_lab, node, role, program)
    assert ended.code == 0, ended.process
    argv = [*AS_WAKARI, CTL.format(role=role), "restart", program]
    proof = [*AS_WAKARI, CTL.format(role=role), "status", program]
    assert ended.event("planned")["argv"] == argv
    assert ended.event("planned")["proof"] == proof
    verified = ended.event("verified")
    assert (verified["result"], verified["user"]) == ("verified", "wakari")
    assert (verified["pid_before"], verified["pid_after"]) == (before, after)
    assert before != after
    intent, outcome = records()
    assert (intent["kind"], outcome["kind"], outcome["prev"]) == ("intent", "outcome", intent["hash"])
    assert (intent["argv"], intent["proof"], intent["run_as"], intent["reason"]) == (argv, proof, "wakari", "test")
    assert (outcome["result"], outcome["pid_before"], outcome["pid_after"]) == ("verified", before, after)


def test_stop_and_start_are_verified_and_what_has_no_effect_is_refused(sudo_lab: Lab, inventory: Path) -> None:
    target = "gateway1/wk-gateway"
    refused = do(inventory, "start", target)
    assert (refused.code, refused.event("finished")["result"]) == (2, "refused")
    assert "RUNNING already" in refused.event("finished")["error"]
    stopped = do(inventory, "stop", target)
    started = do(inventory, "start", target)
    assert (stopped.code, stopped.event("verified")["pid_after"]) == (0, None), stopped.process
    assert started.code == 0, started.process
    assert started.event("verified")["pid_after"] == pid_of(sudo_lab, "gateway1", "gateway", "wk-gateway")


def test_where_sudo_runs_the_action_but_not_its_proof_it_is_unverified(sudo_lab: Lab, inventory: Path) -> None:
    before = pid_of(sudo_lab, "compute1-1", "compute", "wk-compute")
    ended = do(inventory, "restart", "compute1-1/wk-compute")
    assert ended.code == 3, ended.process
    assert "sudo: does not allow it to operator" in ended.event("verified")["error"]
    assert pid_of(sudo_lab, "compute1-1", "compute", "wk-compute") != before
    assert [record["result"] for record in records()] == [None, "unverified"]


@pytest.mark.parametrize("node", ["aen-server", "gateway1"])
def test_a_sysv_service_is_restarted_as_root(sudo_lab: Lab, inventory: Path, node: str) -> None:
    name, target = ("nginx", "service:nginx") if node == "aen-server" else ("wakari-gateway", "service:wakari-gateway")
    ended = do(inventory, "restart", f"{node}/{target}")
    assert ended.code == 0, ended.process
    verified = ended.event("verified")
    assert verified["argv"] == ["sudo", "-n", "/sbin/service", name, "restart"]
    assert (verified["user"], verified["result"]) == ("root", "verified")
    assert None is not verified["pid_after"] != verified["pid_before"]
    assert sudo_lab.nodes[node].run(["kill", "-0", str(verified["pid_after"])]).returncode == 0
    assert [record["result"] for record in records()] == [None, "verified"]


def test_a_dry_run_shows_both_commands_and_does_nothing(sudo_lab: Lab, inventory: Path) -> None:
    before = pid_of(sudo_lab, "aen-server", "server", "wk-server")
    ended = Ended(inventory, "do", "restart", "aen-server/wk-server", "--dry-run")
    assert ended.code == 0, ended.process
    for verb in ("restart", "status"):
        assert f"{' '.join(AS_WAKARI)} {CTL.format(role='server')} {verb} wk-server" in ended.process.stdout
    planned = Ended(inventory, "do", "restart", "aen-server/wk-server", "--dry-run", "--json")
    assert (planned.code, planned.event("finished")["result"]) == (0, "planned")
    assert pid_of(sudo_lab, "aen-server", "server", "wk-server") == before
    assert not (Path(os.environ["XDG_STATE_HOME"]) / "aen-tui" / "audit.jsonl").exists()


def test_read_only_refuses(sudo_lab: Lab, inventory: Path) -> None:
    before = pid_of(sudo_lab, "aen-server", "server", "wk-server")
    ended = Ended(inventory, "--read-only", "do", "restart", "aen-server/wk-server", "--yes", "--json")
    assert (ended.code, ended.event("finished")["result"]) == (2, "refused")
    assert pid_of(sudo_lab, "aen-server", "server", "wk-server") == before


def test_become_never_is_refused_with_the_way_out(sudo_lab: Lab, tmp_path: Path) -> None:
    inventory = sudo_lab.write_inventory(tmp_path / "never.toml", defaults={"become": "never"})
    ended = do(inventory, "restart", "aen-server/wk-server")
    assert ended.code == 2
    assert "become = never" in ended.event("finished")["error"]

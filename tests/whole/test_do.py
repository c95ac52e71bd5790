"""`aen-tui do` on real nodes: what it says, what it does, what it leaves behind."""

from __future__ import annotations

import json
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.support.dying import DIES
from tests.whole.test_status import command

CONTROL = "/opt/wakari/wakari-{}/bin/supervisorctl"


@dataclass
class Done:
    """A `do` that has ended."""

    process: subprocess.CompletedProcess[str]
    state: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.process.stdout.splitlines()]

    @property
    def file(self) -> Path:
        return self.state / "aen-tui/audit.jsonl"

    @property
    def records(self) -> list[dict[str, Any]]:
        """Of steps; what was read under sudo is recorded beside them."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [record for record in map(json.loads, lines) if not record["id"].startswith("read-")]


@pytest.fixture
def do(inventory_file: Path, own_state: Path) -> Any:
    def run(*words: str) -> Done:
        return Done(command(inventory_file, "do", *words), own_state)

    return run


def main_pid(node: LabNode, file: str) -> int:
    return int(node.path(file).read_text())


def test_a_program_is_restarted_verified_and_recorded(lab: Lab, do: Any) -> None:
    node = lab.nodes["aen-server"]
    before = node.supervisor_pid("wk-server")
    done = do("restart", "aen-server/wk-server", "--yes", "--json")
    assert done.process.returncode == 0, done.process.stderr
    after = node.supervisor_pid("wk-server")
    assert after not in (0, before)
    assert [event["event"] for event in done.events] == [
        "planned",
        "step-started",
        "step-finished",
        "verified",
        "finished",
    ]
    argv = ["sudo", "-n", "-u", "wakari", CONTROL.format("server"), "restart", "wk-server"]
    assert all(event["argv"] == argv and event["user"] == "wakari" for event in done.events[:-1])
    verified, finished = done.events[-2:]
    assert (verified["pid_before"], verified["pid_after"]) == (before, after)
    assert finished["result"] == "verified"
    intent, outcome = done.records
    assert (intent["kind"], outcome["kind"], intent["id"]) == ("intent", "outcome", outcome["id"])
    assert (intent["result"], outcome["result"], outcome["prev"]) == (None, "verified", intent["hash"])
    assert intent["argv"] == outcome["argv"] == argv
    assert (intent["node"], intent["cluster"], outcome["pid_after"]) == ("aen-server", "aen-lab", after)
    assert stat.S_IMODE(done.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(done.file.parent.stat().st_mode) == 0o700


def test_a_service_is_restarted_by_its_own_script(lab: Lab, do: Any) -> None:
    node = lab.nodes["aen-server"]
    before = main_pid(node, "/run/nginx.pid")
    done = do("restart", "aen-server/nginx", "--yes", "--json")
    assert done.process.returncode == 0, done.process.stdout + done.process.stderr
    after = main_pid(node, "/run/nginx.pid")
    assert after != before
    assert done.events[0]["argv"] == ["sudo", "-n", "/sbin/service", "nginx", "restart"]
    assert (done.events[0]["user"], done.events[-2]["pid_after"]) == ("root", after)
    assert [record["kind"] for record in done.records] == ["intent", "outcome"]


def test_stop_and_start(lab: Lab, do: Any) -> None:
    node = lab.nodes["compute2-1"]
    stopped = do("stop", "compute2-1/wk-compute", "--yes")
    assert stopped.process.returncode == 0, stopped.process.stdout + stopped.process.stderr
    assert "VERIFIED" in stopped.process.stdout
    assert node.program("wk-compute")["statename"] == "STOPPED"
    again = do("stop", "compute2-1/wk-compute", "--yes")
    assert (again.process.returncode, again.process.stdout) == (2, "")
    assert "STOPPED already" in again.process.stderr
    started = do("start", "compute2-1/wk-compute", "--yes")
    assert started.process.returncode == 0, started.process.stdout + started.process.stderr
    assert node.supervisor_pid("wk-compute") > 0
    assert len(started.records) == 4  # the refused one did nothing, and left nothing


def test_several_targets_go_one_after_the_other(lab: Lab, do: Any) -> None:
    done = do("restart", "compute[1-2]-2/wk-compute", "--yes", "--json")
    assert done.process.returncode == 0, done.process.stdout + done.process.stderr
    steps = [(event["event"], event["node"]) for event in done.events if event["event"] in ("step-started", "verified")]
    assert steps == [
        ("step-started", "compute1-2"),
        ("verified", "compute1-2"),
        ("step-started", "compute2-2"),
        ("verified", "compute2-2"),
    ]
    assert len({record["id"] for record in done.records}) == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["restart", "compute1-1/wk-compute", "--dry-run"], 0, ""),
        (["restart", "compute1-1/wk-compute", "--yes", "--read-only"], 2, "read-only"),
        (["restart", "compute1-1/wk-compute"], 2, "there is no terminal to ask on"),
        (["restart", "compute1-1/wk-comput", "--yes"], 2, "did you mean `wk-compute`?"),
        (["restart", "compute1-9/wk-compute", "--yes"], 2, "compute1-"),
        (["restart", "compute1-1", "--yes"], 2, "names no service"),
        (["restart", "compute1-1:/etc/passwd", "--yes"], 2, "names no service"),
        (["restart", "compute1-1/service:mongod", "--yes"], 2, "mongod"),
        (["restart", "--yes"], 2, "TARGET"),
        (["explode", "compute1-1/wk-compute"], 2, "explode"),
    ],
)
def test_nothing_is_done(lab: Lab, do: Any, words: list[str], code: int, said: str) -> None:
    node = lab.nodes["compute1-1"]
    before = node.supervisor_pid("wk-compute")
    done = do(*words)
    assert done.process.returncode == code, done.process.stdout + done.process.stderr
    assert said in done.process.stderr
    assert node.supervisor_pid("wk-compute") == before
    assert done.records == []


def test_a_dry_run_shows_the_card_and_json_the_same_plan(lab: Lab, do: Any) -> None:
    card = do("restart", "gateway1/wk-gateway", "--dry-run").process.stdout
    argv = ["sudo", "-n", "-u", "wakari", CONTROL.format("gateway"), "restart", "wk-gateway"]
    for words in ("aen-lab", "gateway1", "wk-gateway", str(lab.nodes["gateway1"].supervisor_pid("wk-gateway"))):
        assert words in card
    assert " ".join(argv) in card
    events = do("restart", "gateway1/wk-gateway", "--dry-run", "--json").events
    assert [(event["event"], event["result"]) for event in events] == [("planned", "planned"), ("finished", "planned")]
    assert events[0]["argv"] == argv


def test_read_only_says_refused_in_json_too(do: Any) -> None:
    done = do("restart", "gateway1/wk-gateway", "--yes", "--json", "--read-only")
    assert done.process.returncode == 2
    assert (done.events[-1]["event"], done.events[-1]["result"]) == ("finished", "refused")


def test_a_program_that_dies_at_once_is_failed(lab: Lab, do: Any) -> None:
    node = lab.nodes["compute2-2"]
    path = "/opt/wakari/wakari-compute/bin/wk-compute"
    script = node.path(path).read_text()
    node.path(path).write_text(f"#!/bin/sh\n{DIES}")
    try:
        done = do("restart", "compute2-2/wk-compute", "--yes", "--json")
        assert done.process.returncode == 1, done.process.stdout + done.process.stderr
        assert done.events[-1]["result"] == "failed" and done.events[-1]["error"]
        assert done.records[-1]["result"] == "failed"
    finally:
        node.path(path).write_text(script)
    mended = do("restart", "compute2-2/wk-compute", "--yes")
    assert mended.process.returncode == 0, mended.process.stdout + mended.process.stderr

"""What is tried on a compute node writes there, and is removed again: whatever fails, and where it is broken off."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.fixtures import lacking
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.requirements import find
from tests.lab.waiting import until
from tests.whole.rolls import Running
from tests.whole.test_do import Done
from tests.whole.test_status import command

NAME = "compute1-1"
CLONE = "/opt/wakari/test_default"
CONDA = "/opt/wakari/anaconda/bin/conda"
ACL = ["make a folder", "give it an ACL", "read the ACL", "remove the folder"]
LAST_OF_CLONE = ["end conda", "remove the clone", "look for what is left"]
_CONDA = """#!/usr/bin/python3
import os, sys, time
path = sys.argv[3]
assert sys.argv[1:] == ["create", "-p", path, "--clone", "root"], sys.argv
os.makedirs(path + "/bin")
{rest}
os.mkdir(path + "/conda-meta")
with open(path + "/bin/python", "w") as file:
    file.write("#!/bin/sh\\necho Python 2.7.12 :: Continuum Analytics, Inc. >&2\\n")
os.chmod(path + "/bin/python", 0o755)
"""
SLOW_CONDA = _CONDA.format(
    rest="""
number = 0
while True:
    number += 1
    open(path + "/bin/%d" % number, "w").close()
    time.sleep(0.01)
"""
)


@pytest.fixture
def node(lab: Lab) -> LabNode:
    if find("setfacl") is None:
        lacking("setfacl (package acl)")
    return lab.nodes[NAME]


@pytest.fixture
def do(inventory_file: Path, own_state: Path) -> Any:
    def run(*words: str) -> Done:
        return Done(command(inventory_file, "do", *words, NAME, "--yes", "--json"), own_state)

    return run


@pytest.fixture
def no_acls(node: LabNode) -> Iterator[None]:
    """A filesystem that knows none."""
    assert node.run(["mount", "-t", "ramfs", "none", "/projects"]).returncode == 0
    yield
    assert node.run(["umount", "/projects"]).returncode == 0


@pytest.fixture
def programs(node: LabNode) -> Iterator[Any]:
    """Other programs in the place of the node's own, for the test."""
    before: dict[str, bytes] = {}

    def put(path: str, text: str) -> None:
        place = node.path(path)
        before.setdefault(path, place.read_bytes())
        place.write_text(text)

    yield put
    for path, content in before.items():
        node.path(path).write_bytes(content)


def folders(node: LabNode) -> list[str]:
    return node.run(["ls", "-A", "/projects"]).stdout.split()


def verdicts(done: Done) -> list[tuple[str, str]]:
    return [(event["step"], event["result"]) for event in done.events if event["event"] == "verified"]


@pytest.mark.parametrize("owner", ["root", "wakari"])
def test_acls_are_tried_as_the_owner_of_projects(node: LabNode, do: Any, owner: str) -> None:
    assert node.run(["chown", owner, "/projects"]).returncode == 0
    try:
        done = do("try-acl")
    finally:
        node.run(["chown", "root", "/projects"])
    assert done.process.returncode == 0, done.process.stdout + done.process.stderr
    assert verdicts(done) == [(step, "verified") for step in ACL]
    assert {event["user"] for event in done.events[:-1]} == {owner}
    folder = done.events[0]["argv"][-1]
    assert folder.startswith("/projects/.aen-tui-acl-")
    outcomes = [record for record in done.records if record["kind"] == "outcome"]
    assert outcomes[2]["rests_on"] == ["user:nobody:r--"]
    assert [record["action"] for record in outcomes] == ["try-acl"] * 4
    assert folders(node) == []


def test_without_acls_it_fails_and_leaves_nothing(node: LabNode, do: Any, no_acls: None) -> None:
    done = do("try-acl")
    assert done.process.returncode == 1, done.process.stdout + done.process.stderr
    assert verdicts(done) == [("make a folder", "verified"), ("give it an ACL", "failed"), (ACL[3], "verified")]
    assert "no ACLs there: setfacl: " in done.events[-1]["error"]
    assert folders(node) == []


def test_a_folder_that_cannot_be_removed_is_named(node: LabNode, do: Any, programs: Any) -> None:
    programs("/usr/bin/rmdir", "#!/bin/sh\necho rmdir: will not >&2\nexit 1\n")
    done = do("try-acl")
    folder = done.events[0]["argv"][-1]
    assert done.process.returncode == 1
    assert f"{folder} is left on {NAME}: remove the folder: rmdir: will not" in done.events[-1]["error"]
    node.run(["rm", "-r", folder])


def test_where_others_may_rename_it_is_refused(node: LabNode, do: Any) -> None:
    assert node.run(["chmod", "777", "/projects"]).returncode == 0
    try:
        done = do("try-acl")
    finally:
        node.run(["chmod", "755", "/projects"])
    assert done.process.returncode == 2
    assert "/projects has mode 777: others than its owner could put something else" in done.events[-1]["error"]
    assert (folders(node), done.records) == ([], [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupt_in_the_middle_cleans_up(
    node: LabNode, inventory_file: Path, own_state: Path, programs: Any, number: signal.Signals
) -> None:
    programs("/usr/bin/setfacl", "#!/bin/sh\nexec sleep 300\n")
    trial = Running(inventory_file, "try-acl", NAME, "--yes")
    trial.until(lambda event: event["event"] == "step-started" and event["step"] == "give it an ACL")
    assert len(folders(node)) == 1
    trial.process.send_signal(number)
    assert trial.end() == 3, trial.err
    assert [one[1] for one in trial.of("verified")] == ["verified", "unverified", "verified"]
    assert folders(node) == []
    records = [json.loads(line) for line in (own_state / "aen-tui/audit.jsonl").read_text().splitlines()]
    outcomes = [record["result"] for record in records if record["kind"] == "outcome" and record["action"] == "try-acl"]
    assert outcomes == ["verified", "unverified", "verified"]


def test_a_clone_is_looked_at_and_removed(node: LabNode, do: Any, programs: Any) -> None:
    programs(CONDA, _CONDA.format(rest=""))
    done = do("try-clone")
    assert done.process.returncode == 0, done.process.stdout + done.process.stderr
    steps = ["look for an older one", "clone", "its python", "its packages", *LAST_OF_CLONE]
    assert verdicts(done) == [(step, "verified") for step in steps]
    clone = next(event for event in done.events if event["step"] == "clone")
    assert clone["argv"] == ["sudo", "-n", "-u", "wakari", CONDA, "create", "-p", CLONE, "--clone", "root"]
    assert {event["user"] for event in done.events[:-1]} == {"wakari"}
    assert not node.path(CLONE).exists()


def test_half_a_clone_is_removed(node: LabNode, do: Any, programs: Any) -> None:
    programs(CONDA, _CONDA.format(rest="sys.exit('no space left')"))
    done = do("try-clone")
    assert done.process.returncode == 1
    assert "no space left" in done.events[-1]["error"]
    assert [step for step, _ in verdicts(done)] == ["look for an older one", "clone", *LAST_OF_CLONE]
    assert not node.path(CLONE).exists()


def test_an_older_one_is_not_touched(node: LabNode, do: Any, programs: Any) -> None:
    programs(CONDA, _CONDA.format(rest=""))
    node.path(CLONE).mkdir()
    try:
        done = do("try-clone")
        assert node.path(CLONE).is_dir()
    finally:
        node.path(CLONE).rmdir()
    assert (done.process.returncode, done.records) == (2, [])
    assert f"{CLONE} is there already, of root: it is not touched" in done.events[-1]["error"]


def test_an_interrupt_ends_conda_and_removes_what_it_made(node: LabNode, inventory_file: Path, programs: Any) -> None:
    programs(CONDA, SLOW_CONDA)
    trial = Running(inventory_file, "try-clone", NAME, "--yes")
    trial.until(lambda event: event["event"] == "step-started" and event["step"] == "clone")
    until(lambda: node.path(f"{CLONE}/bin/5").exists(), "conda is at work")
    trial.process.send_signal(signal.SIGINT)
    assert trial.end() == 3, trial.err
    assert not node.path(CLONE).exists()
    assert node.run(["pgrep", "-f", "create -p /opt/wakari/test_default"]).stdout == ""

"""Rolling restarts of six computes on real nodes: gates, kills, resumption, and what is never at once."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.lab.topology import SERVICE_OF
from tests.lab.waiting import until
from tests.whole.rolls import Running, last_planned, lingering, pids
from tests.whole.test_status import command

COMPUTES = "@compute/wk-compute"


@pytest.fixture(scope="module")
def six() -> Iterator[Lab]:
    """A server, two gateways, six computes."""
    need_lab()
    with Lab.start(gateways=2, computes=6) as started:
        yield started


@pytest.fixture
def leases(tmp_path: Path) -> Path:
    folder = tmp_path / "lease"
    folder.mkdir()
    folder.chmod(0o2770)
    return folder


@pytest.fixture
def inventory(six: Lab, tmp_path: Path, leases: Path) -> Path:
    return written(six, tmp_path, leases, settle_seconds=4)


def written(six: Lab, folder: Path, leases: Path, *, settle_seconds: int) -> Path:
    rolling = {"canary": 1, "batch": 2, "max_failures": 0}
    actions = {"settle_seconds": settle_seconds, "lease_dir": str(leases), "rolling": rolling}
    return six.write_inventory(folder / "inventory.toml", actions=actions)


def job_file(own_state: Path) -> Path:
    (file,) = (own_state / "aen-tui/jobs").glob("*.json")
    return file


def records(own_state: Path) -> list[dict[str, Any]]:
    """Of steps; what was read under sudo is recorded beside them."""
    file = own_state / "aen-tui/audit.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [record for record in map(json.loads, lines) if not record["id"].startswith("read-")]


def test_a_dry_run_shows_the_whole_order_and_does_nothing(six: Lab, inventory: Path, own_state: Path) -> None:
    before = pids(six)
    card = command(inventory, "do", "restart", COMPUTES, "--rolling", "--dry-run").stdout
    assert "6 steps in 4 batches: first 1, then 2 at a time" in card
    assert all(f"{name}/wk-compute" in card for name in before)
    assert "batch    1 of 4, canary" in card
    assert pids(six) == before
    assert records(own_state) == []


def test_every_compute_once_and_the_record_of_each(six: Lab, inventory: Path, own_state: Path) -> None:
    before = pids(six)
    done = Running(inventory, "restart", COMPUTES, "--rolling", "--batch", "3", "--yes", "--reason", "ticket 7")
    assert done.end() == 0, (done.events, done.err)
    after = pids(six)
    assert all(after[name] not in (0, before[name]) for name in before)
    assert [len(batch) for batch in done.order()] == [1, 3, 2]
    finished = done.events[-1]
    assert (finished["event"], finished["result"], finished["left"]) == ("finished", "verified", [])
    assert all(result == "verified" for _, result in done.of("verified"))
    begun = [event["batch"] for event in done.events if event["event"] in ("step-started", "verified")]
    assert begun == sorted(begun), "a batch began before the one before was proved"
    job = finished["job"]
    assert {one["id"] for one in records(own_state)} == {f"{job}-{number}" for number in range(1, 7)}
    assert {one["reason"] for one in records(own_state)} == {"ticket 7"}
    file = job_file(own_state)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {one["phase"] for one in json.loads(file.read_text())["members"]} == {"verified"}
    again = command(inventory, "do", "--resume", job, "--yes")
    assert (again.returncode, pids(six)) == (0, after)
    assert "nothing is left to do" in again.stdout


def test_a_failed_gate_ends_it_and_touches_nothing_after_its_batch(six: Lab, inventory: Path, own_state: Path) -> None:
    before = pids(six)
    roll = Running(inventory, "restart", COMPUTES, "--rolling", "--yes")
    roll.until(last_planned)
    order = roll.order()
    bad = order[1][0]
    with lingering(six.nodes[bad]):
        assert roll.end() == 1, (roll.events, roll.err)
        after = pids(six)
        verified = dict(roll.of("verified"))
        assert verified[bad] == "failed"
        assert [verified[name] for name in (*order[0], order[1][1])] == ["verified", "verified"]
        untouched = [name for batch in order[2:] for name in batch]
        assert len(untouched) == 3
        assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}
        assert not {node for node, _ in roll.of("step-started")} & set(untouched)
    finished = roll.events[-1]
    assert finished["result"] == "failed"
    assert bad in finished["error"]
    assert finished["left"] == [f"{name}/wk-compute" for name in (bad, *untouched)]
    assert finished["commands"][0].endswith(f"do --resume {finished['job']}")
    assert " ".join(finished["left"]) in finished["commands"][1]
    resumed = Running(inventory, "--resume", finished["job"], "--yes")
    assert resumed.end() == 0, (resumed.events, resumed.err)
    assert {node for node, _ in resumed.of("verified")} == {bad, *untouched}
    assert all(pids(six)[name] != before[name] for name in before)
    assert {name: pids(six)[name] for name in order[0]} == {name: after[name] for name in order[0]}


def test_killed_in_the_middle_the_chain_holds_and_it_goes_on(
    six: Lab, inventory: Path, own_state: Path, leases: Path
) -> None:
    before = pids(six)
    roll = Running(inventory, "restart", COMPUTES, "--rolling", "--yes")
    roll.until(lambda event: event["event"] == "step-finished" and event["batch"] == 2)
    roll.kill()
    (canary,), middle = roll.order()[0], roll.order()[1]
    assert any(file.stat().st_size for file in leases.iterdir()), "a dead process's lease is still written there"
    verify = command(inventory, "audit", "--verify")
    assert verify.returncode == 0, verify.stdout + verify.stderr
    job = json.loads(job_file(own_state).read_text())
    phases = {one["step"]["target"]["node"]: one["phase"] for one in job["members"]}
    assert phases[canary] == "verified"
    assert {phases[name] for name in middle} <= {"running", "verified"}
    assert [phases[name] for batch in roll.order()[2:] for name in batch] == ["waiting"] * 3
    after_kill = pids(six)
    assert after_kill[canary] != before[canary]

    resumed = Running(inventory, "--resume", job["id"], "--yes")
    assert resumed.end() == 0, (resumed.events, resumed.err)
    assert "taken over" in resumed.err
    last = {name for batch in roll.order()[2:] for name in batch}
    assert {node for node, _ in resumed.of("step-started")} == last, "what was seen to be done is not done again"
    assert all(pids(six)[name] != before[name] for name in before)
    assert "by observation" in resumed.err
    mine = records(own_state)
    seen = [one for one in mine if "the program was killed" in " ".join(one["rests_on"])]
    assert {one["node"] for one in seen} <= set(middle) and seen
    assert {one["plan"] for one in mine if one["node"] in last} == {f"{job['id']}.2"}
    verify = command(inventory, "audit", "--verify")
    assert verify.returncode == 0, verify.stdout + verify.stderr


def test_one_interrupt_ends_it_after_what_runs(six: Lab, inventory: Path) -> None:
    before = pids(six)
    roll = Running(inventory, "restart", COMPUTES, "--rolling", "--yes")
    roll.until(lambda event: event["event"] == "step-started")
    roll.process.send_signal(signal.SIGINT)
    assert roll.end() == 3, (roll.events, roll.err)
    (canary,) = roll.order()[0]
    assert roll.of("verified") == [(canary, "verified")]
    changed = {name for name, pid in pids(six).items() if pid != before[name]}
    assert changed == {canary}
    assert roll.events[-1]["result"] == "unverified"
    assert "aborted" in roll.events[-1]["error"]
    assert len(roll.events[-1]["left"]) == 5


def test_two_interrupts_end_it_at_once_and_the_step_is_not_known(six: Lab, inventory: Path, own_state: Path) -> None:
    roll = Running(inventory, "restart", COMPUTES, "--rolling", "--yes")
    roll.until(lambda event: event["event"] == "step-finished")
    roll.process.send_signal(signal.SIGINT)
    roll.until_said("^C: what runs comes to its end")
    roll.process.send_signal(signal.SIGINT)
    assert roll.end() == 3, (roll.events, roll.err)
    (canary,) = roll.order()[0]
    assert roll.of("verified") == [(canary, "unverified")]
    assert [one["result"] for one in records(own_state)] == [None, "unverified"]
    assert len(roll.events[-1]["left"]) == 6
    resumed = Running(inventory, "--resume", roll.events[-1]["job"], "--yes", "--dry-run")
    assert resumed.end() == 0
    assert canary not in {event["node"] for event in resumed.events}, "it was seen to be done"


def test_a_node_that_goes_away_is_passed_over_and_left(six: Lab, inventory: Path) -> None:
    before = pids(six)
    roll = Running(inventory, "restart", COMPUTES, "--rolling", "--batch", "1", "--yes")
    roll.until(last_planned)
    gone = roll.order()[-1][0]  # it is known to be lost when its turn comes
    node = six.nodes[gone]
    node.unplug_link()
    node.kill_sshd()
    try:
        code = roll.end()
    finally:
        node.restore_link()
        node.start_sshd()
    assert code == 3, (roll.events, roll.err)
    skipped = [event for event in roll.events if event.get("skipped")]
    assert [(event["node"], event["result"]) for event in skipped] == [(gone, "refused")]
    assert "not up" in skipped[0]["error"]
    assert roll.events[-1]["left"] == [f"{gone}/wk-compute"]
    assert {name for name, pid in pids(six).items() if pid == before[name]} == {gone}


def test_gateways_go_one_after_the_other(six: Lab, inventory: Path) -> None:
    before = pids(six, "gateway", "wk-gateway")
    roll = Running(inventory, "restart", "@gateway/wk-gateway", "--rolling", "--batch", "5", "--canary", "0", "--yes")
    assert roll.end() == 0, (roll.events, roll.err)
    assert [len(batch) for batch in roll.order()] == [1, 1]
    first = [event["node"] for event in roll.events if event["event"] in ("step-started", "verified")]
    assert first == [first[0]] * 2 + [first[2]] * 2
    after = pids(six, "gateway", "wk-gateway")
    assert all(after[name] not in (0, before[name]) for name in before)


def test_a_second_job_on_a_group_is_refused_and_named(six: Lab, tmp_path: Path, leases: Path) -> None:
    inventory = written(six, tmp_path, leases, settle_seconds=600)  # its first step is not proved before we have looked
    roll = Running(inventory, "restart", COMPUTES, "--rolling", "--yes")
    roll.until(lambda event: event["event"] == "step-finished")
    other = Running(inventory, "restart", "@gateway/wk-gateway", "--rolling", "--yes")
    assert other.end() == 2, (other.events, other.err)
    assert "rolling restart 0/6" in other.events[-1]["error"]
    again = Running(inventory, "--resume", roll.events[-1]["job"], "--yes")
    assert again.end() == 2
    assert "is running" in again.events[-1]["error"]
    roll.kill()


@pytest.fixture
def up_again(six: Lab) -> Iterator[None]:
    """Whatever a test left down is started for the next one."""
    yield
    for node in six.nodes.values():
        for name in [SERVICE_OF[node.role], *(["nginx"] if node.role == "server" else [])]:
            done = node.service(name, "start")
            assert done.returncode == 0, (node.name, name, done.stdout, done.stderr)
    until(lambda: all(pids(six).values()), "every compute's program runs")


@pytest.mark.usefixtures("up_again")
def test_the_whole_installation_goes_down_and_comes_up_in_its_order(six: Lab, inventory: Path, own_state: Path) -> None:
    mongod = six.nodes["aen-server"].run(["pidof", "mongod"]).stdout
    roll = Running(inventory, "restart", "@all/everything", "--batch", "6", "--yes")
    assert roll.end() == 0, [event["error"] for event in roll.events if event["error"]]
    begun = [(event["argv"][-1], event["service"]) for event in roll.events if event["event"] == "step-started"]
    assert list(dict.fromkeys(begun)) == [
        ("stop", "wakari-compute"), ("stop", "wakari-gateway"), ("stop", "nginx"), ("stop", "wakari-server"),
        ("start", "wakari-server"), ("start", "nginx"), ("start", "wakari-gateway"), ("start", "wakari-compute"),
    ]  # fmt: skip
    assert len(begun) == 2 * (6 + 2 + 1 + 1)
    assert six.nodes["aen-server"].run(["pidof", "mongod"]).stdout == mongod
    assert all(pids(six).values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--resume", "../../etc/passwd"], "is no job's id"),
        (["--resume", "0123456789ab"], "there is no job 0123456789ab"),
        (["restart", COMPUTES, "--rolling", "--read-only"], "read-only"),
        (["update", "@compute/wk-compute", "--rolling"], "update is not rolled"),
    ],
)
def test_nothing_is_done(six: Lab, inventory: Path, own_state: Path, words: list[str], said: str) -> None:
    before = pids(six)
    roll = Running(inventory, *words, "--yes")
    assert roll.end() == 2, (roll.events, roll.err)
    assert said in roll.events[-1]["error"]
    assert pids(six) == before
    assert records(own_state) == []

"""Leases: one holder a group across processes, a dead one's is taken over, no link is followed."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.errors import PlanRefusedError
from aen_tui.model.inventory import ActionSettings, Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, Target
from aen_tui.runtime.lease import FRONT, groups_of, holders, lease, leases, no_lease, node_group, plan_groups
from tests.support.states import FakeRuntime, inventory

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "lease"
    made.mkdir()
    made.chmod(0o2770)
    return made


@pytest.fixture
def listed(folder: Path) -> Inventory:
    return replace(inventory(), actions=ActionSettings(lease_dir=folder))


@contextmanager
def colleague(folder: Path, group: str = "east") -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a lease."""
    code = f"""
        import sys
        from dataclasses import replace
        from pathlib import Path
        from aen_tui.model.inventory import ActionSettings
        from aen_tui.runtime.lease import lease
        from tests.support.states import inventory
        listed = replace(inventory(), actions=ActionSettings(lease_dir=Path({str(folder)!r})))
        with lease(listed, {group!r}, "alice", "p-7") as held:
            held.say("rolling restart 12/50")
            print("held", flush=True)
            sys.stdin.readline()
    """
    argv = [sys.executable, "-c", textwrap.dedent(code)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def test_two_processes_on_one_group_and_the_holder_is_named(listed: Inventory, folder: Path) -> None:
    with colleague(folder) as process:
        with pytest.raises(PlanRefusedError, match=r"alice holds east since \d\d:\d\d:\d\d") as caught:
            with lease(listed, "east", "bob", "p-8"):
                pytest.fail("two held it")
        assert f"pid {process.pid}" in caught.value.message
        assert "rolling restart 12/50" in caught.value.message
        (found,) = holders(listed)
        assert (found.user, found.pid, found.group, found.plan_id) == ("alice", process.pid, "east", "p-7")
        with lease(listed, "west", "bob", "p-8") as other:
            assert other.is_real
    with lease(listed, "east", "bob", "p-8") as held:
        assert held.note == ""
    assert holders(listed) == []


def test_a_dead_ones_lease_is_taken_over_with_a_note(listed: Inventory, folder: Path) -> None:
    with colleague(folder) as process:
        process.kill()
        process.wait(60)
    assert holders(listed) == [], "nobody locks it"
    with lease(listed, "east", "bob", "p-8") as held:
        assert "taken over: alice holds east" in held.note
        assert [one.user for one in holders(listed)] == ["bob"]
    with lease(listed, "east", "bob", "p-9") as held:
        assert held.note == ""


def test_twice_in_one_process_is_refused_too(listed: Inventory) -> None:
    with lease(listed, "east", "bob", "p-1"):
        with pytest.raises(PlanRefusedError, match="bob holds east"):
            with lease(listed, "east", "bob", "p-2"):
                pytest.fail("two held it")


def test_on_a_full_disk_it_is_held_without_a_name(listed: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _data: bytes, _at: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with lease(listed, "east", "ops", "p-1") as held:
        assert held.is_real
        assert "No space left on device" in held.note
        with pytest.raises(PlanRefusedError, match="somebody holds east"), lease(listed, "east", "ops", "p-2"):
            pass
    with lease(listed, "east", "ops", "p-2") as held:
        assert held.is_real


def test_another_installation_is_another_lease(listed: Inventory) -> None:
    other = replace(listed, name="aen-test")
    with lease(listed, "east", "bob", "p-1"), lease(other, "east", "bob", "p-2") as held:
        assert held.is_real
        assert len(holders(listed)) == len(holders(other)) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", ".", "x" * 500, "\x00", "ü\x1b"])
def test_names_stay_in_the_folder(listed: Inventory, folder: Path, name: str) -> None:
    with lease(replace(listed, name=name), name, "bob", "p-1") as held:
        assert held.is_real
        assert len(list(folder.iterdir())) == 1


def test_no_folder_is_said_and_keeps_nobody_away(tmp_path: Path) -> None:
    listed = replace(inventory(), actions=ActionSettings(lease_dir=tmp_path / "none"))
    with lease(listed, "east", "bob", "p-1") as held, lease(listed, "east", "eve", "p-2"):
        assert not held.is_real
        assert held.note.startswith("NO LEASE: ")
    assert holders(listed) == []


def test_a_link_in_the_folders_place_is_no_lease(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    listed = replace(inventory(), actions=ActionSettings(lease_dir=tmp_path / "link"))
    assert (no_lease(listed) or "").startswith("NO LEASE")
    with lease(listed, "east", "bob", "p-1") as held:
        assert not held.is_real
    assert list(folder.iterdir()) == []


def test_a_folder_open_to_everybody_is_no_lease(listed: Inventory, folder: Path) -> None:
    folder.chmod(0o777)
    assert "everybody may write it" in (no_lease(listed) or "")


@pytest.mark.parametrize("kind", ["symlink", "hardlink", "fifo"])
def test_what_is_no_file_of_its_own_is_not_followed(listed: Inventory, folder: Path, tmp_path: Path, kind: str) -> None:
    with lease(listed, "east", "bob", "p-1"):
        pass
    (file,) = folder.iterdir()
    file.unlink()
    victim = tmp_path / "victim"
    victim.write_text("mine")
    if kind == "symlink":
        file.symlink_to(victim)
    elif kind == "hardlink":
        file.hardlink_to(victim)
    else:
        os.mkfifo(file)
    with lease(listed, "east", "bob", "p-1") as held:
        assert not held.is_real
        assert "NO LEASE" in held.note
    assert victim.read_text() == "mine"
    assert holders(listed) == []


def test_files_are_the_groups_whatever_the_umask(listed: Inventory, folder: Path) -> None:
    before = os.umask(0o077)
    try:
        with lease(listed, "east", "bob", "p-1"):
            (file,) = folder.iterdir()
            assert stat.S_IMODE(file.stat().st_mode) == 0o660
    finally:
        os.umask(before)


def test_what_a_holder_writes_is_made_visible(listed: Inventory, folder: Path) -> None:
    with lease(listed, "east", "bob\x1b[2J", "p-1", what="\x1b]0;x\x07" + "y" * 9000) as held:
        words = holders(listed)[0].words() if holders(listed) else ""
        assert "\x1b" not in words
        assert held.is_real
    with lease(listed, "east", "bob", "p-1"):
        (file,) = folder.iterdir()
        file.write_text(json.dumps({"user": 1, "pid": "x"}))
        assert holders(listed) == []


async def test_all_or_none(listed: Inventory, folder: Path) -> None:
    node = node_group(NodeName("gateway1"))
    with colleague(folder, node):
        with pytest.raises(PlanRefusedError, match="alice holds gateway1"):
            async with leases(listed, ["east", node, node_group(NodeName("compute1-1"))], "bob", "p"):
                pytest.fail("two held it")
        assert [one.user for one in await asyncio.to_thread(holders, listed)] == ["alice"]
    async with leases(listed, ["east", node, node], "bob", "p") as held:
        assert [one.is_real for one in held] == [True, True]


def test_groups_of_overlapping_jobs_overlap(listed: Inventory) -> None:
    computes = [name for name in listed.nodes if name.startswith("compute1")]
    assert groups_of(listed, computes) == ("east",)
    assert groups_of(listed, list(listed.nodes)) == ("server", "east", "west", FRONT)


@pytest.mark.parametrize(("one", "other"), [("gateway1", "gateway2"), ("gateway2", "aen-server")])
def test_jobs_on_two_gateways_or_on_the_server_and_one_overlap(listed: Inventory, one: str, other: str) -> None:
    first, second = NodeName(one), NodeName(other)
    assert set(groups_of(listed, [first])) & set(groups_of(listed, [second])) == {FRONT}
    assert set(groups_of(listed, [first])) & set(plan_groups(listed, [second])) == {FRONT}
    compute = [NodeName("compute1-1")]
    assert FRONT not in (*groups_of(listed, compute), *plan_groups(listed, compute))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("gateway1", "another plan is being carried out on gateway1"),
        ("gateway2", "another plan is being carried out on gateway1: never two gateways"),
        (
            "aen-server",
            "another plan is being carried out on gateway1: never two gateways, nor the server and a gateway",
        ),
        ("compute1-1", "compute1-1 is not up"),
    ],
)
def test_without_leases_one_process_still_has_never_two_gateways_at_once(tmp_path: Path, other: str, why: str) -> None:
    runtime = FakeRuntime(problems=False, audit_folder=tmp_path)
    executor = runtime.jobs._executor

    def plan(node: str) -> Plan:
        role = "server" if node == "aen-server" else node[:7]
        return executor.plan(ActionName.RESTART, [Target(NodeName(node), f"wk-{role}", "supervisor", f"wakari-{role}")])

    with executor._nodes_busy(plan("gateway1")):
        assert (executor.refusal(plan(other)) or "").startswith(why)
    assert "another plan" not in (executor.refusal(plan(other)) or "")

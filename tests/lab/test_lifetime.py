"""A lab leaves nothing behind, however it ends, and says what it lacks."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import fixtures, requirements
from tests.lab.errors import LabError
from tests.lab.lab import Lab
from tests.lab.slot import LABS_FOLDER
from tests.lab.variants import Variant
from tests.lab.waiting import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def able() -> None:
    fixtures.need_lab()


def _left_behind(slot: int) -> list[str]:
    """What is there of a slot that nobody has; whoever has taken it meanwhile, for a lab of his own, holds its lock."""
    with (LABS_FOLDER / f"{slot}.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return []
        return _things(slot)


def _things(slot: int) -> list[str]:
    """Links, routes, mounts and folders with the names of a slot."""
    folder = f"/run/aen-tui-lab/{slot}"
    links = [path.name for path in Path("/sys/class/net").iterdir() if path.name.startswith(f"aenlab{slot}")]
    links = [name for name in links if name[6:].split("v")[0] == str(slot)]
    routes = subprocess.run(["ip", "route"], capture_output=True, text=True, check=True).stdout.splitlines()
    routes = [line for line in routes if f"198.19.{16 * slot}.0/20" in line]
    mounts = [
        line for line in Path("/proc/mounts").read_text().splitlines() if f"{folder} " in line or f"{folder}/" in line
    ]
    return [*links, *routes, *mounts, *([folder] if Path(folder).exists() else [])]


def _alive(pids: dict[int, str]) -> dict[int, str]:
    return {pid: name for pid, name in pids.items() if Path(f"/proc/{pid}").exists()}


@pytest.mark.usefixtures("able")
def test_two_labs_stand_beside_each_other_and_one_goes_alone() -> None:
    with Lab.start(gateways=1, computes=1) as first:
        with Lab.start(gateways=1, computes=1) as second:
            assert first.topology.slot != second.topology.slot
            assert second.ssh("compute1-1", "hostname").stdout == "compute1-1\n"
            processes = {pid: name for node in second.nodes.values() for pid, name in node.processes().items()}
            assert len(processes) > 8
            assert _things(second.topology.slot)
        assert _left_behind(second.topology.slot) == []
        assert _alive(processes) == {}
        assert first.ssh("compute1-1", "hostname").stdout == "compute1-1\n"
    assert _left_behind(first.topology.slot) == []


@pytest.mark.usefixtures("able")
def test_a_node_that_does_not_start_is_named_and_nothing_is_left() -> None:
    with pytest.raises(LabError, match=r"(?s)gateway1.*Nonsense"):
        Lab.start(gateways=1, computes=0, variants={"gateway1": Variant(sshd_lines=("Nonsense yes",))})
    with Lab.start(gateways=0, computes=0) as lab:
        slot = lab.topology.slot
    assert _left_behind(slot) == []


@pytest.mark.usefixtures("able")
def test_a_variant_of_an_unknown_node_is_an_error() -> None:
    with pytest.raises(LabError, match="compute9-9"):
        Lab.start(gateways=0, computes=0, variants={"compute9-9": Variant()})


@pytest.mark.usefixtures("able")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_end_of_the_process_is_the_end_of_its_lab(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "tests.lab", "--gateways", "1", "--computes", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        inventory = Path(process.stdout.readline().strip())
        slot = int(inventory.parent.name)
        mine = [path for path in Path("/proc").glob("[0-9]*") if _spawned_by(path, process.pid)]
        assert len(mine) >= 4  # a launcher for each node, and the janitor
        assert _things(slot)
        process.send_signal(number)
        assert process.wait(60) == (-9 if number == signal.SIGKILL else 0)
    until(lambda: not [path for path in mine if path.exists()], "its processes are gone")
    assert _left_behind(slot) == []


@pytest.mark.usefixtures("able")
def test_the_next_lab_clears_what_a_killed_janitor_left() -> None:
    command = [sys.executable, "-m", "tests.lab", "--gateways", "0", "--computes", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        slot = int(Path(process.stdout.readline().strip()).parent.name)
        shells = [path for path in Path("/proc").glob("[0-9]*") if _spawned_by(path, process.pid)]
        janitor = next(path for path in shells if b"cat >/dev/null" in (path / "cmdline").read_bytes())
        # Its cat holds the slot's lock too.
        inner = [path for path in Path("/proc").glob("[0-9]*") if _spawned_by(path, int(janitor.name))]
        for path in (janitor, *inner):
            os.kill(int(path.name), signal.SIGKILL)
        process.kill()
    assert _left_behind(slot)
    with Lab.start(gateways=0, computes=0):
        pass
    assert _left_behind(slot) == []


def _spawned_by(path: Path, parent: int) -> bool:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1]) == parent
    except OSError:
        return False


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "find", lambda command: None if command == "nginx" else f"/bin/{command}")
    assert "nginx (package nginx-light)" in requirements.skip_reason()
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="nginx"):
        fixtures.need_lab()


def test_without_root_it_is_root_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert requirements.skip_reason().startswith("the lab needs root")


def test_what_cannot_be_fetched_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch() -> None:
        raise LabError("mongodb-mock 0.1.3 could not be fetched")

    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="mongodb-mock"):
        fixtures.need_fetched(fetch)


def test_ci_fails_instead_of_skipping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "find", lambda command: None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="openssh-server"):
        fixtures.need_lab()


def test_the_packages_named_are_the_packages_listed() -> None:
    listed = set(requirements.PACKAGES_FILE.read_text().split())
    assert {"openssh-server", "openssh-client", "sudo", "nginx-light", "iproute2", "util-linux", "python3"} <= listed

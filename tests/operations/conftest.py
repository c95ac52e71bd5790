"""The whole program beside a lab whose sudo keeps a diary, and one `aen-tui logs -f` that watches all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.fixtures import lab as plain_lab
from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.waiting import until
from tests.whole.conftest import inventory_file, own_state, watching

__all__ = ["inventory_file", "own_state", "plain_lab", "watching"]

SUDO_LOG = "/var/log/sudo.log"
MARK = b"aen-tui-probe"


@pytest.fixture(scope="session")
def lab(plain_lab: Lab) -> Lab:
    """Seven ordinary nodes."""
    keep_diaries(plain_lab)
    return plain_lab


@pytest.fixture(scope="session")
def quiet_lab() -> Iterator[Lab]:
    """Three nodes that nobody watches but the test: what sudo notes there is the test's own doing."""
    need_lab()
    with Lab.start(gateways=1, computes=1) as started:
        keep_diaries(started)
        yield started


def keep_diaries(lab: Lab) -> None:
    """Makes sudo note each of its uses."""
    for node in lab.nodes.values():
        sudoers = node.path("/etc/sudoers")
        sudoers.write_text(f"Defaults logfile={SUDO_LOG}\n" + sudoers.read_text())


def sudo_diary(node: LabNode) -> list[str]:
    """An entry a use of sudo."""
    log = node.path(SUDO_LOG)
    return (log.read_text() if log.exists() else "").replace("\n    ", " ").splitlines()


@dataclass(frozen=True)
class NodeProcess:
    """A process of a node, by its outer pid."""

    pid: int

    @property
    def words(self) -> list[str]:
        data = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        return data.decode("utf-8", "replace").split("\0")[:-1]

    @property
    def environment(self) -> dict[str, str]:
        pairs = Path(f"/proc/{self.pid}/environ").read_bytes().decode("utf-8", "replace").split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)

    @property
    def nice(self) -> int:
        return int(Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[16])

    @property
    def folder(self) -> str:
        return str(Path(f"/proc/{self.pid}/cwd").readlink())

    def limit(self, name: str) -> str:
        for line in Path(f"/proc/{self.pid}/limits").read_text().splitlines():
            if line.startswith(name):
                return line[len("Max open files            ") :].split()[0]
        raise AssertionError(name)

    def status(self, key: str) -> str:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return line.partition(":")[2].strip()
        raise AssertionError(key)


def probes(node: LabNode) -> list[NodeProcess]:
    """The probes that run on a node: as the login user, and under sudo."""
    found: list[tuple[bool, NodeProcess]] = []
    for pid in node.processes():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
        except OSError:
            continue
        if MARK in words and b"python" in words[0]:
            found.append((words[-1] == b"sudo", NodeProcess(pid)))
    return [process for _, process in sorted(found, key=lambda one: one[0])]


def own_probes(node: LabNode) -> list[NodeProcess]:
    """The two of `watcher`, once what an earlier test has left there is gone."""
    until(lambda: len(probes(node)) == 2, "the watcher's probes alone")
    return probes(node)


@contextmanager
def following(inventory: Path, folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """`aen-tui logs -f`, attached to every log; its output is in `folder`/stdout."""
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "XDG_CONFIG_HOME": str(folder / "config")}
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), "logs", "-f", *words],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="session")
def watcher(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    """The program, watching every node for as long as the tests of this folder run."""
    folder = tmp_path_factory.mktemp("watcher")
    with following(lab.write_inventory(folder / "inventory.toml"), folder) as process:
        until(lambda: all(len(probes(node)) == 2 for node in lab.nodes.values()), "two probes a node")
        yield process

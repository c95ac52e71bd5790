"""19: the probe under sudo reads the role's own logs and nothing that somebody puts in their place."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from tests.lab.lab import Lab
from tests.operations.conftest import own_probes
from tests.whole.conftest import Watching

NAME = NodeName("compute1-2")
FOLDER = "/opt/wakari/wakari-compute/var/log/wakari"
LINKED, PIPE, WISHED = f"{FOLDER}/linked.log", f"{FOLDER}/pipe.log", "/var/log/secure"
PROJECT = "/projects/alice/x.log"
SECRET = b"the secret of root\n"


@pytest.fixture
def traps(lab: Lab) -> Iterator[None]:
    """A link to a file of root's, a pipe, a file of root's in a project, all for root alone."""
    node = lab.nodes[NAME]
    for path in ("/root/secret", PROJECT):
        node.path(path).parent.mkdir(parents=True, exist_ok=True)
        node.path(path).write_bytes(SECRET)
        node.path(path).chmod(0o600)
    node.append(WISHED, SECRET)
    node.path(LINKED).symlink_to("/root/secret")
    os.mkfifo(node.path(PIPE), 0o600)
    yield
    for path in (LINKED, PIPE, "/root/secret", PROJECT):
        node.path(path).unlink()


async def test_what_it_reads_and_what_not(lab: Lab, traps: None, tmp_path: Path, watching: Watching) -> None:
    logs = [LINKED, PIPE, PROJECT, "/var/log/messages"]
    lab.nodes[NAME].append("/var/log/messages", b"for root alone, and named in the inventory\n")
    file = lab.write_inventory(tmp_path / "inventory.toml", node={NAME: {"logs": logs}})
    async with watching(file) as runtime:
        async with asyncio.timeout(60):
            await runtime.store.wait_for(lambda state: state.nodes[NAME].complete)
            runtime.follow(LogKey(NAME, LogPath(WISHED)))  # as `NODE:/path` does
            state = await runtime.store.wait_for(
                lambda state: (
                    any(log.path == WISHED for log in state.nodes[NAME].logs)
                    and any(
                        log.path == "/var/log/messages" and log.state == "following" for log in state.nodes[NAME].logs
                    )
                )
            )
        states = {log.path: log.state for log in state.nodes[NAME].logs}
        read = b"".join(
            book.line(number) or b"" for book in runtime.books for number in range(book.first_line, book.next_line)
        )
    assert {path: states[LogPath(path)] for path in (LINKED, PIPE, PROJECT, WISHED)} == dict.fromkeys(
        (LINKED, PIPE, PROJECT, WISHED), "unknown"
    )
    assert b"named in the inventory" in read
    assert SECRET.strip() not in read


def test_its_interpreter_is_roots_own_and_isolated(lab: Lab, watcher: subprocess.Popen[bytes]) -> None:
    node = lab.nodes[NAME]
    login, raised = own_probes(node)
    assert (login.status("Uid").split()[0], raised.status("Uid").split()[0]) == ("7002", "0")
    for process in (login, raised):
        assert process.words[1:5] == ["-E", "-s", "-S", "-u"]
        assert process.folder == "/"
        assert process.status("Umask") == "0077"
    program = Path(f"/proc/{raised.pid}/exe").readlink()
    assert (node.path(str(program)).stat().st_uid, node.path(str(program)).stat().st_mode & 0o022) == (0, 0)
    assert set(raised.environment) <= {"PATH", "LC_ALL"}

"""20: arguments of processes leave a node as kind and project; in full on request only, masked there."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from tests.lab.lab import Lab
from tests.whole.conftest import Watching

NAME = NodeName("compute1-1")
PROJECT, SECRET = "alice/churn", "s3cr3t-of-alice"
HOME = f"/projects/{PROJECT}"


@pytest.fixture
def notebook(lab: Lab) -> Iterator[int]:
    """A notebook of alice's and an app of the service account's; the pid of the first."""
    node = lab.nodes[NAME]
    node.path(HOME).mkdir(parents=True, exist_ok=True)
    for path in ("/projects", "/projects/alice", HOME):
        node.path(path).chmod(0o755)
    wait = "import time; time.sleep(600)"
    found = []
    for user, words in (
        ("alice", f"-m notebook --port=41000 --NotebookApp.token={SECRET}"),
        ("wakari", f"wk-app-viewer --project-dir={HOME} --password {SECRET}"),
    ):
        line = f"cd {HOME} && (setsid /usr/bin/python3 -c '{wait}' {words} >/dev/null 2>&1 </dev/null & echo $!)"
        found.append(int(node.run(["/bin/sh", "-c", line], user=user).stdout))
    yield found[0]
    for pid in found:
        node.run(["/bin/kill", "-9", str(pid)])


async def looked(runtime: Runtime) -> None:
    async with asyncio.timeout(60):
        await runtime.store.wait_for(lambda state: state.nodes[NAME].complete)
        await runtime.projects.looks.look(NAME, 0.2)


async def test_kind_and_project_and_on_request_the_rest_masked(
    lab: Lab, notebook: int, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watching() as runtime:
        taken: list[bytes] = []
        answered = runtime._watches._watches[NAME].received.errands.answered

        def record(payload: bytes | memoryview) -> None:
            taken.append(bytes(payload))
            answered(payload)

        received: Any = runtime._watches._watches[NAME].received.errands
        monkeypatch.setattr(received, "answered", record)
        await looked(runtime)
        node = runtime.snapshot().nodes[NAME]
        look = node.projects.value
        assert look is not None, node.projects.error
        (load,) = (one for one in look.loads if one.project == PROJECT)
        assert {(group.kind, group.user, group.apps) for group in load.groups} == {
            ("notebook", "alice", 1),
            ("viewer", "wakari", 1),
        }
        (finding,) = (one for one in node.findings if one.check == "service-account-apps")
        assert finding.seed == "002"
        assert PROJECT in finding.message
        listed = await runtime.projects.looks.processes(NAME, PROJECT)
        (mine,) = (one for one in listed if one.pid == notebook)
        assert not any(b"41000" in frame or SECRET.encode() in frame for frame in taken)
        words = (await runtime.projects.looks.in_full(NAME, mine)).words
        assert "--port=41000" in words
        assert "--NotebookApp.token=***" in words
        assert not any(SECRET.encode() in frame for frame in taken)


async def test_a_card_counts_the_apps_that_may_die(lab: Lab, notebook: int, tmp_path: Path) -> None:
    file = lab.write_inventory(tmp_path / "inventory.toml")
    argv = ["-m", "aen_tui", "--inventory", str(file), "do", "restart", f"{NAME}/wk-compute", "--dry-run"]
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(90):
        card = (await process.communicate())[0].decode()
    assert process.returncode == 0, card
    assert f"may die; 2 run: 2 in {PROJECT}, as of " in card

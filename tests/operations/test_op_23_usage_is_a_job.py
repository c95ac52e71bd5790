"""23: `:usage TARGET`: instant answers, one node a filesystem, each inode once, the difference, cancelled."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from aen_tui.errors import ProbeError
from aen_tui.model.node import NodeName
from aen_tui.runtime.errands import Errand
from aen_tui.runtime.usage import Usages
from tests.lab.lab import Lab
from tests.support.states import FakeRuntime
from tests.whole.conftest import Watching

NAME, OTHER = NodeName("compute1-1"), NodeName("compute1-2")
PROJECT = "/projects/alice/usage"


@pytest.fixture
def files(lab: Lab) -> Iterator[Path]:
    """A project with a file, and with one that has two names."""
    home = lab.nodes[NAME].path(PROJECT)
    home.mkdir(parents=True)
    for path in (home.parent.parent, home.parent, home):
        path.chmod(0o755)
    (home / "own").write_bytes(b"x" * 65536)
    (home / "one").write_bytes(b"y" * 32768)
    os.link(home / "one", home / "two")
    yield home
    shutil.rmtree(home)


async def test_the_difference_to_the_last_walk_outlives_the_program(
    lab: Lab, files: Path, watching: Watching, own_state: Path
) -> None:
    for added in (0, 65536):
        if added:
            (files / "more").write_bytes(b"z" * added)
        async with watching() as runtime:
            async with asyncio.timeout(60):
                await runtime.store.wait_for(lambda state: state.nodes[NAME].complete)
                job = runtime.projects.usages.start([(NAME, "/projects")])
                while not job.is_over:
                    await asyncio.sleep(0.05)
        (use,) = job.filesystems
        assert (use.state, use.errors, job.failed) == ("done", [], {})
        (part,) = (part for part in use.parts if part.part == "alice/usage")
        assert part.linked_bytes == 2 * 32768
        assert use.total is not None
        assert use.total.bytes >= part.bytes + 32768
        assert use.grown(part) == (added or None)
    (kept,) = (own_state / "aen-tui/usage").glob("*.json")
    assert kept.stat().st_mode & 0o077 == 0


async def test_it_is_idle_and_cancelled_on_the_node_too(lab: Lab, watching: Watching) -> None:
    """A walk of the whole node; its child runs with nice 19, and is gone after the cancellation."""

    def niced() -> list[int]:
        found = []
        for pid in lab.nodes[NAME].processes():
            try:
                words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            found += [pid] if words[16] == "19" else []
        return found

    async with watching() as runtime, asyncio.timeout(120):
        await runtime.store.wait_for(lambda state: state.nodes[NAME].complete)
        before = set(niced())
        job = runtime.projects.usages.start([(NAME, "/")])
        while not (mine := set(niced()) - before):
            assert not job.is_over, "the walk was over before it could be seen"
            await asyncio.sleep(0.02)
        job.cancel()
        while not job.is_over or mine & set(niced()):
            await asyncio.sleep(0.02)
        assert job.was_cancelled
        assert [one.state for one in job.filesystems] == ["cancelled"]


Answers = Callable[[NodeName, Mapping[str, Any]], list[bytes]]


def usages(runtime: FakeRuntime, tasks: list[Any], answers: Answers) -> Usages:
    async def ask(node: NodeName, wanted: Errand[Any]) -> bool:
        assert wanted.name == "usage"
        for line in answers(node, wanted.order):
            wanted.answer(line)
        return False

    return Usages(
        runtime.inventory, snapshot=runtime.snapshot, clock=runtime.clock, ask=ask, spawn=tasks.append, folder=None
    )


PLACE = (
    b'{"path": "/projects", "mount": "/projects", "source": "%s", "filesystem": "%s", "device": 7, "used_bytes": 1,'
    b' "available_bytes": 1, "total_bytes": 2, "inodes_used_percent": null, "error": null}'
)
TOTAL = b'{"files": 1, "bytes": 2, "linked_bytes": 0, "outside_bytes": 0}'


@pytest.mark.parametrize(
    ("source", "kind", "walks"), [(b"nas:/export", b"nfs", 1), (b"/dev/mapper/vg0-projects", b"xfs", 2)]
)
async def test_a_filesystem_of_several_nodes_is_walked_on_one(source: bytes, kind: bytes, walks: int) -> None:
    asked: list[tuple[str, NodeName]] = []

    def answers(node: NodeName, order: Mapping[str, Any]) -> list[bytes]:
        asked.append((order["do"], node))
        return {"place": [PLACE % (source, kind)], "instant": [b'{"unread": 0}'], "walk": [TOTAL]}[order["do"]]

    runtime, tasks = FakeRuntime(problems=False), list[Any]()
    job = usages(runtime, tasks, answers).start([(NAME, "/projects"), (OTHER, "/projects")])
    await tasks[0]
    assert len([one for one in asked if one[0] == "walk"]) == walks == len(job.filesystems)
    assert job.filesystems[0].shared_with == ([OTHER] if walks == 1 else [])
    assert [do for do, node in asked if node == NAME] == ["place", "instant", "walk"]  # the instant ones first


async def test_what_cannot_be_walked_is_said() -> None:
    def answers(node: NodeName, order: Mapping[str, Any]) -> list[bytes]:
        if node == OTHER:
            raise ProbeError("two errands are under way", node=node)
        if order["do"] == "walk":
            raise ProbeError("took too long", node=node)
        return [PLACE % (b"/dev/sda", b"ext4")] if order["do"] == "place" else [b'{"quota_error": "not switched on"}']

    runtime, tasks = FakeRuntime(problems=False), list[Any]()
    job = usages(runtime, tasks, answers).start([(NAME, "/projects"), (OTHER, "/projects")])
    await tasks[0]
    assert job.failed == {OTHER: "two errands are under way"}
    (use,) = job.filesystems
    assert (use.state, use.errors, use.quota_error) == ("failed", ["took too long"], "not switched on")

"""Old and new process are compared: uid, nice, limits, working folder; what differs is a warning."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.errors import ProbeError
from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, PlanEvent, Result, Target
from aen_tui.model.process import ProcessLook, differences
from aen_tui.runtime.cluster import Runtime
from aen_tui.sources import processes
from aen_tui.transports.payload import errand_source
from tests.lab.lab import Lab
from tests.probe.harness import ProbeProcess, interpreters

SERVER = NodeName("aen-server")


def look(probe: ProbeProcess, pid: int, number: int) -> ProcessLook:
    source = errand_source(processes.ERRAND)
    order = {"op": "errand", "rid": number, "name": processes.ERRAND, "source": source}
    probe.send({**order, "order": processes.request(pid)})
    frame = probe.wait(lambda frame: frame.kind == "A" and frame.head["rid"] == number and bool(frame.data))
    return processes.decode_row(frame.data.strip(), pid, 1.0)


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a nice value, limits and a folder of its own."""

    def prepare() -> None:
        os.nice(7)
        resource.setrlimit(resource.RLIMIT_NOFILE, (333, 444))

    process = subprocess.Popen(["sleep", "300"], cwd=tmp_path, preexec_fn=prepare)
    yield process
    process.kill()
    process.wait(60)


@pytest.mark.parametrize("python", interpreters())
def test_what_a_process_was_started_with_is_read(python: str, sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    with ProbeProcess.start(python, {}) as probe:
        found = look(probe, sleeper.pid, 1)
        assert (found.uid, found.nice, found.cwd) == (os.geteuid(), 7 + os.nice(0), str(tmp_path))
        assert found.limits["Max open files"] == "333 444 files"
        assert found.rss_bytes
        assert found.cpu_seconds is not None
        assert found.errors == ()
        sleeper.kill()
        sleeper.wait(60)
        with pytest.raises(ProbeError, match="there is no process"):
            look(probe, sleeper.pid, 2)


def test_what_differs_is_said_and_what_was_not_seen_is_not() -> None:
    old = ProcessLook(303, 500, 0, "/opt/wakari", {"Max open files": "65536 65536 files", "Max core file size": "0 0"})
    assert differences(old, replace(old, pid=419, rss_bytes=1)) == ()
    new = replace(old, uid=0, nice=19, cwd="/\x1b[2J", limits={"Max open files": "1024 4096 files"})
    assert differences(old, new) == (
        "uid was 500, is 0",
        "nice was 0, is 19",
        "working folder was /opt/wakari, is /␛[2J",
        "limit 'Max open files' was 65536 65536 files, is 1024 4096 files",
    )
    assert differences(old, ProcessLook(419)) == ()


@pytest.mark.parametrize("row", [b"[]", b"{", b'{"uid": "root"}', json.dumps({"nice": [1]}).encode()])
def test_nonsense_is_a_fault_of_the_node(row: bytes) -> None:
    with pytest.raises(ProbeError):
        processes.decode_row(row, 1, 0.0)


async def test_a_program_that_comes_back_idle_is_verified_with_a_warning(lab: Lab, inventory_file: Path) -> None:
    node = lab.nodes[SERVER]
    path = "/opt/wakari/wakari-server/bin/wk-server"
    script = node.path(path).read_text()
    node.path(path).write_text(script.replace("\nimport ", "\nimport os; os.nice(5)\nimport ", 1))
    events: list[PlanEvent] = []
    try:
        runtime = Runtime(load_inventory(inventory_file), only=[SERVER])
        async with runtime.running():
            await runtime.store.wait_for(
                lambda state: state.nodes[SERVER].connection.state is LinkState.UP and state.nodes[SERVER].complete
            )
            plan = runtime.plan(ActionName.RESTART, [Target(SERVER, "wk-server", "supervisor", "wakari-server")])
            assert await runtime.execute(plan, events.append) is Result.VERIFIED, events[-1].error
            await runtime.store.wait_for(lambda _state: any(event.kind == "restart" for event in runtime.events))
        verified = next(event for event in events if event.event == "verified")
        assert f"nice was {os.nice(0)}, is {os.nice(0) + 5}" in verified.detail["differs"]
        (restart,) = [event for event in runtime.events if event.kind == "restart"]
        assert restart.mark is not None
        assert restart.mark.pid_after == verified.pid_after
        assert restart.mark.by is not None
    finally:
        node.path(path).write_text(script)

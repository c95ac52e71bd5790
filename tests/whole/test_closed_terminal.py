"""The terminal is closed in the middle of a rolling job: what runs is seen to its end, and file and audit say so."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.lab.lab import Lab
from tests.whole.rolls import pids
from tests.whole.test_status import command

_PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from pathlib import Path

from aen_tui.config.load import load_inventory
from aen_tui.model.facts import LinkState
from aen_tui.model.plans import ActionName, Target
from aen_tui.runtime.cluster import Runtime
from aen_tui.ui.run import DashboardOptions, run_dashboard


class Rolling(Runtime):
    @asynccontextmanager
    async def running(self):
        async with super().running(), asyncio.TaskGroup() as tasks:
            begun = tasks.create_task(self.begin())
            yield
            begun.cancel()

    async def begin(self):
        await self.store.wait_for(
            lambda state: all(one.complete and one.connection.state is LinkState.UP for one in state.nodes.values())
        )
        names = [name for name in self.inventory.nodes if name.startswith("compute")]
        targets = [Target(name, "wk-compute", "supervisor", "wakari-compute") for name in names]
        self.jobs.start(self.jobs.plan_rolling(ActionName.RESTART, targets))


sys.exit(asyncio.run(run_dashboard(Rolling(load_inventory(Path(sys.argv[1]))), DashboardOptions())))
"""
SECONDS = 90.0


@contextmanager
def rolling_on_a_terminal(inventory: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The dashboard, on which a rolling restart of all computes has been started; and its terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(inventory)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=os.environ | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "COLUMNS": "100", "LINES": "30"},
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        process.kill()
        process.wait()


def until(master: int, wanted: Callable[[], bool]) -> None:
    """Take what is drawn until something holds."""
    seen, deadline = b"", time.monotonic() + SECONDS
    while not wanted():
        assert time.monotonic() < deadline, seen[-3000:]
        if select.select([master], [], [], 0.1)[0]:
            with suppress(OSError):  # nobody has it open any more
                seen += os.read(master, 65536)


def job_of(own_state: Path) -> dict[str, Any]:
    """The job's file, empty where there is none."""
    files = list((own_state / "aen-tui/jobs").glob("*.json"))
    found: dict[str, Any] = json.loads(files[0].read_text()) if files else {}
    return found


def phases(own_state: Path) -> list[str]:
    """How far each member is, as the file has it, in order."""
    return [one["phase"] for one in job_of(own_state).get("members", [])]


def lab_inventory(lab: Lab, tmp_path: Path) -> Path:
    actions = {"settle_seconds": 2, "rolling": {"canary": 1, "batch": 1, "max_failures": 0}}
    return lab.write_inventory(tmp_path / "inventory.toml", actions=actions)


def test_what_runs_is_seen_to_its_end(lab: Lab, tmp_path: Path, own_state: Path) -> None:
    inventory, before = lab_inventory(lab, tmp_path), pids(lab)
    with rolling_on_a_terminal(inventory) as (process, master):
        until(master, lambda: "running" in phases(own_state))
        process.send_signal(signal.SIGHUP)
        os.close(master)
        assert process.wait(timeout=SECONDS) == 128 + signal.SIGHUP
    found = phases(own_state)
    count = found.count("verified")
    assert count >= 1
    assert found == ["verified"] * count + ["waiting"] * (len(before) - count)
    assert job_of(own_state)["phase"] == "aborted"
    after = pids(lab)
    assert sum(after[name] != before[name] for name in before) == count < len(before)
    verify = command(inventory, "audit", "--verify")
    assert verify.returncode == 0, verify.stdout + verify.stderr
    records = map(json.loads, (own_state / "aen-tui/audit.jsonl").read_text().splitlines())
    ends = [
        one["result"] for one in records if one["kind"] == "outcome" and one["id"].startswith(job_of(own_state)["id"])
    ]
    assert ends == ["verified"] * count
    again = command(inventory, "do", "--resume", job_of(own_state)["id"], "--dry-run")
    assert again.returncode == 0, again.stderr
    assert f"{len(before) - count} step" in again.stdout


def test_who_hurries_leaves_at_once_and_it_is_recorded(lab: Lab, tmp_path: Path, own_state: Path) -> None:
    inventory = lab_inventory(lab, tmp_path)
    with rolling_on_a_terminal(inventory) as (process, master):
        until(master, lambda: "running" in phases(own_state))
        process.send_signal(signal.SIGTERM)
        until(master, lambda: process.poll() is not None)
        os.close(master)
        assert process.returncode == 128 + signal.SIGTERM
    assert phases(own_state)[0] == "unverified"
    assert set(phases(own_state)[1:]) == {"waiting"}
    assert job_of(own_state)["phase"] == "aborted"
    assert command(inventory, "audit", "--verify").returncode == 0

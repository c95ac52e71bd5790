"""Several operators: no lease is said on the card, other probes are seen, and from the third on all look less often."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.model.facts import ClusterState
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.received import Received
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.transports.payload import probe_command
from aen_tui.ui.app import AenApp
from tests.lab.lab import Lab
from tests.lab.waiting import until as lab_until
from tests.operations.conftest import probes
from tests.probe.harness import ProbeProcess
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime

SERVER = NodeName("aen-server")


@pytest.mark.parametrize("has_folder", [False, True])
async def test_the_card_says_no_lease_where_there_is_none(tmp_path: Path, has_folder: bool) -> None:
    runtime = FakeRuntime(audit_folder=tmp_path)
    if has_folder:
        (tmp_path / "lease").mkdir(mode=0o700)
    runtime.guard.look()
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "aen-server" in screen_text(app))
        await pilot.press("g", "r", "enter")
        await until(pilot, lambda: "Cancel" in screen_text(app))
        assert ("NO LEASE" in screen_text(app)) is not has_folder


@pytest.fixture
def alone() -> Iterator[str]:
    """What puts a command into a network namespace of its own, where no other run's probe is seen."""
    if os.geteuid() or shutil.which("nsenter") is None:
        pytest.skip("needs root and nsenter")
    holder = subprocess.Popen(["unshare", "--net", "sleep", "300"])
    outside = Path("/proc/self/ns/net").readlink()
    lab_until(lambda: Path(f"/proc/{holder.pid}/ns/net").readlink() != outside, "a namespace")
    yield f"nsenter --target {holder.pid} --net "
    holder.terminate()
    holder.wait(60)


def test_three_probes_see_each_other_and_look_half_as_often(alone: str) -> None:
    command = alone + probe_command(sys.executable, None, raw_pty=False).removeprefix("exec ")
    config = {"interval": 0.4}

    def looks(wanted: Callable[[list[float]], bool]) -> None:
        """Until its samples come so: on a busy machine one may be late."""
        for _ in range(20):
            if wanted([float(first.sample()["time"]) for _ in range(6)]):
                return
        raise AssertionError(wanted.__name__)

    def often(times: list[float]) -> bool:
        return min(after - before for before, after in pairwise(times)) < 0.7

    def seldom(times: list[float]) -> bool:
        return times[-1] - times[0] > 5 * 0.7

    with ProbeProcess.start(sys.executable, config, command=command) as first:
        assert first.until(lambda sample: "others" in sample)["others"] == 0
        looks(often)
        with ProbeProcess.start(sys.executable, config, command=command) as second:
            assert second.until(lambda sample: "others" in sample)["others"] == 1
            first.until(lambda sample: sample.get("others") == 1)
            looks(often)
            with ProbeProcess.start(sys.executable, config, command=command) as third:
                assert third.until(lambda sample: "others" in sample)["others"] == 2
                first.until(lambda sample: sample.get("others") == 2)
                looks(seldom)
        first.until(lambda sample: sample.get("others") == 0)


def test_only_a_node_s_own_probes_count_where_nodes_share_a_machine(alone: str, tmp_path: Path) -> None:
    command = alone + probe_command(sys.executable, None, raw_pty=False).removeprefix("exec ")

    def probe(node: str) -> ProbeProcess:
        config = {"interval": 0.4, "root": str(tmp_path / node) if node else ""}
        return ProbeProcess.start(sys.executable, config, command=command)

    def seen(one: ProbeProcess) -> object:
        return one.until(lambda sample: "others" in sample)["others"]

    with ExitStack() as stack:
        nodes = ("a", "b", "", "b", "")  # each is looked at before the next begins
        assert [seen(stack.enter_context(probe(node))) for node in nodes] == [0, 0, 0, 1, 1]


@pytest.mark.usefixtures("watcher")
async def test_a_session_is_one_other_though_it_has_a_probe_under_sudo_too(lab: Lab, inventory_file: Path) -> None:
    """`watcher` is another process of the program, with two probes on each node."""
    runtime = Runtime(load_inventory(inventory_file), only=[SERVER])

    def notes(state: ClusterState) -> list[str]:
        return [note for note in state.nodes[SERVER].connection.notes if "watching" in note]

    async with asyncio.timeout(60), runtime.running():
        state = await runtime.store.wait_for(lambda state: bool(notes(state)))
        assert len(probes(lab.nodes[SERVER])) >= 3
        assert notes(state) == ["1 other watching"]


def test_others_are_a_note_of_the_connection_and_leave_it() -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    received = Received(
        runtime.inventory.nodes[SERVER], asked=(), store=runtime.store, series=SeriesStore(),
        books=LogBooks(limit_bytes=1 << 20), clock=runtime.clock,
    )  # fmt: skip

    def notes(others: int | None) -> list[str]:
        more = {} if others is None else {"others": others}
        received.frame("S", json.dumps({"n": 1, "time": runtime.clock.wall(), **more}).encode())
        return [note for note in runtime.store.node(SERVER).connection.notes if "watching" in note]

    assert notes(0) == []
    assert notes(1) == ["1 other watching"]
    assert notes(2) == ["2 others watching, so it is looked at half as often"]
    assert notes(None) == ["2 others watching, so it is looked at half as often"]
    assert notes(0) == []

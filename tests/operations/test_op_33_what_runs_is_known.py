"""33: what runs on a node can be looked up, and nothing asks sudo on a timer."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from aen_tui import __version__
from aen_tui.model.node import NodeName
from tests.lab.lab import Lab
from tests.lab.waiting import until
from tests.operations.conftest import NodeProcess, following, probes, sudo_diary
from tests.whole.conftest import Watching
from tests.whole.test_status import command


def test_the_hash_in_argv_is_that_of_the_source_that_info_prints(
    lab: Lab, inventory_file: Path, tmp_path: Path
) -> None:
    head, _, source = command(inventory_file, "info", "--probe").stdout.partition("\n")
    said, source = head.removeprefix("# sha256 "), source.partition("\n# errand ")[0]
    assert hashlib.sha256(source.encode()).hexdigest() == said
    node = lab.nodes["compute1-1"]
    known = {process.pid for process in probes(node)}

    def fresh() -> list[NodeProcess]:
        return [process for process in probes(node) if process.pid not in known]

    with following(inventory_file, tmp_path, "compute1-1"):
        until(lambda: len(fresh()) == 2, "a probe as the login user, and one under sudo")
        for process in fresh():
            at = process.words.index("aen-tui-probe")
            assert process.words[at : at + 3] == ["aen-tui-probe", __version__, said]


async def test_sudo_is_used_once_a_node_however_long_it_is_watched(
    quiet_lab: Lab, tmp_path: Path, watching: Watching
) -> None:
    before = {name: len(sudo_diary(node)) for name, node in quiet_lab.nodes.items()}
    file = quiet_lab.write_inventory(tmp_path / "inventory.toml")
    name = NodeName("aen-server")
    async with watching(file) as runtime, asyncio.timeout(90):
        await runtime.store.wait_for(lambda state: all(node.complete for node in state.nodes.values()))
        seen_at = runtime.store.node(name).metrics.seen_at or 0.0
        await runtime.store.wait_for(lambda state: (state.nodes[name].metrics.seen_at or 0.0) > seen_at + 5)
    assert {len(sudo_diary(node)) - before[name] for name, node in quiet_lab.nodes.items()} == {1}

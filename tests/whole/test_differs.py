"""Computes of a data center beside each other, on the lab: packages, programs, configs, without secrets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.model.differing import Comparison
from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.differences import Differences
from tests.lab.fixtures import need_lab
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.whole.test_check import LAUNCHER_CONFIG, changed

SECRET = "not to be seen anywhere"
META = "/opt/wakari/anaconda/conda-meta"
CONF = "/opt/wakari/wakari-compute/etc/supervisord/conf.d/extra.conf"


@pytest.fixture(scope="module")
def three() -> Iterator[Lab]:
    need_lab()
    with Lab.start(gateways=1, computes=3) as started:
        yield started


def package(node: LabNode, name: str) -> None:
    folder = node.path(META)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text("{}")


async def look(lab: Lab, folder: Path) -> tuple[Differences, Comparison, dict[str, str]]:
    runtime = Runtime(load_inventory(lab.write_inventory(folder / "inventory.toml")))
    async with runtime.running():
        async with asyncio.timeout(60):
            state = await runtime.store.wait_for(
                lambda state: all(
                    node.connection.state is LinkState.UP and node.complete for node in state.nodes.values()
                )
            )
        looking = Differences(state.nodes.values(), runtime.checkup, runtime.errand)
        (comparison,) = await looking.look()
        state = runtime.snapshot()
        found = runtime.checkup.findings(state.nodes[NodeName("compute1-2")], state)
        return looking, comparison, {one.check: f"{one.severity.word}: {one.message}" for one in found}


async def test_the_odd_ones_are_found_part_by_part_and_no_secret_leaves_the_node(three: Lab, tmp_path: Path) -> None:
    nodes = [three.nodes[f"compute1-{number}"] for number in (1, 2, 3)]
    for node in nodes:
        package(node, "numpy-1.9.2-py27_0")
        package(node, "mkl-service-1.0.0-py27_0")
    looking, before, findings = await look(three, tmp_path)
    assert looking.errors == {} and looking.away == []
    assert before.differences == () and len(before.nodes) == 3
    assert f"config {LAUNCHER_CONFIG}" in before.alike and "packages of /opt/wakari/anaconda" in before.alike
    assert findings["differs"].startswith("ok:")

    odd = nodes[1]
    (odd.path(META) / "numpy-1.9.2-py27_0.json").rename(odd.path(META) / "numpy-1.10.1-py27_0.json")
    meta = odd.path("/opt/wakari/wakari-compute/conda-meta")
    for file in meta.glob("wakari-compute-launcher-*.json"):
        file.unlink()
    config = json.loads(odd.path(LAUNCHER_CONFIG).read_text())
    extra = (
        f"[program:extra]\ncommand = /bin/x --password {SECRET.replace(' ', '_')} --port 1\nenvironment = A={SECRET}\n"
    )
    with (
        changed(odd, LAUNCHER_CONFIG, json.dumps({**config, "port": 5099, "client_secret": SECRET})),
        changed(odd, CONF, extra),
    ):
        _, after, findings = await look(three, tmp_path)
    rows = {one.part: one for one in after.differences}
    assert all([group.nodes for group in one.odd] == [("compute1-2",)] for one in rows.values()), rows
    numpy = rows["packages of /opt/wakari/anaconda"]
    assert "numpy 1.10.1 py27_0" in numpy.odd[0].lines and "numpy 1.9.2 py27_0" in numpy.usual.lines
    assert "mkl-service 1.0.0 py27_0" in numpy.usual.lines
    assert "port = 5099" in rows[f"config {LAUNCHER_CONFIG}"].odd[0].lines
    assert any(
        line.startswith("command = /bin/x --password ***") for line in rows["programs of wakari-compute"].odd[0].lines
    )
    assert SECRET not in repr(after) and SECRET.replace(" ", "_") not in repr(after)
    assert findings["differs"].startswith("warning: differs from most computes of dc1: "), findings["differs"]

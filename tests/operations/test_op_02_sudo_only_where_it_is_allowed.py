"""2: a probe under sudo only where the inventory says `auto` or `sudo`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aen_tui.model.node import NodeName
from tests.lab.lab import Lab
from tests.operations.conftest import sudo_diary
from tests.whole.conftest import Watching


@pytest.mark.parametrize("become", ["never", "actions"])
async def test_no_sudo_without_leave(quiet_lab: Lab, tmp_path: Path, watching: Watching, become: str) -> None:
    before = {name: len(sudo_diary(node)) for name, node in quiet_lab.nodes.items()}
    file = quiet_lab.write_inventory(
        tmp_path / "i.toml", defaults={"become": become}, node={"compute1-1": {"become": "auto"}}
    )
    async with watching(file) as runtime, asyncio.timeout(60):
        state = await runtime.store.wait_for(lambda state: all(node.complete for node in state.nodes.values()))
        seen_at = state.nodes[NodeName("aen-server")].metrics.seen_at or 0.0
        await runtime.store.wait_for(
            lambda state: (state.nodes[NodeName("aen-server")].metrics.seen_at or 0.0) > seen_at + 3
        )
        state = runtime.snapshot()
    used = {name for name, node in quiet_lab.nodes.items() if len(sudo_diary(node)) > before[name]}
    assert used == {"compute1-1"}
    assert {one.state for one in state.nodes[NodeName("compute1-1")].services} == {"RUNNING"}
    assert "unknown" in {one.state for one in state.nodes[NodeName("gateway1")].services}

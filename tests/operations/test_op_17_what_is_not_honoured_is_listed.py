"""17: ssh keywords that are read but not honoured are listed in Connections."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aen_tui.model.node import NodeName
from aen_tui.ui.presentation.link_rows import link_details
from aen_tui.ui.presentation.rows import Look
from aen_tui.ui.presentation.severity import UNICODE
from tests.lab.lab import Lab
from tests.whole.conftest import Watching


async def test_they_stand_in_connections(lab: Lab, tmp_path: Path, watching: Watching) -> None:
    config = tmp_path / "ssh_config"
    config.touch(mode=0o600)
    config.write_text("Host aen-server\n  ForwardAgent yes\n  ControlMaster auto\n" + lab.ssh_config.read_text())
    file = lab.write_inventory(tmp_path / "inventory.toml", ssh={"config": str(config)})
    name = NodeName("aen-server")
    async with watching(file) as runtime, asyncio.timeout(60):
        state = await runtime.store.wait_for(lambda state: state.nodes[name].complete)
    notes = state.nodes[name].connection.notes
    assert any("forwardagent" in note.lower() for note in notes), notes
    look = Look(runtime.clock.monotonic(), UNICODE, lambda _node, _metric, _samples: ())
    shown = ["".join(text for text, _ in line) for line in link_details(state.nodes[name], 200, look)]
    assert set(notes) <= set(shown)

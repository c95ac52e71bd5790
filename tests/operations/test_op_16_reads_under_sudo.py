"""16: a probe that reads under sudo is a record, before it is started and after it has ended."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aen_tui.model.node import NodeName
from tests.lab.lab import Lab
from tests.operations.conftest import probes
from tests.whole.conftest import Watching

NAME = NodeName("compute1-1")


def records(own_state: Path) -> list[dict[str, object]]:
    file = own_state / "aen-tui" / "audit.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


async def test_each_start_is_recorded(quiet_lab: Lab, tmp_path: Path, own_state: Path, watching: Watching) -> None:
    file = quiet_lab.write_inventory(
        tmp_path / "i.toml", defaults={"become": "actions"}, node={NAME: {"become": "auto"}}
    )
    async with watching(file) as runtime, asyncio.timeout(60):
        await runtime.store.wait_for(
            lambda state: (
                {one.state for one in state.nodes[NAME].services} == {"RUNNING"}
                and all(node.complete for node in state.nodes.values())
            )
        )
        assert len(probes(quiet_lab.nodes[NAME])) == 2
        (intent,) = records(own_state)
    assert (intent["kind"], intent["action"], intent["node"]) == ("intent", "read", NAME)
    assert intent["argv"][:5] == ["/usr/bin/sudo", "-n", "-u", "root", "aen-tui-probe"]  # type: ignore[index]
    before, after = records(own_state)
    assert (before, after["kind"], after["result"]) == (intent, "outcome", "closed")
    assert after["prev"] == intent["hash"]


async def test_without_a_record_nothing_is_read_under_sudo(
    quiet_lab: Lab, tmp_path: Path, own_state: Path, watching: Watching
) -> None:
    (own_state / "aen-tui").mkdir(parents=True)
    (own_state / "aen-tui" / "audit.jsonl").mkdir()
    file = quiet_lab.write_inventory(
        tmp_path / "i.toml", defaults={"become": "actions"}, node={NAME: {"become": "auto"}}
    )
    async with watching(file) as runtime, asyncio.timeout(60):
        await runtime.store.wait_for(
            lambda state: any("nothing is read under sudo" in note for note in state.nodes[NAME].connection.notes)
        )
        assert len(probes(quiet_lab.nodes[NAME])) == 1

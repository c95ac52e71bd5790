"""15: what is done to a demo says DEMO, on the card and in the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.demo.launch import installation
from aen_tui.demo.options import DemoOptions
from tests.whole.test_status import command


@pytest.fixture(scope="module")
def demo_inventory() -> Iterator[Path]:
    with installation(DemoOptions(computes=1, gateways=1)) as inventory:
        yield inventory


def test_card_and_audit(demo_inventory: Path, own_state: Path) -> None:
    card = command(demo_inventory, "do", "restart", "compute1-1/wk-compute", "--dry-run")
    assert card.stdout.startswith("DEMO"), card.stderr
    done = command(demo_inventory, "do", "restart", "compute1-1/wk-compute", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    records = [json.loads(line) for line in (own_state / "aen-tui/audit.jsonl").read_text().splitlines()]
    assert [(record["kind"], record["is_demo"]) for record in records] == [("intent", True), ("outcome", True)]
    # What is executed lies in the demo's own folder, and the records say so.
    assert records[0]["argv"][0].startswith(str(demo_inventory.parent))

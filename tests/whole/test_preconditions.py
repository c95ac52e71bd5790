"""A configuration that is no JSON refuses the restart of its service: file and line are said, the process goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab

NAME = "compute1-1"
FILE = "/opt/wakari/wakari-compute/etc/wakari/wk-compute-launcher-config.json"


@pytest.fixture
def broken(lab: Lab) -> Iterator[None]:
    place = lab.nodes[NAME].path(FILE)
    before = place.read_text()
    place.write_text('{\n  "port": 5002,\n  "password": "not to be shown",\n}\n')
    yield
    place.write_text(before)


@pytest.mark.parametrize("target", [f"{NAME}/wk-compute", f"{NAME}/service:wakari-compute"])
def test_file_and_line_are_said(lab: Lab, broken: None, tmp_path: Path, target: str) -> None:
    pid = lab.nodes[NAME].supervisor_pid("wk-compute")
    file = lab.write_inventory(tmp_path / "i.toml", defaults={"become": "actions"})
    words = [sys.executable, "-m", "aen_tui", "--inventory", str(file), "do", "restart", target]
    done = subprocess.run(
        [*words, "--yes", "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 2, done
    finished = json.loads(done.stdout.splitlines()[-1])
    assert f"{FILE}, line 3: a comma before the closing bracket" in finished["error"]
    shown = subprocess.run(
        [*words, "--dry-run"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False
    )
    assert "line 3" in shown.stdout
    assert "not to be shown" not in done.stdout + done.stderr + shown.stdout + shown.stderr
    assert lab.nodes[NAME].supervisor_pid("wk-compute") == pid

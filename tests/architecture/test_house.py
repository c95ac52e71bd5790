"""The house keeps its own rules: sizes, signs on doors, the map, what a command loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import aen_tui
from aen_tui.checks import checks
from aen_tui.services import services

ROOT = Path(aen_tui.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_fit_in_the_head(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 400


def test_the_map_names_every_room() -> None:
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
    named = {
        line.split()[0] for line in (aen_tui.__doc__ or "").splitlines() if line.startswith("    ") and line.split()
    }
    assert rooms <= named, rooms - named


def test_every_room_has_a_sign() -> None:
    for package in ROOT.rglob("__init__.py"):
        first = package.read_text().lstrip().splitlines()[0]
        assert first.startswith('"""') and len(first) > 30, package


def test_shelves_are_full() -> None:
    assert {"nginx", "mongod", "elasticsearch", "wakari-server", "wakari-gateway", "wakari-compute"} <= {
        service.name for service in services()
    }
    assert len({check.id for check in checks()}) == len(checks())


@pytest.mark.parametrize("module", ["aen_tui.cli.status", "aen_tui.headless.status", "aen_tui.runtime.cluster"])
def test_headless_commands_load_no_screen(module: str) -> None:
    heavy = "{'textual', 'rich', 'plotext', 'pymongo'}"
    code = f"import sys, aen_tui.cli.root, {module}; print(sorted(set(sys.modules) & {heavy}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"

"""The whole program against the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.runtime.cluster import Runtime
from tests.lab.fixtures import lab
from tests.lab.lab import Lab
from tests.whole.labs import odd_lab

__all__ = ["lab", "odd_lab"]

Watching = Callable[..., AbstractAsyncContextManager[Runtime]]


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Audit and diagnostics go to the test's own folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "state"


@pytest.fixture
def inventory_file(lab: Lab, tmp_path: Path) -> Path:
    """The lab's inventory."""
    return lab.write_inventory(tmp_path / "inventory.toml")


@pytest.fixture
def watching(inventory_file: Path) -> Watching:
    """A runtime that looks at the lab."""

    @asynccontextmanager
    async def start(file: Path | None = None, *, read_only: bool = False) -> AsyncIterator[Runtime]:
        runtime = Runtime(load_inventory(file or inventory_file), read_only=read_only)
        async with runtime.running():
            yield runtime

    return start

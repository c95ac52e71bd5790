"""Every test of the screen has a state folder of its own: views remember things there."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("TMUX", "STY", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "state"

"""Faults of the program: told, and the rest goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.model.severity import Severity
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.supervised import supervised, survived


async def test_what_goes_on_for_ever_is_begun_again() -> None:
    begun: list[int] = []
    told: list[str] = []

    async def run() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise ZeroDivisionError(f"fault {len(begun)}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aen_tui.runtime.backoff.Backoff.next_seconds", lambda _: 0.0)
        await supervised("it", run, lambda error: told.append(str(error)))
    assert told == ["fault 1", "fault 2"]
    assert len(begun) == 3


async def test_what_is_done_once_ends_alone() -> None:
    told: list[Exception] = []

    async def work() -> None:
        raise ZeroDivisionError

    await survived("it", work(), told.append)
    assert [type(error) for error in told] == [ZeroDivisionError]


async def test_a_look_with_a_fault_is_an_event_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    file = tmp_path / "inventory.toml"
    file.write_text('name = "one"\n[server]\nhost = "local"\n[defaults]\nbecome = "never"\n')
    file.chmod(0o600)

    async def broken() -> None:
        raise ZeroDivisionError("nobody expected it")

    runtime = Runtime(load_inventory(file))
    async with runtime.running():
        runtime._spawn_look(broken())
        async with asyncio.timeout(60):
            while not any(event.kind == "fault" for event in runtime.events):
                await asyncio.sleep(0)
        assert runtime._tasks is not None
    (event,) = [event for event in runtime.events if event.kind == "fault"]
    assert event.severity is Severity.WARNING
    assert "nobody expected it" in event.text

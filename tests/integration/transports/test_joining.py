"""The probe's source is stripped once for all nodes that come up together, and not on the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.transports import payload


@pytest.fixture
def first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is remembered, neither on disk nor here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    payload._joined.cache_clear()
    yield
    payload._joined.cache_clear()


@pytest.mark.usefixtures("first_start")
async def test_nodes_that_come_up_together_wait_for_one_stripping_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, threads = payload._whole, list[threading.Thread]()

    def counted(*arguments: Any) -> list[bytes]:
        threads.append(threading.current_thread())
        return whole(*arguments)

    monkeypatch.setattr(payload, "_whole", counted)
    async with asyncio.timeout(60):
        await asyncio.gather(*(payload.probe_joined() for _ in range(8)))
        assert payload.probe_source().isascii()
        await payload.probe_joined()
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()

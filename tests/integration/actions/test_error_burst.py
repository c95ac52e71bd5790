"""Errors that burst after a restart fail it while it settles, whether the plan waits for that or has ended."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.plans import ActionName, PlanEvent, Result
from aen_tui.runtime.proofs.error_burst import LEAST_LINES
from aen_tui.state.logbook import LogBooks
from tests.integration.actions.supervisord import NODE, Supervisord, rig
from tests.integration.actions.test_supervisord import RUNS
from tests.support.side_by_side import side_by_side, together

__all__ = ["together"]

LOG = LogKey(NODE, LogPath("/opt/wakari/wakari-server/var/log/wakari/server.log"))


def burst(books: LogBooks, lines: int) -> None:
    """So many errors come in one log, written a moment after the command has returned."""
    stamp = (datetime.now() + timedelta(seconds=0.5)).isoformat(" ", "milliseconds").replace(".", ",")
    data = f"{stamp} ERROR wakari: cannot connect\n".encode() * lines
    books.append(LOG, data, at=0, cursor=None, seam=None, monotonic=time.monotonic(), wall=time.time())


@pytest.mark.parametrize("settle", [True, False], ids=["waited for", "afterwards"])
@pytest.mark.parametrize("lines", [LEAST_LINES - 1, LEAST_LINES])
@side_by_side
async def test_errors_that_burst_after_a_restart_fail_it(settle: bool, lines: int) -> None:
    supervisord = Supervisord("4")
    supervisord.program("wk-server", RUNS)
    books = LogBooks(limit_bytes=1 << 20)
    async with rig(supervisord, settle_seconds=2.0, books=books) as made:
        await made.wait("wk-server", "RUNNING")

        def emit(event: PlanEvent) -> None:
            made.events.append(event)
            if event.event == "step-finished":
                burst(books, lines)

        plan = made.plan(ActionName.RESTART, "wk-server")
        is_burst = lines >= LEAST_LINES
        async with asyncio.timeout(60):
            result = await made.executor.execute(plan, emit, settle=settle)
            assert result is (Result.FAILED if settle and is_burst else Result.VERIFIED)
            if is_burst:
                await made.store.wait_for(lambda _: made.last.result is Result.FAILED)
        if is_burst:
            assert "while settling: errors burst" in made.last.error
            assert "server.log" in made.last.error
            assert made.records()[-1]["result"] == "failed"

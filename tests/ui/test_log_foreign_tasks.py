"""Lines come from the runtime's tasks, which began before the dashboard did: its timers run nevertheless."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.log_stage import SERVER_LOG, LogStage
from tests.support.screen import until


async def test_lines_fed_by_a_task_older_than_the_app_wake_the_view_without_an_error() -> None:
    stage, go, errors = LogStage([SERVER_LOG]), asyncio.Event(), list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: errors.append(context))

    async def runtime() -> None:
        await go.wait()
        for number in range(50):
            stage.feeder.feed(SERVER_LOG, f"2026-11-21 07:00:00,000 INFO request {number}\n".encode())
            await asyncio.sleep(0)

    older = asyncio.create_task(runtime())
    async with stage.run_test(size=(80, 12)) as pilot:
        stage.panel.set_sources([SERVER_LOG])
        go.set()
        await older
        await until(pilot, lambda: "50 lines" in stage.header() and stage.rows()[-1].endswith("request 49"))
    assert not errors, errors

"""Tests that wait for daemons most of their time, run at once: each still passes, fails or is skipped by itself.

    @side_by_side
    async def test_x(version: str) -> None: ...

When the first such test of a module is due, all that were selected begin, so many at a time, in a loop of their
own; each test waits for its own end. They take parameters, but no fixtures. The module needs `together` among
its names (`from tests.support.side_by_side import side_by_side, together`).
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

AT_ONCE = 8

Scenario = Callable[..., Coroutine[Any, Any, None]]


def side_by_side(scenario: Scenario) -> Callable[..., None]:
    """The coroutine function as a test that runs beside the others of its module."""

    def test(request: pytest.FixtureRequest, together: dict[str, Future[None]], **_params: object) -> None:
        together[request.node.nodeid].result()

    own = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in ("request", "together")]
    taken = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in inspect.signature(scenario).parameters.values()
    ]
    test.__signature__ = inspect.Signature([*own, *taken])  # type: ignore[attr-defined]
    test.__name__, test.__doc__, test.__module__ = scenario.__name__, scenario.__doc__, scenario.__module__
    test.scenario = scenario  # type: ignore[attr-defined]
    return test


@pytest.fixture(scope="module")
def together(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """How each selected test of the module ends, by its id."""
    items = [
        item
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module and hasattr(item.obj, "scenario")
    ]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="side by side")
    thread.start()
    places = asyncio.Semaphore(AT_ONCE)
    try:
        yield {item.nodeid: asyncio.run_coroutine_threadsafe(_run(item, places), loop) for item in items}
    finally:
        asyncio.run_coroutine_threadsafe(_end_all(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _run(item: pytest.Function, places: asyncio.Semaphore) -> None:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    async with places:
        await item.obj.scenario(**params)


async def _end_all() -> None:
    """What a failed or interrupted run has left."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

"""Runs tasks: the one place where any exception is caught, logged and survived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aen_tui.runtime.backoff import Backoff

T = TypeVar("T")
logger = logging.getLogger(__name__)


async def supervised(name: str, run: Callable[[], Awaitable[None]], failed: Callable[[Exception], None]) -> None:
    """Run, and run again with growing delays when it raises what nobody expected.

    Args:
        name: for the program's own log.
        run: what is run; its end without an exception ends the supervision.
        failed: makes the failure visible state.
    """
    backoff = Backoff()
    while True:
        try:
            await run()
        except Exception as error:
            logger.exception("%s failed", name)
            failed(error)
            await asyncio.sleep(backoff.next_seconds())
        else:
            return


async def survived(name: str, work: Awaitable[None], failed: Callable[[Exception], None]) -> None:
    """Wait for work that is done once; what nobody expected ends it and nothing else.

    Args:
        name: for the program's own log.
        work: what is waited for.
        failed: makes the failure visible state.
    """
    try:
        await work
    except Exception as error:
        logger.exception("%s failed", name)
        failed(error)


def attempted(name: str, work: Callable[[], T], failed: Callable[[Exception], T]) -> T:
    """What work says; what nobody expected gives what `failed` says, and ends nothing.

    Args:
        name: for the program's own log.
        work: what is tried, at once.
        failed: what is said instead.
    """
    try:
        return work()
    except Exception as error:
        logger.exception("%s failed", name)
        return failed(error)

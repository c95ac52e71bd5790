"""When Python's collector looks at what: never at all there is while keys are pressed."""

from __future__ import annotations

import asyncio
import gc

SETTLED_SECONDS = 2.0
"""Modules are loaded and most nodes are up by then."""


def collect_only_what_comes() -> None:
    """Soon, what is here stays: the collector need not walk it again, 50 ms at a time."""
    asyncio.get_running_loop().call_later(SETTLED_SECONDS, _freeze)


def _freeze() -> None:
    gc.freeze()
    gc.enable()

"""What is on the screen, as text; and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot


def screen_text(app: App[Any]) -> str:
    """The cells of the whole screen, a line a row."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()[:height]
    return "\n".join(strip.text[:width] for strip in strips)


async def until(pilot: Pilot[Any], condition: Callable[[], object], *, seconds: float = 60.0) -> None:
    """Wait until a condition holds; the screen as it is when it never does."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        await pilot.pause()
        if condition():
            return
        if loop.time() > deadline:
            raise AssertionError(f"never held:\n{screen_text(pilot.app)}")
        await asyncio.sleep(0.01)

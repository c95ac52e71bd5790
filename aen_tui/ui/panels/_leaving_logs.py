"""What leaves the logs view: copied, saved, handed to a pager. All of it, or it is said what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from textual.app import App

from aen_tui.state.lines import DrawnLine
from aen_tui.state.merge import Stream
from aen_tui.ui import log_export
from aen_tui.ui.widgets.log_view import LogView

WAITED_SECONDS = 30.0
"""How long the filters are waited for before what they show is handed out."""
_LOOK_SECONDS = 0.02


class LeavingLogs:
    """Hands out what a view shows."""

    def __init__(self, view: LogView) -> None:
        self._view = view

    def copy(self, lines: Sequence[DrawnLine], wanted: int) -> None:
        """Copy lines.

        Args:
            lines: what is copied.
            wanted: how many were selected.
        """
        of_lines = wanted if wanted > len(lines) else 0
        log_export.copy_and_tell(self._view.app, log_export.lines_text(lines), of_lines=of_lines)

    def save(self, file: Path | None) -> None:
        """Write what is shown to a new file: this one, or one of our own folder."""
        self._hand_out(lambda app, stream: log_export.save_and_tell(app, stream, file))

    def page(self) -> None:
        """Read what is shown in the pager."""
        self._hand_out(log_export.page_and_tell)

    def _hand_out(self, export: Callable[[App[Any], Stream], Coroutine[Any, Any, None]]) -> None:
        stream = self._view.window.stream

        async def hand_out() -> None:
            if await self._is_found(stream):
                await export(self._view.app, stream)

        self._view.run_worker(hand_out(), group="log-export")

    async def _is_found(self, stream: Stream) -> bool:
        """Wait for the filters; whether their lines are still those that are shown."""
        view, lookup = self._view, self._view.lookup
        end = view.clock.monotonic() + WAITED_SECONDS
        if view.window.has_filter and lookup.is_busy:
            view.notify("the filters are still looking: when all is found it goes on", timeout=3, markup=False)
            while lookup.is_busy and view.window.stream is stream:
                if view.clock.monotonic() > end:
                    words = f"not all was looked through within {WAITED_SECONDS:.0f} s: lines may be missing"
                    view.notify(words, severity="warning", timeout=8, markup=False)
                    return True
                view.look_on()
                await asyncio.sleep(_LOOK_SECONDS)
        if view.window.stream is stream:
            return True
        view.notify("nothing was written: other lines are shown by now", severity="warning", markup=False)
        return False

"""Who asks a person while the dashboard is open: a masked dialog, one question at a time."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App

from aen_tui.model.secret import Secret


class ScreenPrompter:
    """Questions wait until the screen is there; each waits for the one before."""

    def __init__(self) -> None:
        self._app: App[Any] | None = None
        self._ready = asyncio.Event()
        self._turn = asyncio.Lock()

    def attach(self, app: App[Any]) -> None:
        """The app is on the screen and can ask."""
        self._app = app
        self._ready.set()

    async def ask(self, node: str, text: str, *, secret: bool = True) -> Secret | None:
        """Ask one question; None where the person would not, or the app has gone."""
        from aen_tui.ui.screens.secret import SecretScreen

        async with self._turn:
            await self._ready.wait()
            app = self._app
            if app is None or not app.is_running:
                return None
            answer: asyncio.Future[Secret | None] = asyncio.get_running_loop().create_future()

            def answered(value: Secret | None) -> None:
                if not answer.done():
                    answer.set_result(value)

            screen = SecretScreen(node, text, secret=secret)
            app.call_later(app.push_screen, screen, answered)
            try:
                return await answer
            except asyncio.CancelledError:  # nobody waits for it any more
                app.call_later(screen.withdraw)
                raise

"""The dashboard around a runtime: network first, then the screen; the terminal whole again at every end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from aen_tui.model.logs import LogKey
from aen_tui.ui.app import AenApp
from aen_tui.ui.backend import Backend
from aen_tui.ui.job_control import continue_only_what_was_stopped
from aen_tui.ui.keymap import load_keymap
from aen_tui.ui.prompter import ScreenPrompter

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class DashboardOptions:
    """What the command line says of the dashboard."""

    theme: str | None = None
    keymap: str = "default"
    mouse: bool = True
    logs: Sequence[LogKey] | None = None
    """Open view 2 on these."""
    prompter: ScreenPrompter | None = None
    """Who asks for passphrases and passwords; the runtime's."""


class RunningBackend(Backend, Protocol):
    """A backend that has to be run: `runtime.cluster.Runtime`."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Connected while the block is entered."""
        ...


async def run_dashboard(runtime: RunningBackend, options: DashboardOptions) -> int:
    """Run the dashboard until it is left; the exit status (128 + n after signal n).

    Raises:
        ConfigError: the theme or the keymap is wrong; the screen has not been touched.
    """
    keymap = load_keymap(options.keymap)
    app = AenApp(runtime, theme=options.theme, keymap=keymap, logs=options.logs)
    app.when_ready(partial(_on_screen, app, options))
    with _ends_on_signals(app):
        async with runtime.running():
            result = await app.run_async(mouse=options.mouse)
    return app.return_code or result or 0


def _on_screen(app: AenApp, options: DashboardOptions) -> None:
    loop = asyncio.get_running_loop()
    continue_only_what_was_stopped(partial(loop.call_soon_threadsafe, app.call_later, app.action_repaint))
    if options.prompter is not None:
        options.prompter.attach(app)


@contextmanager
def _ends_on_signals(app: AenApp) -> Iterator[None]:
    """A closed terminal or a kill ends the app as `q` does: through its own way out, which restores the terminal."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, app.exit, 128 + number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

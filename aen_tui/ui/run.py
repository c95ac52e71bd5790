"""The dashboard around a runtime: network first, then the screen; the terminal whole again at every end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from aen_tui.model.logs import LogKey
from aen_tui.model.text import visible_line
from aen_tui.ui.app import AenApp
from aen_tui.ui.backend import Backend
from aen_tui.ui.job_control import continue_only_what_was_stopped
from aen_tui.ui.keymap import load_keymap
from aen_tui.ui.prompter import ScreenPrompter

if TYPE_CHECKING:
    from aen_tui.runtime.job import Job

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
SEEN_OUT_SECONDS = 240.0
"""After the terminal is closed what runs is seen to its end, for so long at most: a slow stop, its proof, its gate."""


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
    with _ends_on_signals(app) as ending:
        async with runtime.running():
            result = await app.run_async(mouse=options.mouse)
            if ending.is_hung_up:
                await _see_out(app.busy_jobs(), ending.hurry)
            else:
                _tell_of_clean_ups(app.busy_jobs())
    return app.return_code or result or 0


def _on_screen(app: AenApp, options: DashboardOptions) -> None:
    loop = asyncio.get_running_loop()
    continue_only_what_was_stopped(partial(loop.call_soon_threadsafe, app.call_later, app.action_repaint))
    if options.prompter is not None:
        options.prompter.attach(app)


def _tell_of_clean_ups(jobs: Sequence[Job]) -> None:
    """What is still removed from nodes once the screen is gone: leaving the runtime waits for it."""
    for step in (step for job in jobs for step in job.plan.steps if step.makes):
        what = visible_line(f"{step.makes} from {step.target.node}", 300)
        sys.stderr.write(f"removing {what}; ^C leaves it there\n")


async def _see_out(jobs: Sequence[Job], hurry: asyncio.Event) -> None:
    """Nothing further begins, and what runs comes to its end, which file and audit then say; or somebody hurries."""
    for job in jobs:
        job.abort()
    with suppress(TimeoutError):
        async with asyncio.timeout(SEEN_OUT_SECONDS), asyncio.TaskGroup() as tasks:
            ends = [tasks.create_task(_all_ended(jobs)), tasks.create_task(hurry.wait())]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in ends:
                task.cancel()


async def _all_ended(jobs: Sequence[Job]) -> None:
    for job in jobs:
        await job.wait()


@dataclass(slots=True)
class _Ending:
    """What signals have said."""

    app: AenApp
    is_hung_up: bool = False
    """The terminal is closed."""
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, number: signal.Signals) -> None:
        """Take one: the terminal's end may be told several times, anything else is in a hurry."""
        if number is signal.SIGHUP:
            self.is_hung_up = True
        else:
            self.hurry.set()
        self.app.exit(128 + number)


@contextmanager
def _ends_on_signals(app: AenApp) -> Iterator[_Ending]:
    """A closed terminal or a kill ends the app as `q` does: through its own way out, which restores the terminal."""
    loop = asyncio.get_running_loop()
    ending = _Ending(app)
    for number in _SIGNALS:
        loop.add_signal_handler(number, ending.take, number)
    try:
        yield ending
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

"""What ^C, a kill and a closed terminal say to `do`: they cancel it, and it still tells how far it came."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_ONCE = (signal.SIGTERM, signal.SIGHUP)


class Cut:
    """Whether a signal has ended a command, which is the task that this is made in."""

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._is_cut = False

    def at_once(self) -> None:
        """End it now."""
        self._is_cut = True
        self._task.cancel()

    def is_why(self) -> bool:
        """Whether a `CancelledError` that was caught is from here; then it is dealt with, and the task goes on."""
        while self._is_cut and self._task.cancelling():
            self._task.uncancel()
        return self._is_cut


@contextmanager
def signals_cut(softly: Callable[[], bool] = lambda: False) -> Iterator[Cut]:
    """SIGINT, SIGTERM and SIGHUP end the command; only the main thread hears them, as asyncio.run has it.

    Args:
        softly: asked at SIGINT; True where it found another way.
    """
    loop, cut = asyncio.get_running_loop(), Cut()

    def interrupted() -> None:
        if not softly():
            cut.at_once()

    handlers = {signal.SIGINT: interrupted, **dict.fromkeys(AT_ONCE, cut.at_once)}
    if threading.current_thread() is not threading.main_thread():
        handlers.clear()
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield cut
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)

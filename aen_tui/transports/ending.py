"""What both kinds of channel keep of a process: the head of its standard error, and that it has ended."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from aen_tui.model.text import visible

ERRORS_LIMIT_BYTES = 64 * 1024


class Ending(ABC):
    """A process that ends once (the part of `ByteChannel` that does not depend on how it is reached)."""

    def __init__(self) -> None:
        self._stderr = bytearray()
        self._ended = asyncio.Event()
        self._watchers: list[Callable[[], None]] = []

    @property
    @abstractmethod
    def exit_status(self) -> int | None:
        """The exit status; None while it runs, and where a signal ended it or the link was lost."""

    @property
    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self._ended.is_set()

    @property
    def stderr(self) -> str:
        """The head of standard error, sanitised."""
        return visible(bytes(self._stderr))

    def on_closed(self, watcher: Callable[[], None]) -> None:
        """Call a function when it has ended; at once where it has."""
        if self.is_closed:
            watcher()
        else:
            self._watchers.append(watcher)

    async def wait_closed(self) -> int | None:
        """Wait for its end; the exit status."""
        await self._ended.wait()
        return self.exit_status

    def _keep_errors(self, data: bytes) -> None:
        self._stderr += data[: max(0, ERRORS_LIMIT_BYTES - len(self._stderr))]

    def _has_ended(self) -> None:
        self._ended.set()
        for watcher in self._watchers:
            watcher()
        self._watchers.clear()

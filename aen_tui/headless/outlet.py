"""Bytes to stdout, at the pace of whoever reads it: a slow reader never stops the loop."""

from __future__ import annotations

import asyncio
import os
import select
import stat
from typing import BinaryIO

from aen_tui.errors import OutputError

_PIECE_BYTES = 4096
"""What a pipe that is said to be writable takes without blocking (PIPE_BUF)."""


class Outlet:
    """Writes to a file, a pipe or a terminal."""

    def __init__(self, stdout: BinaryIO) -> None:
        self._stdout = stdout
        try:
            self._fd: int | None = stdout.fileno()
            mode = os.fstat(self._fd).st_mode
            stdout.flush()
        except OSError:  # no file behind it
            self._fd, mode = None, 0
        self._has_reader = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or (self._fd is not None and stdout.isatty())
        self._poll = select.poll()
        if self._fd is not None and self._has_reader:
            self._poll.register(self._fd, select.POLLOUT)

    def check(self) -> None:
        """Notice that the reader of a pipe is gone, though there is nothing to write.

        Raises:
            BrokenPipeError: it is.
        """
        if self._has_reader and any(events & (select.POLLERR | select.POLLHUP) for _, events in self._poll.poll(0)):
            raise BrokenPipeError

    async def write(self, data: bytes) -> None:
        """Write all of it.

        Raises:
            BrokenPipeError: the reader is gone.
            OutputError: it cannot be written: a full disk.
        """
        if self._fd is None:
            self._stdout.write(data)
            return
        left = memoryview(data)
        while left:
            if self._has_reader and not self._poll.poll(0):
                await self._writable(self._fd)
            try:  # not through the buffer, which would try what failed once more when the program ends
                left = left[os.write(self._fd, left[:_PIECE_BYTES] if self._has_reader else left) :]
            except BlockingIOError:  # whoever shares the terminal made it non-blocking
                await self._writable(self._fd)
            except BrokenPipeError:
                raise
            except OSError as error:
                raise OutputError(f"stdout: {(error.strerror or str(error)).lower()}") from None

    async def _writable(self, fd: int) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_writer(fd, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_writer(fd)

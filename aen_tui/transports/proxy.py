"""ProxyCommand: a connection whose bytes go through a command's standard input and output.

It runs as OpenSSH runs it, `/bin/sh -c 'exec …'`; its errors go neither to the terminal nor into the
ssh stream, but into the message if it fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

_STDERR_LIMIT = 2000
_LAST_WORDS_SECONDS = 0.5
_END_SECONDS = 2.0


class ProxyCommand(asyncio.SubprocessProtocol):
    """What asyncssh takes as `tunnel`: it makes the transport for one connection.

    Args:
        command: a line for /bin/sh, tokens replaced.
    """

    words = "ProxyCommand"

    def __init__(self, command: str) -> None:
        self._command = command
        self._connection: Any = None
        self._process: asyncio.SubprocessTransport | None = None
        self._stdin: asyncio.WriteTransport | None = None
        self._ended = asyncio.Event()
        self._said = asyncio.Event()
        self.errors = b""
        """The head of what the command wrote to its standard error."""

    async def create_connection(self, factory: Callable[[], Any], _host: str, _port: int) -> tuple[Any, Any]:
        """Start the command and an ssh connection over it."""
        self._connection = factory()
        loop = asyncio.get_running_loop()
        await loop.subprocess_exec(lambda: self, "/bin/sh", "-c", f"exec {self._command}", start_new_session=True)
        return self, self._connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The command runs."""
        self._process = cast(asyncio.SubprocessTransport, transport)
        self._stdin = cast(asyncio.WriteTransport, self._process.get_pipe_transport(0))
        self._connection.connection_made(self)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Bytes of the other side, or an error text."""
        if fd == 1:
            self._connection.data_received(data)
        elif len(self.errors) < _STDERR_LIMIT:
            self.errors += data[: _STDERR_LIMIT - len(self.errors)]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """The other side has closed."""
        if fd == 1:
            self._connection.connection_lost(exc)
        elif fd == 2:
            self._said.set()

    def process_exited(self) -> None:
        """The command has ended."""
        self._ended.set()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As a transport: there is no socket and no peer name."""
        return self._process.get_extra_info(name, default) if self._process else default

    def write(self, data: bytes) -> None:
        """As a transport."""
        if self._stdin is not None and not self._stdin.is_closing():
            self._stdin.write(data)

    def is_closing(self) -> bool:
        """As a transport."""
        return self._process is None

    def abort(self) -> None:
        """As a transport: end the command."""
        self.close()

    def close(self) -> None:
        """End the command; idempotent."""
        if self._process is not None:
            self._process.close()
            self._process = None

    async def end(self) -> None:
        """Hear its last words, end it and see it gone, so that it outlives nobody who started it."""
        if self._stdin is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await self._said.wait()
        self.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await self._ended.wait()

    async def wait_closed(self) -> None:
        """Wait until the command has ended."""
        await self._ended.wait()

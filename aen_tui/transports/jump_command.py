"""`jump_command`: where a jump host forwards no TCP, a command of its own that leads on, such as `nc %h %p` (ops 17).

Its bytes go through a session channel of the jump host's shared connection.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aen_tui.model.command import shell_line
from aen_tui.transports.channel import SshChannel
from aen_tui.transports.link import SshLink


class JumpCommand:
    """What asyncssh takes as `tunnel`: it makes the transport for one connection.

    Args:
        link: the jump host's connection.
        command: a line for its shell; %h and %p stand for host and port, %% for a per cent sign.
    """

    words = "jump_command"

    def __init__(self, link: SshLink, command: str) -> None:
        self._link = link
        self._command = command
        self._connection: Any = None
        self._channel: SshChannel | None = None
        self._early = b""
        self._is_made = False

    @property
    def errors(self) -> str:
        """The head of what the command wrote to its standard error, sanitised."""
        return self._channel.stderr if self._channel is not None else ""

    async def create_connection(self, factory: Callable[[], Any], host: str, port: int) -> tuple[Any, Any]:
        """Start the command on the jump host and an ssh connection over it."""
        self._connection = factory()
        self._channel = await self._link.open(_filled(self._command, host, port), self._received)
        self._is_made = True
        self._connection.connection_made(self)
        if self._early:
            self._connection.data_received(self._early)
        self._channel.on_closed(lambda: self._connection.connection_lost(None))
        return self, self._connection

    def _received(self, data: bytes) -> None:
        if self._is_made:
            self._connection.data_received(data)
        else:
            self._early += data

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As a transport: there is no socket and no peer name."""
        return default

    def write(self, data: bytes) -> None:
        """As a transport."""
        if self._channel is not None and not self.is_closing():
            self._channel.write(data)

    def is_closing(self) -> bool:
        """As a transport."""
        return self._channel is None or self._channel.is_closed

    def abort(self) -> None:
        """As a transport: end the command."""
        self.close()

    def close(self) -> None:
        """End the command; idempotent."""
        if self._channel is not None:
            self._channel.close()

    async def wait_closed(self) -> None:
        """Wait until the command has ended."""
        if self._channel is not None:
            await self._channel.wait_closed()


def _filled(command: str, host: str, port: int) -> str:
    values = {"%h": shell_line([host]), "%p": str(port), "%%": "%"}
    return re.sub("%[hp%]", lambda match: values[match[0]], command)

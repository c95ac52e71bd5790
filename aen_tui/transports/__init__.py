"""Bytes to and from a node: the one room that knows asyncssh and subprocesses.

What the runtime sees is `Link` and `ByteChannel`; `ssh.py` and `local.py` make them. Foreign
exceptions are mapped to `errors.TransportError` here and go no further.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from aen_tui.model.command import CommandResult
from aen_tui.model.secret import Secret


class ByteChannel(Protocol):
    """A running remote process: bytes in, bytes out, flow control both ways."""

    @property
    def exit_status(self) -> int | None:
        """The exit status; None while it runs, and where the link was lost or a signal ended it."""
        ...

    @property
    def stderr(self) -> str:
        """The head of its standard error, sanitised, 64 KiB at most."""
        ...

    def write(self, data: bytes) -> None:
        """Send to its standard input; never blocks. Raises ConnectionLostError when it is gone."""
        ...

    def pause(self) -> None:
        """Take no more output until `resume`: the far side then stops writing."""
        ...

    def resume(self) -> None:
        """Take output again."""
        ...

    def close(self) -> None:
        """End of input, then close; idempotent."""
        ...

    def on_closed(self, watcher: Callable[[], None]) -> None:
        """Call a function when it has ended; at once where it has."""
        ...

    async def wait_closed(self) -> int | None:
        """Wait for its end; the exit status, None where the link was lost."""
        ...


DataReceived = Callable[[bytes], None]


class Link(Protocol):
    """An open connection to a node."""

    @property
    def peer(self) -> str:
        """Address, server version and algorithms, sanitised, for the Connections view."""
        ...

    @property
    def user(self) -> str:
        """The login user."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Keywords of the ssh configuration that are not honoured, key files that are not used. Sanitised."""
        ...

    @property
    def is_closed(self) -> bool:
        """Whether it is gone."""
        ...

    async def open(self, command: str, received: DataReceived, *, raw_pty: bool = False) -> ByteChannel:
        """Run a shell line in a channel of its own; `received` is called with what it writes, as it comes."""
        ...

    async def run(
        self, argv: Sequence[str], *, timeout_seconds: float, sudo_password: Secret | None = None, pty: bool = False
    ) -> CommandResult:
        """Run a command to its end in a channel of its own; standard input is closed at once.

        Raises:
            ConnectionLostError: the link went while it ran; whether it took effect is unknown.
            DeadlineError: it did not end in time (it is not killed).
        """
        ...

    async def open_unix_forward(self, host: str, port: int) -> str:
        """A unix socket in a 0700 folder that leads to host:port as seen from the node; its path."""
        ...

    async def wait_closed(self) -> str | None:
        """Wait until the link is gone; why, or None where we closed it."""
        ...

    def close(self) -> None:
        """Close it; idempotent."""
        ...

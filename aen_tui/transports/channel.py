"""A session channel without streams: what comes is handed on as it comes, nothing is copied or split."""

from __future__ import annotations

from typing import Any

import asyncssh

from aen_tui.errors import ConnectionLostError
from aen_tui.model.text import visible
from aen_tui.transports import DataReceived
from aen_tui.transports.ending import Ending

WINDOW_BYTES = 1024 * 1024
"""What may be under way, and what a paused channel holds here at most."""
PACKET_BYTES = 32 * 1024
"""OpenSSH sends no larger ones."""


class SshChannel(Ending, asyncssh.SSHClientSession[bytes]):
    """A running remote process (`ByteChannel`).

    Args:
        node: the node's name, for errors.
        received: called with standard output.
        errors: called with standard error; None keeps its head in `stderr`.
    """

    def __init__(self, node: str, received: DataReceived, errors: DataReceived | None = None) -> None:
        super().__init__()
        self._node = node
        self._received = received
        self._errors = errors or self._keep_errors
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._exit_status: int | None = None
        self.exit_signal: str | None = None
        """The signal that ended it."""

    # What asyncssh calls.

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The channel is open."""
        self._channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Bytes have come."""
        if datatype is None:
            self._received(data)
        else:
            self._errors(data)

    def exit_status_received(self, status: int) -> None:
        """The process has ended."""
        self._exit_status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """A signal has ended the process."""
        self.exit_signal = visible(signal)[:40]

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is closed."""
        self._channel = None
        self._has_ended()

    # ByteChannel.

    @property
    def exit_status(self) -> int | None:
        """The exit status, once the process has ended by itself."""
        return self._exit_status

    def write(self, data: bytes) -> None:
        """Send to its standard input; never blocks."""
        if self._channel is None:
            raise ConnectionLostError("the channel is closed", node=self._node)
        try:
            self._channel.write(data)
        except (BrokenPipeError, OSError) as error:
            raise ConnectionLostError("the channel is closed", node=self._node) from error

    def write_eof(self) -> None:
        """End of its standard input."""
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write_eof()

    def pause(self) -> None:
        """Take no more output until `resume`."""
        if self._channel is not None:
            self._channel.pause_reading()

    def resume(self) -> None:
        """Take output again."""
        if self._channel is not None:
            self._channel.resume_reading()

    def close(self) -> None:
        """Close; idempotent."""
        if self._channel is not None:
            self._channel.close()


def channel_options(*, raw_pty: bool) -> dict[str, Any]:
    """How a session channel is opened: bytes, no variables, no agent, no X11; a pty only where asked."""
    options: dict[str, Any] = {
        "encoding": None,
        "window": WINDOW_BYTES,
        "max_pktsize": PACKET_BYTES,
        "env": None,
        "send_env": None,
        "request_pty": False,
        "x11_forwarding": False,
    }
    if raw_pty:
        # Line feeds as they are, nothing echoed: sudo's requiretty is satisfied and bytes stay bytes.
        options["request_pty"] = "force"
        options["term_type"] = "dumb"
        options["term_modes"] = {asyncssh.PTY_ECHO: 0, asyncssh.PTY_ONLCR: 0, asyncssh.PTY_OPOST: 0}
    return options

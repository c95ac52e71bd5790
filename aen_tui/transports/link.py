"""An open ssh connection to a node (`Link`)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncssh

from aen_tui.errors import DeadlineError, RefusedError, TransportError
from aen_tui.model.command import CommandResult, executed, shell_line
from aen_tui.model.secret import Secret
from aen_tui.model.text import visible_line
from aen_tui.transports import DataReceived
from aen_tui.transports.channel import SshChannel, channel_options
from aen_tui.transports.failures import FOREIGN, lost
from aen_tui.transports.run import Output, SudoPassword, result_of

OPEN_SECONDS = 15.0
KEEPALIVE_SECONDS = 3.0
_KEEPALIVE_COUNT = 2


class SshLink:
    """A connection that is up, until `wait_closed` returns.

    Args:
        node: the node's name.
        user: the login user.
        connection: asyncssh's connection, logged in.
        via: the link that carries it.
        notes: for the Connections view.
    """

    def __init__(
        self,
        node: str,
        user: str,
        connection: asyncssh.SSHClientConnection,
        *,
        via: SshLink | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.node = node
        self.via = via
        self.notes = tuple(notes)
        """ssh keywords that are not honoured, key files that are not used."""
        self.connection = connection
        self._user = user
        self._closed: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._watchers: list[Callable[[], None]] = []
        self._forwards: dict[tuple[str, int], tuple[Path, asyncssh.SSHListener]] = {}
        self._peer = _describe(connection)

    @property
    def peer(self) -> str:
        """Address, server version and algorithms, sanitised."""
        return self._peer

    @property
    def user(self) -> str:
        """The login user."""
        return self._user

    @property
    def is_closed(self) -> bool:
        """Whether it is gone."""
        return self._closed.done()

    @property
    def why_closed(self) -> str | None:
        """Why it is gone; None where it is not, or we closed it."""
        return self._closed.result() if self._closed.done() else None

    def expect_life(self) -> None:
        """See within ten seconds that the other side is silent.

        A question goes out only after three seconds without a byte, so none does while frames arrive.
        """
        self.connection.set_keepalive(KEEPALIVE_SECONDS, _KEEPALIVE_COUNT)

    def on_closed(self, watcher: Callable[[], None]) -> None:
        """Call a function when the link is gone; at once where it is."""
        if self._closed.done():
            watcher()
        else:
            self._watchers.append(watcher)

    def lost(self, why: str | None) -> None:
        """The connection is gone: told once by whoever hears it from asyncssh."""
        if self._closed.done():
            return
        if why is not None and self.via is not None and self.via.is_closed:
            why = f"{self.via.node} was lost: {self.via.why_closed or 'closed'}"
        self._closed.set_result(why)
        for folder, listener in self._forwards.values():
            listener.close()
            shutil.rmtree(folder, ignore_errors=True)
        self._forwards.clear()
        for watcher in self._watchers:
            watcher()
        self._watchers.clear()

    async def open(self, command: str, received: DataReceived, *, raw_pty: bool = False) -> SshChannel:
        """Run a shell line in a channel of its own.

        Raises:
            ConnectionLostError: the link is gone.
            RefusedError: the host opens no further channel.
            DeadlineError: it did not answer.
        """
        channel = SshChannel(self.node, received)
        await self._open(channel, command, raw_pty=raw_pty)
        return channel

    async def _open(self, channel: SshChannel, command: str, *, raw_pty: bool) -> None:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self.connection.create_session(lambda: channel, command, **channel_options(raw_pty=raw_pty))
        except TimeoutError:
            raise DeadlineError(f"no channel was opened within {OPEN_SECONDS:g} s", node=self.node) from None
        except FOREIGN as error:
            raise self._channel_failure(error) from error

    def _channel_failure(self, error: BaseException) -> TransportError:
        if self.is_closed or not isinstance(error, asyncssh.ChannelOpenError):
            return lost(self.node, self.why_closed)
        text = visible_line(str(error), 200)
        if "connection closed" in text.lower():
            return lost(self.node, text)
        return RefusedError(
            f"the host opens no further channel: {text}",
            node=self.node,
            hint="MaxSessions in sshd_config; AllowTcpForwarding where a port was forwarded.",
        )

    async def run(
        self, argv: Sequence[str], *, timeout_seconds: float, sudo_password: Secret | None = None, pty: bool = False
    ) -> CommandResult:
        """Run a command to its end; see `Link.run`."""
        output = Output()
        sudo = SudoPassword(argv, sudo_password) if sudo_password is not None else None
        receive = sudo.watching(output.add) if sudo else output.add
        channel = SshChannel(self.node, receive, receive)
        if sudo:
            sudo.talk(channel.write, refuse=channel.close, end_input=None if pty else channel.write_eof)
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._open(channel, shell_line(executed(sudo.argv if sudo else argv)), raw_pty=pty)
                if sudo is None and not pty:
                    channel.write_eof()
                await channel.wait_closed()
        except TimeoutError:
            # Closed, not killed: what it does on the node goes on (an OpenSSH of that age would not kill it anyway).
            channel.close()
            raise DeadlineError(f"it did not end within {timeout_seconds:g} s", node=self.node) from None
        if channel.exit_status is None and channel.exit_signal is None and self.is_closed:
            raise lost(self.node, self.why_closed)
        return result_of(argv, channel.exit_status, channel.exit_signal, output, sudo)

    async def open_unix_forward(self, host: str, port: int) -> str:
        """A unix socket in a 0700 folder that leads to host:port as seen from the node; its path.

        Raises:
            ConnectionLostError: the link is gone.
        """
        known = self._forwards.get((host, port))
        if known is None:
            if self.is_closed:
                raise lost(self.node, self.why_closed)
            folder = Path(tempfile.mkdtemp(prefix="aen-tui-"))
            try:
                listener = await self.connection.forward_local_path_to_port(str(folder / "socket"), host, port)
            except FOREIGN as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise self._channel_failure(error) from error
            known = self._forwards[host, port] = (folder, listener)
        return str(known[0] / "socket")

    async def wait_closed(self) -> str | None:
        """Wait until the link is gone; why, or None where we closed it."""
        return await asyncio.shield(self._closed)

    def close(self) -> None:
        """Close it, and with it every link that it carries; idempotent."""
        self.lost(None)
        self.connection.close()


def _describe(connection: asyncssh.SSHClientConnection) -> str:
    address = connection.get_extra_info("peername")
    where = f"{address[0]}:{address[1]}" if address and address[0] else "tunnel"
    words = [where, str(connection.get_extra_info("server_version", "")).removeprefix("SSH-2.0-")]
    words += [str(connection.get_extra_info(name, "") or "") for name in ("send_cipher", "send_mac")]
    return visible_line(" ".join(filter(None, words)), 300)

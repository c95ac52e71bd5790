"""This machine as a node (`host = "local"`): the same protocols over processes, without ssh."""

from __future__ import annotations

import asyncio
import getpass
import shutil
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from aen_tui.errors import ConnectionLostError, DeadlineError, RefusedError
from aen_tui.model.command import CommandResult, executed, shell_line
from aen_tui.model.secret import Secret
from aen_tui.transports import DataReceived
from aen_tui.transports.ending import Ending
from aen_tui.transports.run import Output, SudoPassword, result_of


class LocalChannel(Ending, asyncio.SubprocessProtocol):
    """A process of this machine (`ByteChannel`).

    Args:
        received: called with standard output.
        errors: called with standard error; None keeps its head in `stderr`.
    """

    def __init__(self, received: DataReceived, errors: DataReceived | None = None) -> None:
        super().__init__()
        self._outputs = {1: received, 2: errors or self._keep_errors}
        self._process: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The process runs."""
        self._process = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """It has written."""
        self._outputs[fd](data)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended and its pipes are empty."""
        if self._process is not None:
            self._process.close()
        self._has_ended()

    def _pipe(self, fd: int) -> asyncio.BaseTransport | None:
        pipe = self._process.get_pipe_transport(fd) if self._process and not self.is_closed else None
        return None if pipe is None or pipe.is_closing() else pipe

    @property
    def exit_status(self) -> int | None:
        """The exit status; None while it runs, and where a signal ended it."""
        status = self._process.get_returncode() if self._process else None
        return None if status is None or status < 0 else status

    @property
    def exit_signal(self) -> str | None:
        """The number of the signal that ended it."""
        status = self._process.get_returncode() if self._process else None
        return str(-status) if status is not None and status < 0 else None

    def write(self, data: bytes) -> None:
        """Send to its standard input; never blocks."""
        pipe = self._pipe(0)
        if pipe is None:
            raise ConnectionLostError("the process has ended", node="local")
        cast(asyncio.WriteTransport, pipe).write(data)

    def write_eof(self) -> None:
        """End of its standard input."""
        if pipe := self._pipe(0):
            pipe.close()

    def pause(self) -> None:
        """Take no more output until `resume`: the pipe fills and the process waits."""
        if pipe := self._pipe(1):
            cast(asyncio.ReadTransport, pipe).pause_reading()

    def resume(self) -> None:
        """Take output again."""
        if pipe := self._pipe(1):
            cast(asyncio.ReadTransport, pipe).resume_reading()

    def close(self) -> None:
        """End of input and of output; the process is not killed, the probe leaves by itself. Idempotent."""
        for fd in (0, 1, 2):
            if pipe := self._pipe(fd):
                pipe.close()


class LocalLink:
    """This machine (`Link`)."""

    def __init__(self) -> None:
        self._closed: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._channels: set[LocalChannel] = set()
        self._forwards: dict[tuple[str, int], tuple[Path, asyncio.Server]] = {}
        self._forwarded: set[asyncio.StreamWriter] = set()

    @property
    def peer(self) -> str:
        """This machine's name."""
        return f"local {socket.gethostname()}"

    @property
    def user(self) -> str:
        """Who runs the program."""
        return getpass.getuser()

    @property
    def notes(self) -> tuple[str, ...]:
        """None: there is no ssh."""
        return ()

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._closed.done()

    def on_closed(self, watcher: Callable[[], None]) -> None:
        """Call a function when it is closed."""
        self._closed.add_done_callback(lambda _future: watcher())

    async def open(self, command: str, received: DataReceived, *, raw_pty: bool = False) -> LocalChannel:
        """Run a shell line.

        Raises:
            RefusedError: the process cannot be started.
        """
        argv = ["/bin/sh", "-c", command]
        if raw_pty:
            argv = on_terminal(command)
        return await self._start(argv, LocalChannel(received))

    async def _start(self, argv: Sequence[str], channel: LocalChannel) -> LocalChannel:
        if self._closed.done():
            raise ConnectionLostError("the link was closed", node="local")
        try:
            await asyncio.get_running_loop().subprocess_exec(lambda: channel, *argv, start_new_session=True, cwd="/")
        except OSError as error:
            raise RefusedError(f"{argv[0]} cannot be run: {error.strerror}", node="local") from error
        self._channels.add(channel)
        channel.on_closed(lambda: self._channels.discard(channel))
        return channel

    async def run(
        self, argv: Sequence[str], *, timeout_seconds: float, sudo_password: Secret | None = None, pty: bool = False
    ) -> CommandResult:
        """Run a command to its end, without a shell but for a terminal's sake; see `Link.run`."""
        output = Output()
        sudo = SudoPassword(argv, sudo_password) if sudo_password is not None else None
        receive = sudo.watching(output.add) if sudo else output.add
        channel = LocalChannel(receive, receive)
        if sudo:
            sudo.talk(channel.write, refuse=channel.close, end_input=None if pty else channel.write_eof)
        words = executed(sudo.argv if sudo else argv)
        try:
            await self._start(on_terminal(shell_line(words)) if pty else words, channel)
        except RefusedError as error:
            return CommandResult(tuple(argv), 127, "", error.message)
        if sudo is None and not pty:
            channel.write_eof()
        try:
            async with asyncio.timeout(timeout_seconds):
                await channel.wait_closed()
        except TimeoutError:
            channel.close()
            raise DeadlineError(f"it did not end within {timeout_seconds:g} s", node="local") from None
        return result_of(argv, channel.exit_status, channel.exit_signal, output, sudo)

    async def open_unix_forward(self, host: str, port: int) -> str:
        """A unix socket in a 0700 folder that leads to host:port; its path."""
        known = self._forwards.get((host, port))
        if known is None:
            folder = Path(tempfile.mkdtemp(prefix="aen-tui-"))

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    far_reader, far_writer = await asyncio.open_connection(host, port)
                except OSError:
                    writer.close()
                    return
                self._forwarded.update((writer, far_writer))
                try:
                    async with asyncio.TaskGroup() as group:
                        group.create_task(_pump(reader, far_writer))
                        group.create_task(_pump(far_reader, writer))
                except asyncio.CancelledError:
                    return  # the loop ends: what asyncio calls afterwards takes a cancelled one for a fault
                finally:
                    self._forwarded.difference_update((writer, far_writer))

            server = await asyncio.start_unix_server(serve, folder / "socket")
            known = self._forwards[host, port] = (folder, server)
        return str(known[0] / "socket")

    async def wait_closed(self) -> str | None:
        """Wait until it is closed."""
        return await asyncio.shield(self._closed)

    async def wait_ended(self) -> None:
        """Wait until every process that was started has ended."""
        for channel in list(self._channels):
            await channel.wait_closed()

    def close(self) -> None:
        """Close it; idempotent."""
        if self._closed.done():
            return
        self._closed.set_result(None)
        for channel in list(self._channels):
            channel.close()
        for folder, server in self._forwards.values():
            server.close()
            shutil.rmtree(folder, ignore_errors=True)
        for writer in list(self._forwarded):
            writer.close()


def on_terminal(command: str) -> list[str]:
    """A shell line on a controlling terminal, for sudo's requiretty; script relays bytes between it and our pipes."""
    return ["script", "-qefc", command, "/dev/null"]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()

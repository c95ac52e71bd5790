"""A session on a node of the demo: a real process in the node's root folder, its pipes or terminal on the channel."""

# ruff: noqa: D102 - the callbacks are documented by asyncssh and asyncio

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Callable, Coroutine, Mapping

import asyncssh

from aen_tui.demo.lifeline import die_with_parent
from aen_tui.demo.plan import DemoNode

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def login_environment(node: DemoNode, user: str) -> dict[str, str]:
    """What a login on the node finds in its environment: nothing of this machine's but the zone."""
    return {
        "HOME": str(node.root / "home"),
        "LANG": "C.UTF-8",
        "LOGNAME": user,
        "PATH": f"{node.root}/usr/bin:{node.prefix}/bin:{_SYSTEM_PATH}",
        "PS1": f"[{user}@{node.name} demo]$ ",
        "SHELL": "/bin/sh",
        "USER": user,
        **{key: os.environ[key] for key in ("TZ",) if key in os.environ},
    }


class _Pipes(asyncio.SubprocessProtocol):
    """The process' side of a session."""

    def __init__(self, session: NodeShell) -> None:
        self._session = session

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        self._session.process_wrote(data, fd)

    def pause_writing(self) -> None:
        self._session.channel.pause_reading()

    def resume_writing(self) -> None:
        # Not at once: what was held back may end in an end of file, and the pipe's transport, still inside its own
        # write, would then close on a full buffer.
        asyncio.get_running_loop().call_soon(self._session.channel.resume_reading)

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.process_ended()


class _Terminal(asyncio.Protocol):
    """The master's side of a session's pseudo-terminal."""

    def __init__(self, session: NodeShell) -> None:
        self._session = session

    def data_received(self, data: bytes) -> None:
        self._session.process_wrote(data, 1)


class NodeShell(asyncssh.SSHServerSession[bytes]):
    """One exec or shell request; bytes both ways under flow control both ways.

    Args:
        node: where it runs.
        environment: of the process, beside what the client may set (nothing).
        start: runs a coroutine as a task of the demo.
        groups: process groups alive, to be ended with the demo; kept true here.
    """

    channel: asyncssh.SSHServerChannel[bytes]

    def __init__(
        self,
        node: DemoNode,
        environment: Mapping[str, str],
        start: Callable[[Coroutine[None, None, None]], object],
        groups: set[int],
    ) -> None:
        self._node = node
        self._environment = environment
        self._start = start
        self._groups = groups
        self._command: str | None = None
        self._size: tuple[int, int, int, int] | None = None
        self._early = bytearray()
        self._eof = False
        self._closed = False
        self._process: asyncio.SubprocessTransport | None = None
        self._input: asyncio.WriteTransport | None = None
        self._outputs: list[asyncio.ReadTransport] = []
        self._master: int | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = chan

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        self._size = term_size
        self._environment = {**self._environment, "TERM": term_type or "dumb"}
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        self._start(self._run())

    async def _run(self) -> None:
        argv = ["/bin/sh", "-i"] if self._command is None else ["/bin/sh", "-c", self._command]
        try:
            await (self._with_pipes(argv) if self._size is None else self._with_terminal(argv))
        except OSError as error:
            self.channel.write_stderr(f"demo: {error}\n".encode())
            self.channel.exit(126)
            return
        if self._closed:
            self._let_go()
            return
        if self._input and self._early:
            self._input.write(bytes(self._early))
            self._early.clear()
        if self._eof:
            self._end_input()

    async def _with_pipes(self, argv: list[str]) -> None:
        process = await self._spawn(argv, asyncio.subprocess.PIPE, None)
        stdin = process.get_pipe_transport(0)
        assert isinstance(stdin, asyncio.WriteTransport)
        self._input = stdin
        self._outputs = [
            pipe for fd in (1, 2) if isinstance(pipe := process.get_pipe_transport(fd), asyncio.ReadTransport)
        ]

    async def _with_terminal(self, argv: list[str]) -> None:
        loop = asyncio.get_running_loop()
        master, slave = pty.openpty()
        self._master = master
        try:
            self.terminal_size_changed(*(self._size or (80, 24, 0, 0)))
            await self._spawn(argv, slave, slave)
        finally:
            os.close(slave)
        reader, _ = await loop.connect_read_pipe(lambda: _Terminal(self), os.fdopen(master, "rb", 0))
        self._input, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(os.dup(master), "wb", 0))
        self._outputs = [reader]

    async def _spawn(self, argv: list[str], stdin: int, terminal: int | None) -> asyncio.SubprocessTransport:
        parent = os.getpid()

        def in_child() -> None:
            die_with_parent(signal.SIGKILL, parent)
            if terminal is not None:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        output = asyncio.subprocess.PIPE if terminal is None else terminal
        process, _ = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Pipes(self), *argv, stdin=stdin, stdout=output, stderr=output, cwd=self._node.root,
            env=dict(self._environment), start_new_session=True, preexec_fn=in_child,
        )  # fmt: skip
        self._process = process
        self._groups.add(process.get_pid())
        return process

    def process_wrote(self, data: bytes, fd: int) -> None:
        """Output of the process, 2 for standard error."""
        if not self._closed:
            self.channel.write(data, asyncssh.EXTENDED_DATA_STDERR if fd == 2 else None)

    def process_ended(self) -> None:
        """The process is gone and its pipes are read to their ends."""
        assert self._process is not None
        self._groups.discard(self._process.get_pid())
        status = self._process.get_returncode() or 0
        if self._closed:
            return
        if status < 0:
            self.channel.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            self.channel.exit(status)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._input is None:
            self._early += data
        else:
            self._input.write(data)

    def eof_received(self) -> bool:
        self._eof = True
        if self._input is not None:
            self._end_input()
        return True

    def _end_input(self) -> None:
        assert self._input is not None
        if self._master is None:
            self._input.close()
        else:
            self._input.write(b"\x04")

    def pause_writing(self) -> None:
        for pipe in self._outputs:
            pipe.pause_reading()

    def resume_writing(self) -> None:
        for pipe in self._outputs:
            pipe.resume_reading()

    def signal_received(self, signal: str) -> None:
        self._signal(signal)

    def break_received(self, msec: int) -> bool:
        self._signal("INT")
        return True

    def _signal(self, name: str) -> None:
        number = getattr(signal, f"SIG{name}", None)
        if self._process is not None and self._process.get_returncode() is None and number is not None:
            os.killpg(self._process.get_pid(), number)

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        if self._master is not None:
            size = struct.pack("HHHH", height, width, pixwidth, pixheight)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._let_go()

    def _let_go(self) -> None:
        """As sshd does: end of input and closed pipes, a hang-up only where there is a terminal."""
        if self._master is not None:
            self._signal("HUP")
        for pipe in self._outputs:
            pipe.close()
        if self._input is not None:
            self._input.abort()

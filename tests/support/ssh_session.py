"""The server's side of a session channel that really runs its command: a process with pipes, flow control both ways."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import asyncssh


class ProcessSession(asyncssh.SSHServerSession[bytes]):
    """Runs `/bin/sh -c COMMAND`; the process group ends with the channel.

    Args:
        cwd: the process's folder.
        environment: its variables.
    """

    def __init__(self, cwd: Path, environment: Mapping[str, str]) -> None:
        self._cwd = cwd
        self._environment = environment
        self._chan: asyncssh.SSHServerChannel[bytes] | None = None
        self._process: asyncio.SubprocessTransport | None = None
        self._task: asyncio.Task[None] | None = None
        self._command = ""
        self._early: list[bytes | None] = []
        self.over = asyncio.Event()
        """Set when the process has ended, or none was started."""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._chan = chan

    def pty_requested(self, term_type: str, term_size: object, term_modes: object) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._start())

    async def _start(self) -> None:
        if self._chan is None:
            self.over.set()
            return
        transport, _ = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Pipes(self),
            "/bin/sh",
            "-c",
            self._command,
            cwd=self._cwd,
            env=dict(self._environment),
            start_new_session=True,
        )
        self._process = transport
        if self._chan is None:
            self._kill()
        for data in self._early:
            self._give(data)

    def _give(self, data: bytes | None) -> None:
        if self._process is None:
            self._early.append(data)
            return
        stdin = cast(asyncio.WriteTransport, self._process.get_pipe_transport(0))
        if stdin.is_closing():
            return
        if data is None:
            stdin.close()
        else:
            stdin.write(data)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self._give(data)

    def eof_received(self) -> bool:
        self._give(None)
        return True

    def pause_writing(self) -> None:
        self._each_output("pause_reading")

    def resume_writing(self) -> None:
        self._each_output("resume_reading")

    def _each_output(self, method: str) -> None:
        for fd in (1, 2):
            pipe = self._process.get_pipe_transport(fd) if self._process else None
            if pipe is not None and not pipe.is_closing():
                getattr(pipe, method)()

    def connection_lost(self, exc: Exception | None) -> None:
        self._chan = None
        self._kill()

    def _kill(self) -> None:
        if self._process is not None and self._process.get_returncode() is None:
            os.killpg(self._process.get_pid(), signal.SIGKILL)

    def output(self, fd: int, data: bytes) -> None:
        """The process has written."""
        if self._chan is not None and not self._chan.is_closing():
            self._chan.write(data, None if fd == 1 else asyncssh.EXTENDED_DATA_STDERR)

    def ended(self) -> None:
        """The process has ended and its pipes are empty."""
        if self._process is not None:
            self._process.close()
        self.over.set()
        if self._process is None or self._chan is None or self._chan.is_closing():
            return
        status = self._process.get_returncode() or 0
        if status < 0:
            self._chan.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            self._chan.exit(status)


class _Pipes(asyncio.SubprocessProtocol):
    def __init__(self, session: ProcessSession) -> None:
        self._session = session

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._session.output(fd, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.ended()

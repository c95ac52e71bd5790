"""One line read from a terminal without a thread, so that ^C ends the wait at once."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_LIMIT_BYTES = 4096


async def ask(question: str, stdin: TextIO, stderr: TextIO) -> str:
    """Ask, and read the answer's line; what was typed before the question was shown does not count.

    Returns:
        The line without blanks around it; empty at the end of input.
    """
    return (await _line(question, stdin.fileno(), stderr)).decode("utf-8", "replace").strip()


async def ask_masked(question: str, stdin: TextIO, stderr: TextIO) -> str:
    """Ask for what nobody may read over a shoulder; the terminal echoes again afterwards, however it ends.

    Returns:
        The line as it was typed; empty at the end of input.
    """
    handle = stdin.fileno()
    with _without_echo(handle):
        try:
            return (await _line(question, handle, stderr)).decode("utf-8", "replace")
        finally:
            stderr.write("\n")
            stderr.flush()


@contextmanager
def _without_echo(handle: int) -> Iterator[None]:
    before = termios.tcgetattr(handle)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(handle, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


async def _line(question: str, handle: int, stderr: TextIO) -> bytes:
    termios.tcflush(handle, termios.TCIFLUSH)
    stderr.write(question)
    stderr.flush()
    loop = asyncio.get_running_loop()
    line: asyncio.Future[bytes] = loop.create_future()
    got = bytearray()

    def readable() -> None:
        data = os.read(handle, _LIMIT_BYTES)
        got.extend(data)
        if not line.done() and (not data or b"\n" in got or len(got) > _LIMIT_BYTES):
            line.set_result(bytes(got))

    loop.add_reader(handle, readable)
    try:
        answer = await line
    finally:
        loop.remove_reader(handle)
    return answer.split(b"\n")[0]

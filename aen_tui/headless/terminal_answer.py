"""One line read from a terminal without a thread, so that ^C ends the wait at once."""

from __future__ import annotations

import asyncio
import os
import termios
from typing import TextIO

_LIMIT_BYTES = 4096


async def ask(question: str, stdin: TextIO, stderr: TextIO) -> str:
    """Ask, and read the answer's line; what was typed before the question was shown does not count.

    Returns:
        The line without blanks around it; empty at the end of input.
    """
    handle = stdin.fileno()
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
    return answer.split(b"\n")[0].decode("utf-8", "replace").strip()

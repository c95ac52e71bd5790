"""A program on a pseudo-terminal, read without drawing: what counts is when a text was written to the screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

KEPT_BYTES = 4 << 20
ANSWERS = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?(\d+)\$p"), b"\x1b[?%s;0$y"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
)
"""What a terminal answers when it is asked: synchronised output it has, other modes it does not know."""


class NotSeenError(Exception):
    """The text did not come to the screen in time; the message ends with what did."""


class Terminal:
    """A program under a pty that is its controlling terminal; a context manager that ends it and what it started."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        folder: Path | None = None,
    ) -> None:
        self.fd, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._ready = threading.Condition()
        self._kept = bytearray()
        self._dropped = 0
        """Bytes that came before `_kept`."""
        self._times: deque[tuple[int, float]] = deque()
        """Offset of each chunk's end → monotonic seconds at which it was read."""
        self.is_ended = False
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            # A session leader that opens a terminal gets it as its own: no Python runs between fork and exec.
            ["sh", "-c", ': <>"$0"; exec "$@"', os.ttyname(slave), *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **env},
            cwd=folder,
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    @property
    def written(self) -> int:
        """Bytes that the program has written so far; a place for `since`."""
        return self._dropped + len(self._kept)

    def send(self, keys: str) -> float:
        """Types keys; monotonic seconds of just before."""
        at = time.monotonic()
        os.write(self.fd, keys.encode())
        return at

    def wait_for(self, text: str | re.Pattern[bytes], *, seconds: float = 20, since: int = 0) -> float:
        """Monotonic seconds at which the text, unbroken by a control sequence, was read.

        Raises:
            NotSeenError: it did not come in time, or the program ended before.
        """
        pattern = text if isinstance(text, re.Pattern) else re.compile(re.escape(text.encode()))
        deadline = time.monotonic() + seconds
        scanned = since
        with self._ready:
            while True:
                start = max(0, scanned - self._dropped)
                if match := pattern.search(self._kept, start):
                    return self._time_of(self._dropped + match.end())
                scanned = max(since, self.written - 200)
                left = deadline - time.monotonic()
                if left <= 0 or self.is_ended or not self._ready.wait(left):
                    raise NotSeenError(f"{pattern.pattern!r} in {seconds} s; last: {bytes(self._kept[-600:])!r}")

    def next_output(self, *, seconds: float = 5, since: int) -> float:
        """Monotonic seconds of the first byte written after `since`."""
        return self.wait_for(re.compile(rb"[^\0]", re.DOTALL), seconds=seconds, since=since)

    def output(self, since: int = 0) -> bytes:
        """What was written after `since`, of the last 4 MiB."""
        with self._ready:
            return bytes(self._kept[max(0, since - self._dropped) :])

    def quiet(self, seconds: float, *, at_most: float = 10) -> None:
        """Returns once nothing was written for that long."""
        deadline = time.monotonic() + at_most
        with self._ready:
            while time.monotonic() < deadline and self._ready.wait(seconds):
                pass

    def close(self) -> None:
        """Ends the session: hangup, then SIGKILL to its process group."""
        for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._reader.join(5)
        with contextlib.suppress(OSError):
            os.close(self.fd)

    def _time_of(self, offset: int) -> float:
        return next((at for end, at in self._times if end >= offset), time.monotonic())

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self.fd, 1 << 16)
            except OSError:
                chunk = b""  # EIO: nobody has the other side open any more
            at = time.monotonic()
            with self._ready:
                self.is_ended = not chunk
                self._kept += chunk
                self._times.append((self.written, at))
                if len(self._kept) > 2 * KEPT_BYTES:
                    self._dropped += len(self._kept) - KEPT_BYTES
                    del self._kept[:-KEPT_BYTES]
                    while self._times and self._times[0][0] <= self._dropped:
                        self._times.popleft()
                self._ready.notify_all()
            if not chunk:
                return
            self._answer(chunk)

    def _answer(self, chunk: bytes) -> None:
        if b"$p" not in chunk and b"c" not in chunk and b"6n" not in chunk:
            return
        asked = chunk
        for pattern, answer in ANSWERS:
            for match in pattern.finditer(asked):
                with contextlib.suppress(OSError):
                    os.write(self.fd, answer % match.groups() if pattern.groups else answer)
            asked = pattern.sub(b"", asked)

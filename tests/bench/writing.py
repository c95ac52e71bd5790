"""Log lines as wk-server writes them, and their writer."""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime
from types import TracebackType
from typing import Self

from tests.lab.machine import LabNode

ACTIONS = ("GET /api/projects", "GET /alice/analysis/files", "POST /api/session", "GET /static/app.css", "PUT /api/acl")
LETTERS = "bcdfghjklmnpqrstvwxz"


def word() -> str:
    """A word that no line had before, and that shares no run of characters with the one before."""
    return "zq" + "".join(random.choices(LETTERS, k=10))


def line(text: str, *, at: datetime | None = None) -> str:
    """One line, about 100 bytes with an ordinary text."""
    at = at or datetime.now()
    return f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} INFO wk_server.app: {text}\n"


def block(count: int, first: int = 0, *, last_word: str = "") -> bytes:
    """Ordinary lines of now; the last one ends with `last_word`."""
    start = line("")[:-1]
    body = [
        f"{start}198.18.0.{n % 200} {ACTIONS[n % 5]} 200 {n % 977}ms request={n:08d}\n"
        for n in range(first, first + count - 1)
    ]
    return "".join([*body, f"{start}198.18.0.1 GET /status 200 {last_word}\n"]).encode()


class Load:
    """Lines a second to a node's file from a thread, until left."""

    def __init__(self, node: LabNode, path: str, lines_per_second: int) -> None:
        self._node, self._path, self._rate = node, path, lines_per_second
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self.written = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        began = time.monotonic()
        with self._node.path(self._path).open("ab", buffering=0) as file:
            while not self._over.wait(0.02):
                due = int((time.monotonic() - began) * self._rate) - self.written
                file.write(block(due, self.written))
                self.written += due

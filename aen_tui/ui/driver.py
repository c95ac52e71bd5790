"""Textual's driver on a terminal that may go away at any moment, with or without a word.

Textual's writing thread dies of the first write that fails; what paints then fills its queue and waits
for ever, with the loop and every signal behind it. Here output to a terminal that is gone is dropped, and we
tell ourselves SIGHUP, which a terminal does not always send (setsid(1), `kill -9` of a multiplexer).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from io import TextIOWrapper
from typing import IO, Any, cast

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver


class Outlet:
    """A terminal's file: writes that fail are dropped, the first of them is told.

    Args:
        file: where text goes.
        gone: called once, in the thread that writes.
    """

    def __init__(self, file: IO[str], gone: Callable[[], object]) -> None:
        self._file = file
        self._gone = gone
        self._is_gone = False

    def fileno(self) -> int:
        """The terminal's number."""
        return self._file.fileno()

    def write(self, text: str) -> int:
        """Write text, or drop it."""
        self._try(lambda: self._file.write(text))
        return len(text)

    def flush(self) -> None:
        """Have it written, or drop it."""
        self._try(self._file.flush)

    def _try(self, act: Callable[[], object]) -> None:
        if self._is_gone:
            return
        try:
            act()
        except OSError:
            self._is_gone = True
            self._gone()


class TerminalDriver(LinuxDriver):
    """Textual's, with an outlet that survives its terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file = cast(TextIOWrapper, Outlet(cast(IO[str], self._file), _hang_up))


def _hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


def surviving(driver: type[Driver]) -> type[Driver]:
    """This driver, or ours where it is Textual's for a terminal."""
    return TerminalDriver if driver is LinuxDriver else driver

"""SIGCONT comes also where nothing was stopped: Textual's answer to it must not start the screen twice.

A terminal that closes sends SIGHUP and then SIGCONT to its foreground group (setpgid(2), credentials(7)).
Textual starts its input thread on every SIGCONT; a second one beside the first is never ended, keeps the
process alive and reads a dead terminal at full speed. So only a SIGCONT after a SIGTSTP is passed on.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any]


def continue_only_what_was_stopped(was_stopped_by_others: Callable[[], object]) -> None:
    """Put ourselves before the handlers that Textual's driver has set; call it once the screen is there.

    Args:
        was_stopped_by_others: called on a SIGCONT without a SIGTSTP (kill -STOP): paint anew.
    """
    stop, go_on = signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGCONT)
    if not callable(stop) or not callable(go_on):
        return
    stopped: list[bool] = []

    def on_stop(number: int, frame: FrameType | None) -> None:
        stopped.append(True)
        stop(number, frame)

    def on_continue(number: int, frame: FrameType | None) -> None:
        if stopped:
            stopped.clear()
            go_on(number, frame)
        else:
            was_stopped_by_others()

    signal.signal(signal.SIGTSTP, on_stop)
    signal.signal(signal.SIGCONT, on_continue)

"""How a process of the demo ends when the one that started it is gone, however that went."""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Ask the kernel for a signal at the death of the parent; leave at once where it is dead already.

    The kernel means the thread that forked, so the parent must have forked in its main thread.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)

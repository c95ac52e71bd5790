"""Starts the demo's daemons: imports supervisor once and forks one for each configuration; runs nginx's stand-in.

`python -m aen_tui.demo.forkserver` reads argument lists from standard input, one JSON list a line; the program
`supervisord` is the imported one. Its end is theirs: when standard input ends it ends them all, and when it is killed
the kernel sends each a SIGTERM.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time

from supervisor import supervisord

from aen_tui.demo.lifeline import die_with_parent

PATIENCE_SECONDS = 4.0
"""supervisord itself waits up to ten seconds for a program; a stand-in leaves at once."""


def main() -> None:
    """Serve until standard input ends."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # the children's collector leaves the shared pages alone
    children: set[int] = set()
    held = os.pipe()
    poll = select.poll()
    poll.register(0, select.POLLIN)
    rest = b""
    while True:
        if poll.poll(1000):
            chunk = os.read(0, 65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            children.update(_fork(json.loads(line), held) for line in lines)
        _reap(children)
    _end(children)


def _fork(argv: list[str], held: tuple[int, int]) -> int:
    """Start a daemon; `held` is a pipe whose reading end is its standard input, and whose writing end only we keep."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        die_with_parent(signal.SIGTERM, parent)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(held[0], 0)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (1, 2):
            os.dup2(null, fd)
        for fd in (*held, null):
            os.close(fd)
        if argv[0] == "supervisord":
            sys.argv = argv
            supervisord.main(argv[1:])
        else:
            os.execv(argv[0], argv)  # noqa: S606 # no shell is meant
    finally:
        os._exit(0)


def _reap(children: set[int]) -> None:
    while children:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            children.clear()
            return
        if pid == 0:
            return
        children.discard(pid)


def _end(children: set[int]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in children:
            os.kill(pid, number)
        while children and (time.monotonic() < deadline or number == signal.SIGKILL):
            _reap(children)
            time.sleep(0.02)


if __name__ == "__main__":
    main()

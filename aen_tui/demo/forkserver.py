"""Starts the demo's daemons: imports supervisor once and forks one for each configuration; runs the stand-ins.

`python -m aen_tui.demo.forkserver` reads nodes from standard input, one a line: a JSON list of the path of a fifo that
it makes there, and of the node's daemons, NAME -> argument list; the program `supervisord` is the imported one. All of
a node's daemons are started at once. Later its init scripts write `start NAME`, `stop NAME` or `reload NAME` into the
fifo, a line each: what is run is what standard input said, whatever else comes through a fifo is nothing.

Its end is theirs: when standard input ends it ends them all, and when it is killed the kernel sends each a SIGTERM.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Mapping

from supervisor import supervisord

from aen_tui.demo.lifeline import die_with_parent

PATIENCE_SECONDS = 4.0
"""supervisord itself waits up to ten seconds for a program; a stand-in leaves at once."""

_SIGNALS = {b"stop": signal.SIGTERM, b"reload": signal.SIGHUP}


class Daemons:
    """Those of all nodes, every one a child of this process."""

    def __init__(self) -> None:
        self.fifos: dict[int, Mapping[str, list[str]]] = {}
        """Descriptor of a node's fifo -> what may be started there."""
        self.pids: dict[tuple[int, str], int] = {}
        """Fifo and name -> pid. Who is in here is not reaped yet, so that no other process has its pid."""
        self._held = os.pipe()
        """The children's standard input, and the end of it that only this process keeps."""
        self.woken, self._wakes = os.pipe()
        """Readable where a child has ended."""
        for fd in (self.woken, self._wakes):
            os.set_blocking(fd, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)

    def add(self, fifo: str, known: Mapping[str, list[str]]) -> int:
        """Start a node's daemons, and listen for its scripts on the descriptor returned."""
        os.mkfifo(fifo, 0o600)
        fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)  # for both, so that it never ends
        self.fifos[fd] = known
        for name in known:
            self._start(fd, name)
        return fd

    def obey(self, fd: int) -> None:
        """Do what scripts have written; a pipe holds no more than is read here."""
        for line in os.read(fd, 65536).splitlines():
            verb, _, word = line.partition(b" ")
            name = word.decode("utf-8", "replace")
            pid = self.pids.get((fd, name))
            if pid is not None and verb in _SIGNALS:
                os.kill(pid, _SIGNALS[verb])
            elif pid is None and verb == b"start" and name in self.fifos[fd]:
                self._start(fd, name)

    def reap(self) -> None:
        """Forget who has ended."""
        names = {pid: key for key, pid in self.pids.items()}
        while self.pids:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            del self.pids[names[pid]]

    def end(self) -> None:
        """End them all."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.pids.values():
                os.kill(pid, number)
            while self.pids and (time.monotonic() < deadline or number == signal.SIGKILL):
                self.reap()
                time.sleep(0.02)

    def _start(self, fd: int, name: str) -> None:
        argv, parent = self.fifos[fd][name], os.getpid()
        child = os.fork()
        if child:
            self.pids[fd, name] = child
            return
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            die_with_parent(signal.SIGTERM, parent)
            os.dup2(self._held[0], 0)
            null = os.open(os.devnull, os.O_RDWR)
            for standard in (1, 2):
                os.dup2(null, standard)
            for private in (*self._held, self.woken, self._wakes, *self.fifos, null):
                os.close(private)
            if argv[0] == "supervisord":
                sys.argv = argv
                supervisord.main(argv[1:])
            else:
                os.execv(argv[0], argv)  # noqa: S606 # no shell is meant
        finally:
            os._exit(0)


def main() -> None:
    """Serve until standard input ends."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # the children's collector leaves the shared pages alone
    daemons = Daemons()
    poll = select.poll()
    for fd in (0, daemons.woken):
        poll.register(fd, select.POLLIN)
    rest = b""
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if daemons.woken in ready:
            os.read(daemons.woken, 4096)
        daemons.reap()
        if 0 in ready:
            chunk = os.read(0, 65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                poll.register(daemons.add(*json.loads(line)), select.POLLIN)
        for fd in ready & daemons.fifos.keys():
            daemons.obey(fd)
    daemons.end()


if __name__ == "__main__":
    main()

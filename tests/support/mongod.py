"""A real mongod 2.6.10 of this machine, on a port of its own, for as long as a block runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lab import fetched
from tests.lab.waiting import until
from tests.support.ports import free_port

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import pymongo


class Mongod:
    """One daemon and its data; `root` is the node's, so that its log lies where the package puts it."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        self.port = free_port()
        self.data = root / "data"
        self.log = root / "var/log/mongodb/mongod.log"
        self.data.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: list[threading.Thread] = []

    def start(self) -> None:
        self.spawn()
        until(self._listens, "mongod to listen", seconds=60)

    def spawn(self) -> None:
        journal = () if "--journal" in self._options else ("--nojournal",)
        self._process = subprocess.Popen(
            [
                fetched.mongod(), "--dbpath", self.data, "--port", str(self.port), "--bind_ip", "127.0.0.1",
                "--smallfiles", "--noprealloc", *journal, "--nounixsocket", "--logpath", self.log, "--logappend",
                *self._options,
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _listens(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def restart(self, *options: str) -> None:
        """It ends as it should, and comes back with other options."""
        self.signal(signal.SIGTERM)
        self.wait_ended()
        self._options = options
        self.start()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def wait_ended(self) -> None:
        self.process.wait(60)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def freeze(self) -> None:
        """Stop it as a debugger does: its port takes connections, and nothing answers."""
        self.signal(signal.SIGSTOP)
        threads = Path(f"/proc/{self.process.pid}/task")

        def is_still() -> bool:
            return all((one / "stat").read_text().rpartition(")")[2].split()[0] == "T" for one in threads.iterdir())

        until(is_still, "mongod to stand still", seconds=60)

    def stop(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGCONT)
            self._process.kill()
        self._process.wait(60)
        for thread in self._waiting:
            thread.join(60)

    @contextmanager
    def client(self, **options: Any) -> Iterator[Any]:
        """An ordinary client, as wk-server is one."""
        found = pymongo.MongoClient("127.0.0.1", self.port, directConnection=True, **options)
        try:
            yield found
        finally:
            found.close()

    def write_in_background(self) -> None:
        """A writer that may have to wait."""

        def write() -> None:
            try:
                with self.client() as client:
                    client.wakari.projects.insert_one({"late": 1})
            except pymongo.errors.PyMongoError:
                pass  # killed while it waited

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        self._waiting.append(thread)


@contextmanager
def running(root: Path, *options: str) -> Iterator[Mongod]:
    """A mongod that has started; killed at the end."""
    daemon = Mongod(root, *options)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()

"""A node from its launch to its end, as seen through the pipes of its pid 1."""

from __future__ import annotations

import json
import selectors
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.lab.errors import LabError
from tests.lab.requirements import NODE_PYTHON
from tests.lab.topology import Place
from tests.lab.variants import Variant

INIT = Path(__file__).with_name("node") / "init.py"
START_SECONDS = 200
END_SECONDS = 60
UNSHARE = [
    "unshare",
    "--mount",
    "--net",
    "--uts",
    "--ipc",
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "--propagation=private",
]


@dataclass(slots=True)
class BootingNode:
    """The launcher of one node; it lives as long as the node."""

    place: Place
    variant: Variant
    process: subprocess.Popen[bytes]
    output: Path
    """Where the standard error of its pid 1 goes."""

    @classmethod
    def launch(cls, place: Place, variant: Variant, output: Path) -> Self:
        """Makes the namespaces and pid 1, which then waits for its specification.

        A session of its own: ^C goes to the tests, and they end the nodes.
        """
        with output.open("wb") as errors:
            process = subprocess.Popen(
                [*UNSHARE, str(NODE_PYTHON), "-ISsu", str(INIT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,  # else a read takes more than asked into a buffer that select does not see
                start_new_session=True,
            )
        return cls(place, variant, process, output)

    def send(self, line: str) -> None:
        """One line to pid 1."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def read_pid(self) -> int:
        """The outer number of pid 1."""
        return int(self._read("pid"))

    def wait_until_ready(self) -> None:
        """Returns when the node's services are up.

        Raises:
            LabError: they are not, with what pid 1 said.
        """
        self._read("ready")

    def end(self) -> None:
        """Tells pid 1 to go, and the kernel to end everything else in the node."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with suppress(BrokenPipeError):  # it is gone already
            self.process.stdin.close()

    def wait_for_end(self) -> None:
        """Returns when no process of the node is left."""
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # --kill-child takes pid 1 along
            self.process.wait(END_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self, key: str) -> Any:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            deadline = time.monotonic() + START_SECONDS
            line = b""
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise LabError(f"{self.place.name}: nothing heard for {START_SECONDS} s; {self._complaint()}")
                byte = self.process.stdout.read(1)
                if not byte:
                    raise LabError(f"{self.place.name}: ended while starting; {self._complaint()}")
                line += byte
        message = json.loads(line)
        if key not in message:
            raise LabError(f"{self.place.name}: {message.get('error', message)}; {self._complaint()}")
        return message[key]

    def _complaint(self) -> str:
        return self.output.read_text(errors="replace")[-2000:] or "it printed nothing"

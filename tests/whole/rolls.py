"""Rolling `do` on real nodes: started, read line by line, killed; and a compute that does not stay up."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.lab.lab import Lab
from tests.lab.machine import LabNode

COMPUTE = "/opt/wakari/wakari-compute/bin/wk-compute"
KEPT = "/opt/wakari/wakari-compute/bin2/wk-compute"
_LINGERS = f"""#!/bin/sh
{KEPT} & child=$!
trap 'kill $child; exit 0' TERM
(sleep 5; kill $child) &
wait $child
exit 3
"""
"""Comes up, answers, and dies after five seconds."""


class Running:
    """A `do` on its way.

    Args:
        inventory: the lab's.
        words: after `do`.
    """

    def __init__(self, inventory: Path, *words: str) -> None:
        argv = [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), "do", *words, "--json"]
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.events: list[dict[str, Any]] = []
        self._err: list[str] = []
        self._heard = threading.Condition()
        self._reader = threading.Thread(target=self._read_err)
        self._reader.start()

    def _read_err(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                with self._heard:
                    self._err.append(line)
                    self._heard.notify_all()

    def until_said(self, word: str) -> None:
        """Wait for a word on stderr."""
        with self._heard:
            assert self._heard.wait_for(lambda: word in self.err, timeout=120), self.err

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read events until one is wanted."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            if wanted(self.events[-1]):
                return self.events[-1]
        raise AssertionError(f"it ended before that: {self.events}, {self.err}")

    def end(self) -> int:
        """Read to the end; the exit code."""
        assert self.process.stdout is not None
        self.events += [json.loads(line) for line in self.process.stdout]
        code = self.process.wait(timeout=120)
        self._reader.join()
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        """As `kill -9` does it."""
        self.process.send_signal(signal.SIGKILL)
        self.end()

    @property
    def err(self) -> str:
        return "".join(self._err)

    def order(self) -> list[list[str]]:
        """Nodes by batch, as planned."""
        found: dict[int, list[str]] = {}
        for event in self.events:
            if event["event"] == "planned":
                found.setdefault(event["batch"], []).append(event["node"])
        return list(found.values())

    def of(self, name: str) -> list[tuple[str, str]]:
        """Node and result of each event of a name."""
        return [(event["node"], event["result"]) for event in self.events if event["event"] == name]


def last_planned(event: Mapping[str, Any]) -> bool:
    """The plan is known."""
    return bool(event["event"] == "planned" and event["member"] == event["members"])


def pids(lab: Lab, prefix: str = "compute", program: str = "wk-compute") -> dict[str, int]:
    """Pid of a program on each node whose name begins so."""
    return {name: node.supervisor_pid(program) for name, node in lab.nodes.items() if name.startswith(prefix)}


def lingering(node: LabNode) -> AbstractContextManager[None]:
    """The compute's program comes up and dies some seconds later, from its next start on."""
    return behaving(node, _LINGERS)


@contextlib.contextmanager
def behaving(node: LabNode, text: str) -> Iterator[None]:
    """The compute's program is this script, from its next start on; the real one stands at `KEPT`."""
    script = node.path(COMPUTE).read_text()
    node.path(KEPT).parent.mkdir(exist_ok=True)
    node.path(KEPT).write_text(script)
    node.path(KEPT).chmod(0o755)
    node.path(COMPUTE).write_text(text)
    try:
        yield
    finally:
        node.path(COMPUTE).write_text(script)
        node.run(
            ["runuser", "-u", "wakari", "--", "/opt/wakari/wakari-compute/bin/supervisorctl", "restart", "wk-compute"]
        )

"""A small demo for the tests of this folder, spoken to with the machine's own OpenSSH."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aen_tui.demo.launch import installation
from aen_tui.demo.options import DemoOptions


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The condition's first true value; a failure after the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


@dataclass(frozen=True)
class Demo:
    inventory: Path

    @property
    def folder(self) -> Path:
        return self.inventory.parent

    @property
    def tables(self) -> dict[str, Any]:
        return tomllib.loads(self.inventory.read_text())

    def root(self, node: str) -> Path:
        return Path(self.tables["node"][node]["root"])

    def ssh(self, node: str, command: str, *options: str, before: Sequence[str] = (), stdin: bytes = b""):
        argv = [*before, "ssh", "-F", str(self.folder / "ssh_config"), "-o", "BatchMode=yes", *options, node, command]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            # no pipes: what ssh leaves behind, as the ssh that it jumps with, would hold them open
            done = subprocess.run(argv, input=stdin, stdout=out, stderr=err, timeout=120, check=False)
            said = [file.read() for file in (out, err) if not file.seek(0)]
        return subprocess.CompletedProcess(argv, done.returncode, *said)

    def get(self, url: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def document(self, center: int = 0) -> dict[str, Any]:
        url = self.tables["data_center"][center]["gateway_url"] + "/status"
        try:
            document: dict[str, Any] = json.loads(self.get(url)[1])
        except urllib.error.URLError as error:  # nothing listens there yet
            return {"status": str(error.reason)}
        return document


needs_ssh = pytest.mark.skipif(shutil.which("ssh") is None, reason="OpenSSH's client is not installed")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    options = DemoOptions(computes=2, gateways=1, turns_bad_after_seconds=2)
    with installation(options) as inventory:
        yield Demo(inventory)

"""39: no core file, not to be read by others, files for the user alone, secrets in neither argv nor environment."""

from __future__ import annotations

import subprocess
import sys

from tests.operations.conftest import NodeProcess

CODE = """
import ctypes
from aen_tui.diagnostics import harden_process
libc = ctypes.CDLL(None)
before = libc.prctl(3, 0, 0, 0, 0)
harden_process()
print(before, libc.prctl(3, 0, 0, 0, 0))
"""


def test_the_running_program(watcher: subprocess.Popen[bytes]) -> None:
    process = NodeProcess(watcher.pid)
    assert process.limit("Max core file size") == "0"
    assert process.status("Umask") == "0077"


def test_it_is_not_dumpable() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "0"]

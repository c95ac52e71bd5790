"""11: what runs on a node is small, niced, and cannot outlive its purpose."""

from __future__ import annotations

import os
import signal
import subprocess

from tests.lab.lab import Lab
from tests.operations.conftest import own_probes


def test_limits_and_backstop(lab: Lab, watcher: subprocess.Popen[bytes]) -> None:
    for node in lab.nodes.values():
        for process in own_probes(node):
            assert process.limit("Max core file size") == "0"
            assert process.limit("Max open files") == "256"
            assert process.limit("Max address space") == str(1 << 30)
            assert process.nice == 10 + os.nice(0)
            # SIGALRM ends it: neither caught nor ignored.
            bit = 1 << (signal.SIGALRM - 1)
            assert not int(process.status("SigCgt"), 16) & bit
            assert not int(process.status("SigIgn"), 16) & bit

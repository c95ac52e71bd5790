"""6: what an action starts does not inherit the probe's niceness."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.lab.lab import Lab
from tests.operations.conftest import NodeProcess, own_probes
from tests.whole.test_status import command


def test_a_restarted_daemon_has_the_machines_own_niceness(
    lab: Lab, inventory_file: Path, watcher: subprocess.Popen[bytes]
) -> None:
    node = lab.nodes["aen-server"]
    own = os.nice(0)  # a run of tests may be niced itself, and the lab is its child
    assert {process.nice for process in own_probes(node)} == {10 + own}
    done = command(inventory_file, "do", "restart", "aen-server/nginx", "--yes")
    assert done.returncode == 0, done.stdout
    daemons = [NodeProcess(pid) for pid, name in node.processes().items() if name == "nginx"]
    assert daemons
    assert {process.nice for process in daemons} == {own}
    assert {process.limit("Max core file size") for process in daemons} == {
        NodeProcess(node.pid).limit("Max core file size")
    }

"""6: what an action starts does not inherit the probe's niceness."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.lab.lab import Lab
from tests.operations.conftest import NodeProcess, probes
from tests.whole.test_status import command


def test_a_restarted_daemon_has_the_machines_own_niceness(
    lab: Lab, inventory_file: Path, watcher: subprocess.Popen[bytes]
) -> None:
    node = lab.nodes["aen-server"]
    assert {process.nice for process in probes(node)} == {10}
    done = command(inventory_file, "do", "restart", "aen-server/nginx", "--yes")
    assert done.returncode == 0, done.stdout
    daemons = [NodeProcess(pid) for pid, name in node.processes().items() if name == "nginx"]
    assert daemons
    assert {process.nice for process in daemons} == {0}
    assert {process.limit("Max core file size") for process in daemons} == {
        NodeProcess(node.pid).limit("Max core file size")
    }

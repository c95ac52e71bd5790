"""10: disks as df counts them, with filesystem and whether they may be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aen_tui.sources import host_metrics
from aen_tui.sources.frames import DiskRow
from tests.lab.lab import Lab
from tests.whole.test_status import command


def test_as_df_and_read_only(lab: Lab, inventory_file: Path) -> None:
    node = lab.nodes["compute1-2"]
    assert node.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", "/projects"]).returncode == 0
    try:
        node.run(["dd", "if=/dev/zero", "of=/projects/x", "bs=1024", "count=700"])
        assert node.run(["mount", "-o", "remount,ro", "/projects"]).returncode == 0
        done = command(inventory_file, "status", "compute1-2", "--json", "--wait", "60")
        (shown,) = json.loads(done.stdout)["nodes"]
        table = node.run(["df", "-P", "-B1", "/projects", "/"]).stdout.splitlines()[1:]
    finally:
        node.run(["umount", "/projects"])
    disks = {disk["mount"]: disk for disk in shown["metrics"]["disks"]}
    _, total, used, available, percent, _ = table[0].split()
    projects = disks["/projects"]
    assert (projects["filesystem"], projects["read_only"]) == ("tmpfs", True)
    assert (projects["total_bytes"], projects["used_bytes"], projects["available_bytes"]) == tuple(
        int(word) for word in (total, used, available)
    )
    assert projects["used_percent"] == pytest.approx(float(percent.rstrip("%")), abs=1)
    assert disks["/"]["read_only"] is False
    (found,) = [one for one in shown["findings"] if one["check"] == "read-only-filesystem"]
    assert found["severity"] == "critical" and "/projects" in found["message"]


def test_full_for_everybody_but_root_is_full() -> None:
    entry = DiskRow("/projects", "ext4", 93, 0, 100, 1.0, False, None)
    metrics = host_metrics.decode(None, [entry], None)
    assert metrics.disks[0].used_percent == 100.0

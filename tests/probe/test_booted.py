"""What a reboot leaves behind, as the errand sees it on every Python at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from aen_tui.sources.booted import decode
from tests.probe.fake_proc import machine, process
from tests.probe.test_preflight_errands import errand


def node_root(folder: Path) -> Path:
    """A node with a service of each kind."""
    files: dict[str, str] = {
        "etc/init.d/by-link": "",
        "etc/rc.d/rc3.d/S80by-link": "",
        "etc/init.d/off": "",
        "etc/rc.d/rc3.d/K20off": "",
        "etc/init.d/offal": "",
        "etc/rc.d/rc3.d/S80offal": "",
        "usr/lib/systemd/system/by-unit.service": "[Install]\nWantedBy=multi-user.target\n",
        "etc/systemd/system/multi-user.target.wants/by-unit.service": "",
        "usr/lib/systemd/system/others-ask.service": "[Service]\n",
        "etc/init.d/by-job": "",
        "etc/init/by-job.conf": "description x\nstart on runlevel [2345]\n",
        "var/run/off.pid": "4194001\n",
        "var/run/by-link.pid": "not a number\n",
        "etc/fstab": "# x\nnas:/p /projects nfs rw 0 0\nnas:/q\\040r /mnt/with\\040blank nfs rw 0 0\nbroken\n"
        "x /auto nfs noauto 0 0\nx none swap sw 0 0\n/dev/x / xfs defaults 0 0\n",
        "projects/.keep": "",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def asked(python: str, root: Path, **order: Any) -> Any:
    names = ["by-link", "off", "by-unit", "others-ask", "by-job", "not-there"]
    return decode(errand(python, "booted", {"services": names, **order}, root=str(root)))


def test_what_begins_by_itself_and_what_pid_files_say(every_python: str, tmp_path: Path) -> None:
    found = asked(every_python, node_root(tmp_path))
    enabled = {name: one.enabled for name, one in found.services.items() if one is not None}
    assert enabled == {"by-link": True, "off": False, "by-unit": True, "others-ask": None, "by-job": True}
    off, by_link = found.services["off"], found.services["by-link"]
    assert [(one.path, one.pid, one.state) for one in off.pid_files] == [("/var/run/off.pid", 4194001, "stale")]
    assert [(one.pid, one.state) for one in by_link.pid_files] == [(None, "stale")]


def test_a_pid_file_that_is_older_than_its_process_by_the_clock(every_python: str, tmp_path: Path) -> None:
    root = machine(tmp_path)
    made = {"mongod": ("mongod", []), "elasticsearch": ("java", ["-Des.path.home=/usr/share/elasticsearch"])}
    made["nginx"] = ("sshd", ["-D"])
    for pid, (name, (program, words)) in enumerate(made.items(), 70):
        process(root, pid, program, 0, [f"/usr/bin/{program}", *words])
        for path in (root / f"etc/init.d/{name}", root / f"var/run/{name}.pid"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{pid}\n")
        os.utime(root / f"var/run/{name}.pid", (1_470_000_000, 1_470_000_000))
    found = decode(errand(every_python, "booted", {"services": list(made)}, root=str(root)))
    states = {name: one.pid_files[0].state for name, one in found.services.items() if one is not None}
    assert states == {"mongod": "live", "elasticsearch": "live", "nginx": "stale"}


def test_mounts_and_the_projects_folder(every_python: str, tmp_path: Path) -> None:
    root = node_root(tmp_path)
    found = asked(every_python, root, projects_root="/projects")
    assert found.unmounted == ("/projects", "/mnt/with blank")
    assert found.projects.state == "full"
    (root / "projects/.keep").unlink()
    assert asked(every_python, root, projects_root="/projects").projects.state == "empty"
    (root / "projects").rmdir()
    assert asked(every_python, root, projects_root="/projects").projects.state == "absent"
    assert asked(every_python, root).projects is None


def test_it_changes_nothing(every_python: str, tmp_path: Path) -> None:
    root = node_root(tmp_path)
    before = sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*"))
    row = json.loads(
        errand(every_python, "booted", {"services": ["off"], "projects_root": "/projects"}, root=str(root))
    )
    assert sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*")) == before
    assert set(row) == {"services", "unmounted", "projects", "clock", "synchronized"}

"""27: a unit that is active (exited) without a process: `start` would do nothing; the plan is `restart`, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.whole.test_status import command

NAME = "compute1-1"
SERVICE = "wakari-compute"
SYSTEMCTL = """\
#!/bin/sh
# `service` of EL7 before a wrapped script: systemd keeps the unit active, and starts nothing that is.
echo "$@" >> /var/log/service.calls
case "$2" in
status)
    echo "* $1.service - SYSV: $1"
    echo "   Loaded: loaded (/etc/rc.d/init.d/$1)"
    if /etc/init.d/$1 status >/dev/null; then
        echo "   Active: active (running) since Mon 2026-11-16 09:00:00 CET; 4 days ago"
    else
        echo "   Active: active (exited) since Mon 2026-11-16 09:00:00 CET; 4 days ago"
    fi ;;
start) exit 0 ;;
*) exec /etc/init.d/$1 "$2" ;;
esac
"""


@pytest.fixture
def hollow(quiet_lab: Lab) -> Iterator[LabNode]:
    """A node of EL7 whose supervisord has died and left its unit active."""
    node = quiet_lab.nodes[NAME]
    tool = node.path("/usr/sbin/service")
    before = tool.read_text()
    assert node.service(SERVICE, "stop").returncode == 0
    tool.write_text(SYSTEMCTL)
    yield node
    tool.write_text(before)
    node.service(SERVICE, "start")


def do(lab: Lab, folder: Path, *words: str) -> tuple[int, list[dict[str, object]], str]:
    file = lab.write_inventory(folder / "i.toml", defaults={"become": "actions"})
    done = command(file, "do", *words, seconds=150)
    events = [json.loads(line) for line in done.stdout.splitlines()] if "--json" in words else []
    return done.returncode, events, done.stdout + done.stderr


def test_start_becomes_restart_and_says_why(quiet_lab: Lab, hollow: LabNode, tmp_path: Path, own_state: Path) -> None:
    target = f"{NAME}/service:{SERVICE}"
    _, _, card = do(quiet_lab, tmp_path, "start", target, "--dry-run")
    assert "active (exited)" in card
    assert "`start` would do nothing" in card
    assert f"sudo -n /sbin/service {SERVICE} restart" in card
    code, events, output = do(quiet_lab, tmp_path, "start", target, "--yes", "--json")
    assert code == 0, output
    assert events[0]["argv"] == ["sudo", "-n", "/sbin/service", SERVICE, "restart"]
    assert events[-1]["result"] == "verified"
    assert f"{SERVICE} start" not in hollow.path("/var/log/service.calls").read_text().splitlines()

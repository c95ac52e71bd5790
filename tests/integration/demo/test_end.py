"""However a demo ends, nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aen_tui.demo.launch import installation
from aen_tui.demo.options import DemoOptions
from tests.integration.demo.conftest import Demo, needs_ssh, wait_for

_SERVE = """
import sys
from aen_tui.demo.launch import serve
from aen_tui.demo.options import DemoOptions
sys.exit(serve(DemoOptions(computes=2, gateways=1, scenario="none")))
"""


def start_time(pid: int) -> str | None:
    """With the pid, what no other process ever has; None where it is gone (a zombie is)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def family(pid: int) -> dict[int, str | None]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return {one: start_time(one) for one in found}


def restart_services(demo: Demo) -> None:
    """What a script has started ends as what was started with the demo."""
    for name in ("nginx", "mongod", "wakari-server"):
        done = demo.ssh("aen-server", f"{demo.root('aen-server')}/sbin/service {name} restart")
        assert done.returncode == 0, done


def alive(processes: dict[int, str | None]) -> list[int]:
    return [pid for pid, started in processes.items() if started and start_time(pid) == started]


@pytest.fixture
def served() -> Iterator[tuple[subprocess.Popen[bytes], Demo]]:
    process = subprocess.Popen([sys.executable, "-c", _SERVE], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process, Demo(Path(process.stdout.readline().decode().strip()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@needs_ssh
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_all_is_gone_after_a_signal(served: tuple[subprocess.Popen[bytes], Demo], number: signal.Signals) -> None:
    process, demo = served
    session = subprocess.Popen(
        ["ssh", "-F", demo.folder / "ssh_config", "compute1-1", "sleep 1000 & echo on; wait"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert session.stdout is not None
    assert session.stdin is not None
    assert session.stdout.readline() == b"on\n"
    restart_services(demo)
    # Us and the demo's process, forks, shell, nodes, the server's daemons, nginx's worker, programs, session.
    many = 2 + 1 + 1 + 4 + 3 + 1 + 5 + 2
    processes = wait_for(lambda: len(found := family(process.pid)) >= many and found)
    process.send_signal(number)
    wait_for(lambda: not alive(processes))
    wait_for(lambda: not demo.folder.exists())
    assert process.wait() == (-9 if number == signal.SIGKILL else 0)
    with session.stdin, session.stdout:
        session.wait(60)


@needs_ssh
def test_all_is_gone_when_the_demos_own_process_is_killed(served: tuple[subprocess.Popen[bytes], Demo]) -> None:
    process, demo = served
    restart_services(demo)
    processes = family(process.pid)
    os.kill(int((demo.folder / "demo.lock").read_text()), signal.SIGKILL)
    wait_for(lambda: not alive(processes))
    wait_for(lambda: not demo.folder.exists())
    assert process.wait() == 1


@needs_ssh
def test_daemons_go_with_the_process_that_forks_them(served: tuple[subprocess.Popen[bytes], Demo]) -> None:
    _, demo = served
    restart_services(demo)
    files = [demo.root("aen-server") / "var/run" / f"{name}.pid" for name in ("nginx", "mongod", "elasticsearch")]
    pid = int(files[0].read_text())
    forks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    processes = family(forks)
    assert {int(file.read_text()) for file in files} <= processes.keys()
    os.kill(forks, signal.SIGKILL)
    wait_for(lambda: not alive(processes))


def test_two_demos_stand_beside_each_other() -> None:
    options = DemoOptions(computes=1, gateways=1, scenario="none")
    with installation(options) as one, installation(options) as other:
        assert Demo(one).tables["server"]["url"] != Demo(other).tables["server"]["url"]
        assert Demo(one).document() == Demo(other).document() == {"status": "ok", "messages": []}
        folders = [one.parent, other.parent]
    assert not any(folder.exists() for folder in folders)


def test_the_uneventful_day_is_silent() -> None:
    with installation(DemoOptions(computes=1, gateways=1, scenario="none", turns_bad_after_seconds=0)) as inventory:
        demo = Demo(inventory)
        root = demo.root("aen-server")
        logs = [*root.rglob("*.log")]
        sizes = [log.stat().st_size for log in logs]
        uptime = (root / "proc/uptime").read_text()
        wait_for(lambda: float((root / "proc/uptime").read_text().split()[0]) - float(uptime.split()[0]) > 3)
        assert [log.stat().st_size for log in logs] == sizes
        assert demo.document()["status"] == "ok"


@pytest.mark.parametrize(("computes", "gateways"), [(-1, 1), (1, 0), (249, 1)])
def test_impossible_sizes_are_refused(computes: int, gateways: int) -> None:
    with pytest.raises(ValueError, match="a demo "):
        DemoOptions(computes=computes, gateways=gateways)

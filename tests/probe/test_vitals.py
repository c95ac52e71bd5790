"""The errand `vitals` on every Python: limits, stuck processes, the kernel's messages; a /proc that says little."""

from __future__ import annotations

import os
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

from aen_tui.model.facts import NodeState
from aen_tui.model.trends import SignKind
from aen_tui.sources import vitals
from aen_tui.state.signs import classify
from aen_tui.transports.payload import errand_source
from tests.probe.harness import ProbeProcess
from tests.support.nodes import service
from tests.unit.checks.test_rate import UP


def asked(python: str, root: str, pids: dict[str, int]) -> vitals.Answer:
    """The errand's answer, by the real decoder."""
    node = with_services(pids)
    answer = vitals.Answer(50.0)
    with ProbeProcess.start(python, {"root": root}) as probe:
        wanted = {"op": "errand", "rid": 1, "name": "vitals", "source": errand_source("vitals")}
        probe.send({**wanted, "order": vitals.request(node), "seconds": vitals.SECONDS})
        while True:
            frame = probe.wait(lambda frame: frame.kind == "A", 60.0)
            for line in frame.data.splitlines():
                answer.take(vitals.decode(line))
            if frame.head["end"]:
                assert frame.head["error"] is None
                return answer


def with_services(pids: dict[str, int]) -> NodeState:
    return replace(UP, services=tuple(service(name, "wakari-server", pid=pid) for name, pid in pids.items()))


def stat(pid: int, name: str, state: str, *, flags: int = 0x400040, threads: int = 1) -> str:
    return f"{pid} ({name}) {state} 1 1 1 0 -1 {flags} 0 0 0 0 5 1 0 0 20 0 {threads} 0 99 1 1\n"


LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max processes             {processes:<20} 7000                 processes 
Max open files            1024                 4096                 files     
"""  # noqa: W291
KMSG = """\
6,1,100000000,-;usb 1-1: new device
4,2,400000000,-;end_request: I/O error, dev sda, sector 1
 SUBSYSTEM=block
30,3,500000000,-;systemd[1]: I/O error, dev sdz, said by somebody else
3,4,900000000,-;Killed process 77 (python), UID 500, total-vm:1kB
"""


def made(root: Path) -> Path:
    """A node with two services, one process that is stuck, and a kernel that said something."""
    proc = root / "proc"
    for pid, name, state in ((77, "wk-server", "S"), (78, "a) (b", "D"), (79, "git", "D")):
        (proc / str(pid) / "fd").mkdir(parents=True)
        (proc / str(pid) / "stat").write_text(stat(pid, name, state, threads=3))
    (proc / "78/status").write_text("Name:\ta\nvoluntary_ctxt_switches:\t20\nnonvoluntary_ctxt_switches:\t3\n")
    (proc / "80").mkdir()
    (proc / "80/stat").write_text(stat(80, "jbd2/sda1-8", "D", flags=0x208040))
    for number in range(980):
        (proc / "77/fd" / str(number)).touch()
    (proc / "77/limits").write_text(LIMITS.format(processes=10))
    (proc / "uptime").write_text("1000.00 100.0\n")
    for name, number in (("nf_conntrack_count", 65000), ("nf_conntrack_max", 65536)):
        place = proc / "sys/net/netfilter" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{number}\n")
    (root / "dev").mkdir()
    (root / "dev/kmsg").write_text(KMSG)
    return root


def test_limits_stuck_processes_and_the_kernel(every_python: str, tmp_path: Path) -> None:
    answer = asked(every_python, str(made(tmp_path)), {"wk-server": 77, "gone": 99})
    assert answer.vitals is not None
    used = {(one.what.split(" of uid")[0], one.service): (one.used, one.limit) for one in answer.vitals.used}
    assert used["open files", "wk-server"] == (980, 1024)
    assert used["tracked connections", ""] == (65000, 65536)
    if os.getuid():  # root's processes have no limit that counts
        assert used["processes", "wk-server"] == (9, 10)
    assert answer.vitals.waiting == 2
    assert {one[:4] for one in answer.waiting.values()} == {(78, "a) (b", 6, 23), (79, "git", 6, 0)}
    assert any(error.startswith("gone:") for error in answer.vitals.errors)
    said = [(ago, classify(b"kernel: " + text, is_system=True)) for ago, text in answer.kernel]
    assert [(ago, seen and seen.kind) for ago, seen in said] == [
        (600.0, SignKind.IO_ERROR),
        (100.0, SignKind.OOM_KILL),
    ]


def test_a_proc_that_says_nothing(python: str, tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    answer = asked(python, str(tmp_path), {"wk-server": 5_000_001})
    assert answer.vitals is not None
    assert [one.split(":")[0] for one in answer.vitals.errors] == ["wk-server"]
    assert answer.kernel == []


def test_this_machine(python: str) -> None:
    answer = asked(python, "", {"me": os.getpid()})
    assert answer.vitals is not None
    (mine,) = [one for one in answer.vitals.used if one.what == "open files"]
    assert mine.limit == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert abs(mine.used - len(list(Path("/proc/self/fd").iterdir()))) < 10


def test_stuck_is_who_waits_at_two_looks_and_has_not_run_in_between() -> None:
    def look(at: float, *rows: list[Any]) -> vitals.Answer:
        answer = vitals.Answer(at)
        answer.take(vitals.decode(b'{"waiting": %s, "count": %d}' % (str(list(rows)).replace("'", '"').encode(), 9)))
        return answer

    first = look(10.0, [1, "git", 5, 7], [2, "tar", 5, 7], [3, "cp", 5, 7], [4, "dd", 5, 7])
    assert first.stuck({}) == ()
    second = look(70.0, [1, "git", 5, 7], [2, "tar", 6, 7], [3, "mv", 5, 7], [4, "dd", 5, 9])
    assert [(one.pid, one.since) for one in second.stuck(first.waiting)] == [(1, 10.0)]
    third = look(130.0, [1, "git", 5, 7])
    assert [one.since for one in third.stuck(second.waiting)] == [10.0]

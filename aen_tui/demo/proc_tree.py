"""A node's /proc: a made-up machine's counters, the links to its real processes, and its made-up notebooks'."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from aen_tui.demo.plan import DemoNode
from aen_tui.model.node import Role

CORES = {Role.SERVER: 4, Role.GATEWAY: 2, Role.COMPUTE: 8}
MEMORY_GIB = {Role.SERVER: 8, Role.GATEWAY: 4, Role.COMPUTE: 32}
FIRST_PID = 5_000_000
"""Above the kernel's greatest pid_max (2 to the 22nd): no process of this machine can be meant by one of these."""

_TICKS = 100
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOAD_WINDOWS = (60.0, 300.0, 900.0)
_SETTLED_AFTER = 20
"""Writes until what a node does at the start has begun: its averages are as if that had been so for long."""


@dataclass(slots=True)
class Notebook:
    """A notebook server that a user runs on a compute; there is no process behind it."""

    pid: int
    owner: str
    project: str
    uid: int
    port: int
    cores: float
    """How many cores it keeps busy, now more, now less, where its node has them."""
    memory_bytes: int
    started: float
    """Seconds since boot."""
    ends_at: int
    """Tick of the day."""
    used_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """What a node does in one second."""

    busy_cores: float
    memory_used_bytes: int
    rx_bytes: int
    tx_bytes: int


class ProcTree:
    """Writes ROOT/proc; each file is replaced whole, so that no reader sees half of one."""

    def __init__(self, node: DemoNode) -> None:
        self._proc = node.root / "proc"
        self._new = node.root / "tmp" / ".proc"
        self._pid_files = [Path(f"{node.root}{path}") for path in node.services.values()]
        self._cores = CORES[node.role]
        self._memory_kib = MEMORY_GIB[node.role] * 1024 * 1024
        self._linked: set[str] = set()
        self._notebooks: set[int] = set()
        self._busy = self._idle = 0.0
        self._received = self._sent = 0.0
        self._load = Load(0.0, 0, 0, 0)
        self._loads: list[float] = []
        self._writes = 0
        real = dict(line.split(" ", 1) for line in Path("/proc/stat").read_text().splitlines() if " " in line)
        self._booted = real.get("btime", "0").strip()
        self._idle = uptime_seconds() * self._cores
        self._write_once(node)

    def _write_once(self, node: DemoNode) -> None:
        model = "Intel(R) Xeon(R) CPU E5-2670 v3 @ 2.30GHz"
        cores = "".join(f"processor\t: {core}\nmodel name\t: {model}\n\n" for core in range(self._cores))
        (self._proc / "cpuinfo").write_text(cores)
        (self._proc / "uptime").symlink_to("/proc/uptime")  # the real processes' start times count from it
        (self._proc / "sys/kernel/random/boot_id").write_text(f"{uuid.uuid4()}\n")
        (self._proc / "sys/kernel/osrelease").write_text("3.10.0-327.el7.x86_64\n")
        (self._proc / "sys/kernel/hostname").write_text(f"{node.name}\n")
        mounts = "/dev/mapper/vg00-root / xfs rw,relatime,attr2,inode64,noquota 0 0\nproc /proc proc rw,nosuid 0 0\n"
        if node.role is Role.COMPUTE:
            mounts += "/dev/mapper/vg00-projects /projects xfs rw,relatime,attr2,inode64,usrquota 0 0\n"
        (self._proc / "mounts").write_text(mounts)

    def write(self, load: Load, notebooks: list[Notebook]) -> None:
        """What the node does from now on; everything but the counters."""
        self._load = load
        if self._writes < _SETTLED_AFTER:
            self._loads = [load.busy_cores] * len(_LOAD_WINDOWS)
            self._writes += 1
        self._loads = [
            old + (load.busy_cores - old) / window for old, window in zip(self._loads, _LOAD_WINDOWS, strict=True)
        ]
        self._replace("meminfo", self._meminfo(load.memory_used_bytes // 1024))
        averages = " ".join(f"{average:.2f}" for average in self._loads)
        self._replace("loadavg", f"{averages} {max(1, round(load.busy_cores))}/{140 + len(notebooks)} {FIRST_PID}\n")
        self._link_processes()
        self._show_notebooks(notebooks)

    def count(self, seconds: float) -> None:
        """So much time has passed under the last load."""
        busy = min(self._load.busy_cores, float(self._cores))
        self._busy += busy * seconds
        self._idle += (self._cores - busy) * seconds
        self._received += self._load.rx_bytes * seconds
        self._sent += self._load.tx_bytes * seconds
        self._replace("stat", self._stat(busy))
        self._replace("net/dev", self._net_dev())

    def _replace(self, name: str, text: str) -> None:
        with self._new.open("w") as file:
            file.write(text)
        self._new.replace(self._proc / name)

    def _stat(self, busy: float) -> str:
        def line(name: str, share: int) -> str:
            used, idle = self._busy * _TICKS / share, self._idle * _TICKS / share
            return f"{name} {int(used * 0.8)} 0 {int(used * 0.2)} {int(idle * 0.998)} {int(idle * 0.002)} 0 0 0 0 0"

        cores = [line(f"cpu{core}", self._cores) for core in range(self._cores)]
        rest = ["intr 0", "ctxt 0", f"btime {self._booted}", "processes 4711", f"procs_running {max(1, round(busy))}"]
        return "\n".join((line("cpu ", 1), *cores, *rest, "procs_blocked 0", ""))

    def _meminfo(self, used_kib: int) -> str:
        total = self._memory_kib
        used = min(used_kib, total)
        cached = (total - used) // 2
        free = total - used - cached
        swap = 4 * 1024 * 1024
        values = {
            "MemTotal": total, "MemFree": free, "MemAvailable": free + cached * 9 // 10, "Buffers": 2048,
            "Cached": cached, "SwapTotal": swap, "SwapFree": swap,
        }  # fmt: skip
        return "".join(f"{name + ':':<16}{value:>8} kB\n" for name, value in values.items())

    def _net_dev(self) -> str:
        head = "Inter-|   Receive  |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|"
        head += "bytes packets errs drop fifo colls carrier compressed\n"
        received, sent = int(self._received), int(self._sent)
        eth0 = f"{received} {received // 900} 0 0 0 0 0 0 {sent} {sent // 900} 0 0 0 0 0 0"
        return head + f"    lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n  eth0: {eth0}\n"

    def _link_processes(self) -> None:
        """The real processes, daemons and what they run: their folders are links to the real ones."""
        present: set[str] = set()
        for pid_file in self._pid_files:
            with contextlib.suppress(OSError):
                if pid := pid_file.read_text().strip():
                    present |= {pid, *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
        for gone in self._linked - present:
            (self._proc / gone).unlink(missing_ok=True)
        for new in present - self._linked:
            (self._proc / new).symlink_to(f"/proc/{new}")
        self._linked = present

    def _show_notebooks(self, notebooks: list[Notebook]) -> None:
        present = {notebook.pid for notebook in notebooks}
        for gone in self._notebooks - present:
            shutil.rmtree(self._proc / str(gone), ignore_errors=True)
        for notebook in notebooks:
            if notebook.pid not in self._notebooks:
                self._add(notebook)
            self._replace(f"{notebook.pid}/stat", _process_stat(notebook))
        self._notebooks = present

    def _add(self, notebook: Notebook) -> None:
        """Made whole beside /proc, then moved there."""
        home = f"/projects/{notebook.owner}/{notebook.project}"
        folder = self._new.with_name(str(notebook.pid))
        folder.mkdir()
        argv = (
            f"{home}/envs/default/bin/python", f"{home}/envs/default/bin/jupyter-notebook",
            f"--port={notebook.port}", f"--notebook-dir={home}",
        )  # fmt: skip
        (folder / "cmdline").write_text("\0".join((*argv, "")))
        (folder / "comm").write_text("jupyter-noteboo\n")
        (folder / "stat").write_text(_process_stat(notebook))
        (folder / "statm").write_text(
            f"{notebook.memory_bytes // _PAGE * 2} {notebook.memory_bytes // _PAGE} 0 0 0 0 0\n"
        )
        uids = "\t".join([str(notebook.uid)] * 4)
        rss = notebook.memory_bytes // 1024
        (folder / "status").write_text(
            f"Name:\tjupyter-noteboo\nState:\tS (sleeping)\nPid:\t{notebook.pid}\nPPid:\t1\nUid:\t{uids}\n"
            f"Gid:\t{uids}\nVmRSS:\t{rss} kB\nThreads:\t4\n"
        )
        (folder / "cwd").symlink_to(home)
        folder.rename(self._proc / folder.name)


def _process_stat(notebook: Notebook) -> str:
    used = int(notebook.used_seconds * _TICKS)
    times = f"{used - used // 9} {used // 9}"
    start, size = int(notebook.started * _TICKS), notebook.memory_bytes
    head = f"{notebook.pid} (jupyter-noteboo) {'R' if notebook.cores > 0.5 else 'S'} 1 {notebook.pid} {notebook.pid}"
    return f"{head} 0 -1 4202496 0 0 0 0 {times} 0 0 20 0 4 0 {start} {size * 2} {size // _PAGE}{' 0' * 28}\n"


def uptime_seconds() -> float:
    """How long this machine is up; the nodes' too, since their real processes count from the same boot."""
    return float(Path("/proc/uptime").read_text().split()[0])

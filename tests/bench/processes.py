"""What a program and everything it started costs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil


def tree(pid: int) -> list[psutil.Process]:
    """A process and all its descendants that live now."""
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a set of processes, now."""

    cpu_seconds: float
    """User and system, ended children that were waited for included."""
    rss_megabytes: float
    pss_megabytes: float
    """Shared pages counted by share."""


def cost(processes: Iterable[psutil.Process]) -> Cost:
    """The sum over those that still live."""
    cpu = rss = pss = 0.0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, OSError):
            cpu += sum(process.cpu_times()[:4])
            rss += process.memory_info().rss / 2**20
            pss += _pss_kilobytes(process.pid) / 1024
    return Cost(cpu, rss, pss)


def _pss_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0

"""What a node pays for being looked at."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from tests.bench.figures import OURS, Figure
from tests.bench.processes import cost
from tests.bench.stage import Stage
from tests.lab.machine import LabNode

SECONDS = 30
SETTLE_SECONDS = 10
MARK = b"aen-tui-probe"
BUDGETS = {"CPU, of one core": ("%", 0.5), "memory (PSS)": ("MB", 16.0), "bytes over ssh": ("B/s", 2048.0)}


def measure(stage: Stage) -> list[Figure]:
    """Of the server and of a compute (its network carries nobody else's traffic), dashboard on Fleet."""
    nodes = [stage.node, next(node for node in stage.lab.nodes.values() if node.role == "compute")]
    with stage.open(stage.aen_tui()) as terminal:
        terminal.wait_for(stage.up_text, seconds=120)
        time.sleep(SETTLE_SECONDS)
        probes = {node.name: _probes(node) for node in nodes}
        figures = []
        before = {node.name: (cost(probes[node.name]), _bytes(node)) for node in nodes}
        began = time.monotonic()
        time.sleep(SECONDS)
        seconds = time.monotonic() - began
        for node in nodes:
            now, (old, carried) = cost(probes[node.name]), before[node.name]
            values = ((now.cpu_seconds - old.cpu_seconds) / seconds * 100, now.pss_megabytes,
                      (_bytes(node) - carried) / seconds)  # fmt: skip
            for (what, (unit, budget)), value in zip(BUDGETS.items(), values, strict=True):
                note = f"{len(probes[node.name])} probe processes" if "CPU" in what else ""
                figures.append(Figure(f"probe on {node.name}: {what}", OURS, unit, [value], budget, note))
    return figures


def _probes(node: LabNode) -> list[psutil.Process]:
    found = []
    for pid in node.processes():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if any(word.startswith(MARK) for word in words):
            found.append(psutil.Process(pid))
    return found


def _bytes(node: LabNode) -> int:
    """Received and sent by all its interfaces but lo."""
    total = 0
    for text in Path(f"/proc/{node.pid}/net/dev").read_text().splitlines()[2:]:
        name, numbers = text.split(":")
        if name.strip() != "lo":
            total += int(numbers.split()[0]) + int(numbers.split()[8])
    return total

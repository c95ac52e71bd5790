"""The dashboard at rest: Fleet on screen, nothing happens but two-second samples and the clock."""

from __future__ import annotations

import time

from tests.bench.figures import OURS, Figure
from tests.bench.processes import cost, tree
from tests.bench.stage import Stage, peer
from tests.bench.terminal import Terminal

SECONDS = 30
SETTLE_SECONDS = 10
CPU_BUDGET = 2.5
MEMORY_BUDGET = 120.0
CPU, MEMORY, BYTES = "steady CPU, of one core", "steady memory (PSS)", "steady bytes to the terminal"


def measure(stage: Stage) -> list[Figure]:
    """Ours on all nodes, glances on this one host."""
    with stage.open(stage.aen_tui()) as terminal:
        terminal.wait_for(stage.up_text, seconds=120)
        ours = _watch(terminal, OURS)
    for figure, budget in zip(ours, (CPU_BUDGET, MEMORY_BUDGET, None), strict=True):
        figure.budget = budget
    glances = peer("glances", "glances")
    if glances is None:
        return [*ours, Figure(CPU, "glances, one host", "%", note="glances is not installable")]
    with stage.open([str(glances), "-t", "2", "--disable-check-update"]) as terminal:
        terminal.wait_for("CPU", seconds=30)
        theirs = _watch(terminal, "glances, one host")
    if theirs[0].value:
        ours[0].budget = min(CPU_BUDGET, theirs[0].value / 2)
    return [figure for pair in zip(ours, theirs, strict=True) for figure in pair]


def _watch(terminal: Terminal, who: str) -> list[Figure]:
    """Three parts of SECONDS / 3."""
    time.sleep(SETTLE_SECONDS)
    processes = tree(terminal.process.pid)
    cpu, memory, written = (Figure(CPU, who, "%"), Figure(MEMORY, who, "MB"), Figure(BYTES, who, "B/s"))
    for _ in range(3):
        before, since, began = cost(processes), terminal.written, time.monotonic()
        time.sleep(SECONDS / 3)
        after, seconds = cost(processes), time.monotonic() - began
        cpu.tries.append((after.cpu_seconds - before.cpu_seconds) / seconds * 100)
        memory.tries.append(after.pss_megabytes)
        written.tries.append((terminal.written - since) / seconds)
    return [cpu, memory, written]

"""From a key to the paint it causes, while a log of 5,000 lines a second is followed."""

from __future__ import annotations

import random
import re
import time

from tests.bench.figures import OURS, Figure, percentile
from tests.bench.stage import SERVER_LOG, Stage
from tests.bench.terminal import Terminal
from tests.bench.writing import Load

LINES_PER_SECOND = 5_000
KEYS = 100
P99_BUDGET = 50.0
FLEET = re.compile(rb"dc\d+")
"""A data center's heading: only Fleet has it."""
LOGS = re.compile(rb"FOLLOW|PAUSED")
ROW = re.compile(rb"wk_server\.app: \d")
"""A log's row: paused, rows are painted only for a key."""


def measure(stage: Stage) -> list[Figure]:
    """Digits 1 and 2, then k and j in the paused log."""
    with stage.open(stage.aen_tui()) as terminal, Load(stage.node, SERVER_LOG, LINES_PER_SECOND) as load:
        terminal.wait_for(stage.up_text, seconds=120)
        terminal.wait_for(FLEET)
        terminal.send("2")
        terminal.wait_for(ROW)
        digits = [_paint(terminal, key, seen) for _ in range(KEYS // 2) for key, seen in (("1", FLEET), ("2", LOGS))]
        terminal.send("k" * 5)
        terminal.wait_for("PAUSED")
        terminal.quiet(0.2, at_most=2)
        since = terminal.written
        time.sleep(1)
        stray = len(ROW.findall(terminal.output(since)))
        steps = [_paint(terminal, key, ROW) for _ in range(KEYS // 10) for key in "kkkkkjjjjj"]
        note = f"{load.written:,} lines meanwhile"
    figures = []
    for what, delays in (("digits", digits), ("j and k", steps), ("all", digits + steps)):
        for percent in (50, 99):
            figure = Figure(f"key to paint, {what}, p{percent}", OURS, "ms", [percentile(delays, percent)], note=note)
            figure.budget = P99_BUDGET if percent == 99 else None
            figures.append(figure)
        note = f"{stray} rows painted without a key" if stray else ""
    return figures


def _paint(terminal: Terminal, key: str, seen: re.Pattern[bytes]) -> float:
    """Milliseconds."""
    time.sleep(random.uniform(0.05, 0.12))
    since = terminal.written
    began = terminal.send(key)
    return (terminal.wait_for(seen, since=since, seconds=5) - began) * 1000

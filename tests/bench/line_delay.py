"""From a line written on a node to its text on the screen here."""

from __future__ import annotations

import random
import sys
import time

from tests.bench.figures import OURS, Figure, percentile
from tests.bench.stage import Stage, Viewer
from tests.bench.terminal import NotSeenError, Terminal
from tests.bench.writing import line, word

SAMPLES = 60
BUDGETS = {50: 25.0, 95: 50.0}


def measure(stage: Stage) -> list[Figure]:
    """p50 and p95 of every viewer; the tries are those of one series each."""
    figures = {percent: [] for percent in BUDGETS}  # type: dict[int, list[Figure]]
    path, last = stage.new_log()
    for viewer in stage.viewers(path):
        delays, note = _delays(stage, viewer, path, last)
        for percent, budget in BUDGETS.items():
            figure = Figure(f"line to screen p{percent}", viewer.name, "ms", note=note)
            figure.budget = budget if viewer.name == OURS else None
            figure.tries = [percentile(part, percent) for part in _parts(delays)]
            figures[percent].append(figure)
        last = word()
        stage.node.append(path, line(last).encode())
    stage.drop_log(path)
    return [figure for percent in BUDGETS for figure in figures[percent]]


def _parts(delays: list[float]) -> list[list[float]]:
    return [delays[start::3] for start in range(3)] if len(delays) >= SAMPLES else []


def _delays(stage: Stage, viewer: Viewer, path: str, last: str) -> tuple[list[float], str]:
    if viewer.missing:
        return [], viewer.missing
    with stage.open(viewer.argv) as terminal:
        try:
            terminal.wait_for(last)
            terminal.quiet(0.3)
            if viewer.name.endswith("toolong"):
                terminal.send("\x1b[F")  # End: it follows only from there
            _series(stage, terminal, path, 5)
            return _series(stage, terminal, path, SAMPLES), ""
        except NotSeenError as error:
            print(f"{viewer.name}: {error}", file=sys.stderr)
            return [], "line not seen"


def _series(stage: Stage, terminal: Terminal, path: str, count: int) -> list[float]:
    """Milliseconds of each line; between them a time that hits every phase of a poll or a frame."""
    delays = []
    with stage.node.path(path).open("ab", buffering=0) as file:
        for _ in range(count):
            time.sleep(random.uniform(0.15, 0.65))
            marker, since = word(), terminal.written
            content = line(marker).encode()
            began = time.monotonic()
            file.write(content)
            delays.append((terminal.wait_for(marker, since=since, seconds=5) - began) * 1000)
    return delays

"""200,000 lines at once on a node: until the last one is on screen, what it cost here, what it left in memory."""

from __future__ import annotations

import sys
import time

import psutil

from tests.bench.figures import OURS, Figure
from tests.bench.processes import cost, tree
from tests.bench.stage import Stage, Viewer
from tests.bench.terminal import NotSeenError
from tests.bench.writing import block, word

LINES = 200_000
WHATS = {
    "burst of 200,000 lines": "s",
    "CPU for the burst": "s",
    "memory (RSS) after the burst": "MB",
    "memory (PSS) after the burst": "MB",
}


def measure(stage: Stage) -> list[Figure]:
    """Every viewer on a file of its own; CPU and memory are of it and all it started here."""
    sets = [_of(stage, viewer.name) for viewer in stage.viewers("/none")]
    ours = sets[0]
    for figure, budget in zip(ours, (0.5, 1.0, 1.0, 1.0), strict=True):
        lnav = next((one[ours.index(figure)] for one in sets if "lnav" in one[0].who), None)
        figure.budget = lnav.value * budget if lnav and lnav.value else None
    return [one[index] for index in range(len(WHATS)) for one in sets]


def _of(stage: Stage, name: str) -> list[Figure]:
    figures = [Figure(what, name, unit) for what, unit in WHATS.items()]
    for _ in range(max(3, stage.tries - 2)):
        path, last = stage.new_log()
        viewer = next(one for one in stage.viewers(path) if one.name == name)
        try:
            values = _once(stage, viewer, path, last) if not viewer.missing else ()
        except NotSeenError as error:
            print(f"{name}: {error}", file=sys.stderr)
            values = ()
        finally:
            stage.drop_log(path)
        for figure, value in zip(figures, values or (), strict=False):
            figure.tries.append(value)
        if not values:
            for figure in figures:
                figure.note = viewer.missing or "last line not seen"
            break
    return figures


def _once(stage: Stage, viewer: Viewer, path: str, last: str) -> tuple[float, ...]:
    """Seconds, CPU seconds until it is quiet, megabytes (RSS, PSS)."""
    with stage.open(viewer.argv) as terminal:
        terminal.wait_for(last)
        if viewer.name == OURS:
            terminal.wait_for(stage.up_text, seconds=120)
        terminal.quiet(0.5, at_most=3)
        if viewer.name.endswith("toolong"):
            terminal.send("\x1b[F")
        time.sleep(1.0)
        processes: list[psutil.Process] = tree(terminal.process.pid)
        marker = word()
        content = block(LINES, last_word=marker)
        before, since = cost(processes), terminal.written
        began = time.monotonic()
        stage.node.append(path, content)
        taken = terminal.wait_for(marker, since=since, seconds=90) - began
        time.sleep(0.5)  # what is put off after the last paint counts too
        after = cost(processes)
        return taken, after.cpu_seconds - before.cpu_seconds, after.rss_megabytes, after.pss_megabytes

"""From the command to what the eye waits for."""

from __future__ import annotations

import sys

from tests.bench.figures import OURS, Figure
from tests.bench.stage import NODE, Stage
from tests.bench.terminal import NotSeenError

FIRST_FRAME = 0.8
FIRST_LINE = 0.8


def measure(stage: Stage) -> list[Figure]:
    """The dashboard's first frame with nodes in it, and the first log line of every viewer."""
    frame = Figure("command to first useful frame", OURS, "s", budget=FIRST_FRAME)
    for _ in range(stage.tries):
        with stage.open(stage.aen_tui()) as terminal:
            frame.tries.append(terminal.wait_for(NODE) - terminal.started)
            terminal.wait_for(stage.up_text, seconds=60)
    return [frame, *_first_lines(stage)]


def _first_lines(stage: Stage) -> list[Figure]:
    figures = []
    path, last = stage.new_log()
    for viewer in stage.viewers(path):
        figure = Figure("view: command to first line", viewer.name, "s", note=viewer.missing)
        figure.budget = FIRST_LINE if viewer.name == OURS else None
        for attempt in range(0 if viewer.missing else stage.tries + 1):
            with stage.open(viewer.argv) as terminal:
                try:
                    taken = terminal.wait_for(last) - terminal.started
                except NotSeenError as error:
                    figure.note = "line not seen"
                    print(f"{viewer.name}: {error}", file=sys.stderr)
                    break
            if attempt:  # the first start may write settings and caches
                figure.tries.append(taken)
        figures.append(figure)
    stage.drop_log(path)
    return figures

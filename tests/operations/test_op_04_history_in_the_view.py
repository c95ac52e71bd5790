"""The logs view goes above its top and to a time: what it needs is read on the node, rotated and packed files too."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Iterator

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey, OlderState
from aen_tui.model.node import NodeName
from aen_tui.ui.app import AenApp
from aen_tui.ui.panels.logs import LogsPanel
from tests.lab.lab import Lab
from tests.support.screen import screen_text, until
from tests.whole.conftest import Watching

NODE = "compute1-1"
LOG = "/var/log/long.log"
KEY = LogKey(NodeName(NODE), LogPath(LOG))
FILES = (".2.gz", ".1", "")
LINES = 24_000
STEP_SECONDS = 2.0


def stamp(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


@pytest.fixture
def ended(lab: Lab) -> Iterator[float]:
    """A log in three files, a third of the lines each, two seconds apart; when the last was written."""
    now, third = float(int(time.time())), LINES // 3
    for number, suffix in enumerate(FILES):
        moments = [now - (LINES - 1 - n) * STEP_SECONDS for n in range(number * third, (number + 1) * third)]
        data = b"".join(
            f"{stamp(at)} INFO line {number * third + n:06d} of a log that is long\n".encode()
            for n, at in enumerate(moments)
        )
        path = lab.nodes[NODE].path(LOG + suffix)
        path.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
        os.utime(path, (moments[-1], moments[-1]))
    yield now
    for suffix in FILES:
        lab.nodes[NODE].path(LOG + suffix).unlink()


async def test_above_the_top_and_to_a_time_in_a_rotated_file(ended: float, watching: Watching) -> None:
    async with watching() as runtime:
        app = AenApp(runtime, logs=[KEY])
        async with app.run_test(size=(110, 24)) as pilot:
            last = f"line {LINES - 1:06d}"
            await until(pilot, lambda: last in screen_text(app))
            panel, book = app.main.panel, runtime.books.book(KEY)
            assert isinstance(panel, LogsPanel)
            assert book.first_line == 0 and book.end_position < 70_000, "more than the backfill came by itself"

            await pilot.press("g")
            await until(pilot, lambda: book.first_line < 0 and not panel.older.is_loading)
            first = book.line(0)
            assert first is not None
            window = panel.view.window
            y = next(y for y, row in enumerate(window.rows) if row.ref == window.cursor_ref)
            assert window.cursor_ref == (0, 0) and y == 1, "the line that was the first has moved"
            above = book.line(-1)
            assert above is not None and above[-35:].decode() in panel.view._rows[0].text
            assert book.edge.state is OlderState.MORE

            wanted = 3_000  # in the packed file
            moment = ended - (LINES - 1 - wanted) * STEP_SECONDS
            await pilot.press("at", *stamp(moment), "enter")
            await until(pilot, lambda: f"line {wanted:06d}" in screen_text(app), seconds=60)
            line = window.stream.line(window.cursor)
            assert line is not None and f"line {wanted:06d}".encode() in line.text
            assert f"{stamp(moment)[:-1]}" in screen_text(app)
            await until(pilot, lambda: not panel.older.is_loading)

            for _ in range(4):
                await pilot.press("g")
                await until(pilot, lambda: not panel.older.is_loading)
            await until(pilot, lambda: "the oldest file begins here" in screen_text(app))
            assert "line 000000" in screen_text(app)
            assert book.read(book.chunks[0].position)[0].count(b"\n") == LINES

"""What is said between two lines: whole at every width, and with what is lost also where it leaves the view."""

from __future__ import annotations

import pytest

from aen_tui.model.logs import Cursor, OlderEdge, Seam
from aen_tui.ui.log_export import lines_text
from aen_tui.ui.screens.log_line import record_text
from aen_tui.ui.widgets.palette import Palette
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, LogStage
from tests.support.screen import until
from tests.ui.test_log_view import lines

MESSAGE = "the file was truncated; its copy was read to the end, what came between copy and cut is lost (15:36:13)"


@pytest.mark.parametrize("width", [60, 80, 200])
async def test_a_seam_is_never_cut_however_narrow_it_is(width: int) -> None:
    stage = LogStage([SERVER_LOG, GATEWAY_LOG])
    async with stage.run_test(size=(width, 16)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"2016-10-19 14:03:22,123 INFO before\n")
        stage.feeder.feed(SERVER_LOG, b"2016-10-19 14:03:23,123 INFO after\n", seam=Seam("truncated", MESSAGE, 1234))
        await until(pilot, lambda: "after" in "".join(stage.rows()))
        rows = stage.rows()
        begin = next(at for at, row in enumerate(rows) if "before" in row) + 1
        end = next(at for at, row in enumerate(rows) if "after" in row)
        label = stage.panel.view.window.painter.style.label_width
        words = " ".join(row[label + 1 :].strip("\u2500 ") for row in rows[begin:end])
        assert words == f"truncated: {MESSAGE}, 1,234 bytes lost"
        assert all(strip.cell_length == width for strip in stage.panel.view._rows)
        stream = stage.panel.view.window.stream
        seam = next(line for at in range(3) if (line := stream.line(at)) is not None and line.seam is not None)
        assert "1,234 bytes lost" in lines_text([seam])
        assert "1,234 bytes lost" in record_text([seam])


async def test_a_mark_of_what_was_dropped_is_not_drawn_for_the_line_that_is_back() -> None:
    stage = LogStage([SERVER_LOG], limit_bytes=600_000)
    async with stage.run_test(size=(100, 20)) as pilot:
        stage.feeder.feed(SERVER_LOG, lines(stage, 0, 200))
        stage.feeder.feed(SERVER_LOG, lines(stage, 200, 80_000))
        await until(pilot, lambda: any(stage.rows()))
        await pilot.press("g")
        await until(pilot, lambda: any(" left memory here" in row for row in stage.rows()))
        books, view = stage.runtime.books, stage.panel.view
        book = books.book(SERVER_LOG)
        mark = book.first_line
        books.limit_bytes *= 4
        assert books.prepend(SERVER_LOG, lines(stage, mark - 299, 300), Cursor(1, 2, 0, "", 0, "", 0), OlderEdge())
        view.take_older()
        view.window.go_to(view.window.stream.index_of((0, mark)))
        view.settle()
        await until(pilot, lambda: any(row.endswith(f"request {mark + 1}") for row in stage.rows()))
        rows = stage.rows()
        at = next(at for at, row in enumerate(rows) if row.endswith(f"request {mark + 1}"))
        assert rows[at - 1].endswith(f"request {mark}")


@pytest.mark.parametrize(
    ("seam", "is_loud"),
    [
        (Seam("lost", "the file was rotated away while nobody read it", None), True),
        (Seam("truncated", "what was written since it was last read is lost", None), True),
        (Seam("rotated-unread", "a rotated file was not read to its end", None), True),
        (Seam("truncated", "the file was truncated", 12), True),
        (Seam("dropped", "5 older lines left memory here", 500), False),
        (Seam("reconnected", "link lost, 5 lines backfilled", 0), False),
        (Seam("replaced", "another file has the name; the one before was read to its end", 0), False),
        (Seam("boot", "the node was booted", 0), False),
    ],
)
async def test_a_loss_is_loud_also_where_nobody_knows_how_much_it_is(seam: Seam, is_loud: bool) -> None:
    stage = LogStage([SERVER_LOG])
    async with stage.run_test(size=(100, 16)) as pilot:
        stage.feeder.feed(SERVER_LOG, b"2016-10-19 14:03:22,123 INFO before\n")
        stage.feeder.feed(SERVER_LOG, b"2016-10-19 14:03:23,123 INFO after\n", seam=seam)
        await until(pilot, lambda: "after" in "".join(stage.rows()))
        row = next(row for row in stage.panel.view.window.rows if seam.message[:20] in row.strip.text)
        loud = Palette.of(stage.panel.view).style("warning").color
        assert any(segment.style is not None and segment.style.color == loud for segment in row.strip) is is_loud

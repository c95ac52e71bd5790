"""What is said between two lines: whole at every width, and with what is lost also where it leaves the view."""

from __future__ import annotations

import pytest

from aen_tui.model.logs import Seam
from aen_tui.ui.log_export import lines_text
from aen_tui.ui.screens.log_line import record_text
from tests.support.log_stage import GATEWAY_LOG, SERVER_LOG, LogStage
from tests.support.screen import until

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

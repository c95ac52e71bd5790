"""View 7's footer names only keys that do something; the others still say why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from aen_tui.model.jobs import JobPhase
from aen_tui.model.plans import Result
from aen_tui.ui.app import AenApp
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime
from tests.ui.jobs_stage import panel_of, running, start, told

KEYS = ("⏎ open", "p pause", "S skip", "X abort", "R resume", "c copy", "l logs")


def named(app: AenApp) -> list[str]:
    """Those of the keys that the last line names."""
    line = screen_text(app).rstrip("\n").rsplit("\n", 1)[-1]
    return [key for key in KEYS if f" {key} " in line]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_footer_follows_the_job(tmp_path: Path, size: tuple[int, int]) -> None:
    runtime = FakeRuntime(problems=False, history_samples=0, audit_folder=tmp_path)
    async with running(runtime, size) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "? help" in screen_text(app) and named(app) == [])
        assert "next part" not in screen_text(app), "there is but one"
        await pilot.press("p")
        await until(pilot, lambda: "there is no job" in told(app))
        job = start(runtime)
        await until(pilot, lambda: named(app) == ["⏎ open", "p pause", "S skip", "X abort", "l logs"])
        assert size[0] < 120 or "next part" in screen_text(app)
        for number in range(1, 7):
            job.skip(number)
        await until(pilot, lambda: named(app) == ["⏎ open", "p pause", "X abort", "l logs"])
        job.end(JobPhase.FAILED, Result.FAILED, "1 failed", left=("compute1-3/wk-compute",), commands=("aen-tui do",))
        await until(pilot, lambda: named(app) == ["⏎ open", "R resume", "c copy", "l logs"])
        panel = panel_of(app)
        panel.query_one("#tree").focus()
        await pilot.press("g")
        await until(pilot, lambda: panel.row is not None and panel.row.member is None)
        await until(pilot, lambda: named(app) == ["⏎ open", "R resume", "c copy"])

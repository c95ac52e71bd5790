"""`make screenshots`: the README's pictures, of the running demo: real ssh, probes and supervisords.

Taken without a terminal, at 120x36, in the default theme. Nothing of this machine but the demo is in them.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from aen_tui.config.load import load_inventory
from aen_tui.demo import DemoOptions, installation
from aen_tui.model.facts import ClusterState
from aen_tui.model.jobs import MemberPhase
from aen_tui.runtime.cluster import Runtime
from aen_tui.ui.app import AenApp
from aen_tui.ui.commands import run_line
from aen_tui.ui.keymap import split_keys

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
SIZE = (120, 36)
WARM_UP_SECONDS = 75
"""So that the histories show something."""


async def take_all() -> None:
    """Start the demo, look at it for a while, and write the pictures."""
    options = DemoOptions(turns_bad_after_seconds=45.0)
    with installation(options) as path:
        runtime = Runtime(load_inventory(path), folds=True)
        async with runtime.running():
            app = AenApp(runtime)
            async with app.run_test(size=SIZE) as pilot:
                await _until(runtime, lambda state: state.up_count == len(state.nodes), 60)
                await _until(runtime, _one_is_bad, WARM_UP_SECONDS + 60)
                await _walk(pilot, app)


async def _walk(pilot: Pilot[int], app: AenApp) -> None:
    await pilot.pause(WARM_UP_SECONDS)
    _save(app, "fleet")
    for key, name in (("2", "logs"), ("3", "metrics"), ("5", "data")):
        await pilot.press(key)
        await pilot.pause(2.0)
        _save(app, name)
    await pilot.press("4")
    async with asyncio.timeout(120):
        while app.backend.checkup.busy or not app.backend.checkup.facts:
            await pilot.pause(0.5)
    await pilot.pause(2.0)
    _save(app, "checks")
    run_line(app, "projects")
    await pilot.pause(4.0)
    _save(app, "projects")
    await pilot.press("escape")
    await pilot.press("1", "g", "j", "enter")
    await pilot.pause(2.0)
    _save(app, "node")
    await pilot.press("r")
    await pilot.pause(1.0)
    _save(app, "card")
    await pilot.press("escape", "escape", "9")
    await pilot.pause(1.0)
    _save(app, "connections")
    await roll(pilot, app)


async def roll(pilot: Pilot[int], app: AenApp) -> None:
    """The rolling card, its job in the second batch, and what was told until then."""
    run_line(app, "restart @compute/wk-compute --rolling")
    await pilot.pause(3.0)
    _save(app, "rolling")
    await pilot.press(*(split_keys(letter)[0] for letter in app.backend.inventory.name), "enter")
    (job,) = (job for job in app.busy_jobs() if job.state.is_rolling)
    async with asyncio.timeout(120):
        while not any(member.phase is MemberPhase.CLAIMED for member in job.state.batches[1].members):
            await pilot.pause(0.5)
    await pilot.pause(5.0)
    _save(app, "jobs")
    await pilot.press("6")
    await pilot.pause(2.0)
    _save(app, "events")
    job.abort()
    await job.wait()


def _save(app: AenApp, name: str) -> None:
    """One picture; made alike from run to run where the content is."""
    svg = app.export_screenshot(title="aen-tui demo", simplify=True)
    svg = re.sub(r"terminal-\d+", "terminal-0", svg)
    # as many characters as were there: the picture says how wide its texts are
    svg = re.sub(rf"{re.escape(tempfile.gettempdir())}/aen-demo-\w{{8}}", "/aen-demo/installation", svg)
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
    print(f"screenshots/{name}.svg")


def _one_is_bad(state: ClusterState) -> bool:
    return any(
        answer.document is not None and answer.document.status != "ok"
        for node in state.nodes.values()
        for answer in node.http
    )


async def _until(runtime: Runtime, condition: Callable[[ClusterState], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        await runtime.store.wait_for(condition)


if __name__ == "__main__":
    asyncio.run(take_all())

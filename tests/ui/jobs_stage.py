"""A dashboard on made-up jobs, for the tests of view 7 and of the rolling card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from aen_tui.model.inventory import RollingSettings
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Target
from aen_tui.runtime.job import Job
from aen_tui.ui.app import AenApp
from aen_tui.ui.panels.jobs import JobsPanel
from aen_tui.ui.screens.job_question import JobQuestion
from aen_tui.ui.screens.rolling_card import RollingCardScreen
from tests.support.jobs import CALL
from tests.support.screen import until
from tests.support.states import FakeRuntime

COMPUTES = tuple(
    Target(NodeName(f"compute{dc}-{n}"), "wk-compute", "supervisor", "wakari-compute")
    for dc in (1, 2)
    for n in (1, 2, 3)
)


class Staying(AenApp):
    """Says that it was told to leave, and stays."""

    left = False

    def exit(self, *_args: Any, **_more: Any) -> None:
        self.left = True


@asynccontextmanager
async def running(runtime: FakeRuntime, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Staying, Pilot[Any]]]:
    app = Staying(runtime)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


def start(runtime: FakeRuntime, **sizes: Any) -> Job:
    settings = RollingSettings(**sizes)
    return runtime.jobs.start(runtime.jobs.plan_rolling(ActionName.RESTART, COMPUTES, settings=settings))


def started(runtime: FakeRuntime) -> list[Any]:
    return [work for name, work in runtime.calls if name == CALL]


def told(app: AenApp) -> str:
    """What was notified."""
    return "\n".join(note.message for note in app._notifications)


def panel_of(app: AenApp) -> JobsPanel:
    panel = app.main.panel
    assert isinstance(panel, JobsPanel)
    return panel


def has_card(app: AenApp) -> bool:
    return isinstance(app.screen, RollingCardScreen) and app.screen.takes_keys


def is_asked(app: AenApp, question: type[JobQuestion]) -> bool:
    return isinstance(app.screen, question) and app.screen.hears


async def in_tree(app: AenApp, pilot: Pilot[Any]) -> None:
    """The keys go to the job's tree."""
    tree = panel_of(app).query_one("#tree")
    tree.focus()
    await until(pilot, lambda: tree.has_focus)


def card_of(app: AenApp) -> RollingCardScreen:
    assert isinstance(app.screen, RollingCardScreen)
    return app.screen

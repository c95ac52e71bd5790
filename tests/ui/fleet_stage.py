"""Fleet at a zoom that a test chooses."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from aen_tui.ui.panels.fleet import FleetPanel
from aen_tui.ui.presentation.fleet_layout import Zoom
from tests.support.screen import until


async def zoom_to(pilot: Pilot[Any], zoom: Zoom) -> None:
    """Press z until it is there."""
    panel = pilot.app.screen.query_one(FleetPanel)
    await until(pilot, lambda: panel.view.cursor is not None)
    while panel.view.layout_now.zoom is not zoom:
        await pilot.press("z")
    await until(pilot, lambda: panel.view.layout_now.zoom is zoom)

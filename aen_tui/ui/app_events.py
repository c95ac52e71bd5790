"""What the app does about events: rings and notes where it was told to, opens charts, announces maintenance."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aen_tui.errors import AenError
from aen_tui.model.text import visible_line
from aen_tui.ui.app_keys import AppKeys
from aen_tui.ui.messages import MaintenanceRequested, OpenMetrics

if TYPE_CHECKING:
    from aen_tui.model.maintenance import Window
    from aen_tui.ui.backend import Backend

METRICS_DIGIT = 3
_ALERT_SECONDS = 1.0


class AppEvents(AppKeys):
    """An app on a backend whose events may want to be heard."""

    backend: Backend
    """What is watched."""

    def on_mount(self) -> None:
        """Listen."""
        self.set_interval(_ALERT_SECONDS, self.tell_alerts)

    def tell_alerts(self) -> None:
        """The terminal's bell, and its notification."""
        alerts = self.backend.alerts.take()
        if any(alert.bell for alert in alerts):
            self.bell()
        driver = getattr(self, "_driver", None)  # Textual has no word of its own for it
        for alert in alerts:
            if alert.notification and driver is not None:
                driver.write(osc9(alert.notification))

    async def on_open_metrics(self, message: OpenMetrics) -> None:
        """View 3 on these nodes, at that time."""
        from aen_tui.ui.panels.metrics import MetricsPanel

        await self.to_main()
        panel = await self.main.show(METRICS_DIGIT)
        panel.aim(message.nodes)
        if message.series is not None and isinstance(panel, MetricsPanel):
            panel.chart(message.series)
        if message.moment is not None:
            panel.seek(message.moment)

    async def on_maintenance_requested(self, message: MaintenanceRequested) -> None:
        """Announce it, or end it; it changes nothing on a node."""
        here = self.backend.maintenance
        try:
            if message.seconds is None:
                ended = await here.end(message.targets)
                said = f"maintenance ended: {_named(ended)}" if ended else "none was announced there"
            else:
                begun = await here.begin(message.targets, message.seconds, message.reason)
                said = f"maintenance begun, not counted until it ends: {_named(begun)}"
        except AenError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify(said, markup=False)


def _named(windows: Sequence[Window]) -> str:
    return windows[0].target if len(windows) == 1 else f"{len(windows)} targets"


def osc9(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """A terminal's notification, wrapped for the multiplexer that stands between."""
    bare = f"\x1b]9;{visible_line(text, 250)}\x07"
    if environment.get("TMUX"):
        return f"\x1bPtmux;{bare.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environment.get("STY"):
        return f"\x1bP{bare}\x1b\\"
    return bare

"""The views 1 to 9 behind one header and footer. A view is made when it is first shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.screens.frame import FramedScreen

if TYPE_CHECKING:
    from aen_tui.model.facts import ClusterState
    from aen_tui.ui.backend import Backend


class Views(Container):
    """Lies behind the view on screen; so each line of it need not be drawn, only to be hidden."""

    BLANK = True


class MainScreen(FramedScreen):
    """One view at a time; facts go to the one on screen only.

    Args:
        backend: what the panels are given.
        views: what there is, by digit.
        first: the digit of the view to begin with.
    """

    DEFAULT_CSS = """
    MainScreen #views { width: 1fr; height: 1fr; }
    """

    BLANK = True

    def __init__(self, backend: Backend, views: Sequence[PanelEntry], first: int) -> None:
        super().__init__(backend)
        self._entries = {entry.digit: entry for entry in views}
        self._panels: dict[int, Panel] = {}
        self._before = 0
        self._showing = asyncio.Lock()
        self.moment: float | None = None
        """The time that somebody went to, epoch seconds; None = the present."""
        self._active = first if first in self._entries else min(self._entries)
        self.header.views = tuple((entry.digit, entry.title) for entry in views)
        self._panels[self._active] = self._entries[self._active].panel(backend)
        self.header.active = self._active

    def compose_body(self) -> ComposeResult:
        """The view to begin with."""
        with Views(id="views"):
            yield self.panel

    @property
    def panel(self) -> Panel:
        """The view on screen."""
        return self._panels[self._active]

    @property
    def active(self) -> int:
        """The digit of the view on screen."""
        return self._active

    @property
    def active_title(self) -> str:
        """The title of the view on screen."""
        return self._entries[self._active].title

    def on_mount(self) -> None:
        """The first view comes on screen."""
        self._reveal()

    async def show(self, digit: int) -> Panel:
        """Bring a view on screen; the panel, mounted. The view before stays until all parts of this one are there."""
        if digit not in self._entries:
            return self.panel
        async with self._showing:  # whoever asks next waits, or parts of two views would be mixed
            if digit not in self._panels:
                await self._make(digit)
            if digit != self._active:
                self.panel.conceal()
                self.panel.display = False
                self._before, self._active = self._active, digit
                self.panel.display = True
                self.header.active = digit
                self._reveal()
            return self._panels[digit]

    async def _make(self, digit: int) -> None:
        panel = self._entries[digit].panel(self.backend)
        panel.display = False
        await self.query_one("#views").mount(panel)
        self._panels[digit] = panel
        if self.moment is not None:
            panel.seek(self.moment)

    def seek(self, moment: float | None, teller: object = None) -> None:
        """Every view goes to a time, or back to the present, but the one that told."""
        self.moment = moment
        for panel in self._panels.values():
            if panel is not teller:
                panel.seek(moment)

    async def show_last(self) -> None:
        """The view before this one."""
        if self._before:
            await self.show(self._before)

    def _reveal(self) -> None:
        self.panel.reveal()
        self.panel.take(self.backend.snapshot())
        self.footer.chip = self.panel.chip
        self.focus_panel()

    def focus_panel(self) -> None:
        """The keys go to the panel's first part that can have them."""
        if (part := _first_focusable(self.panel)) is not None:
            part.focus(scroll_visible=False)

    def take(self, state: ClusterState) -> None:
        """A new snapshot."""
        super().take(state)
        if self.panel.is_mounted:
            self.panel.take(state)

    def tick(self) -> None:
        """A second has passed."""
        super().tick()
        if self.panel.is_mounted:  # the view to begin with may have no parts yet
            self.panel.tick()


def _first_focusable(widget: Widget) -> Widget | None:
    if widget.can_focus and widget.display:
        return widget
    for child in widget.query("*"):
        if child.can_focus and child.display:
            return child
    return None

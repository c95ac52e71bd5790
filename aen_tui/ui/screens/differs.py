"""Who differs: computes of a data center beside each other, odd ones out first; Enter shows one as a diff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from aen_tui.model.differing import Comparison
from aen_tui.model.node import NodeName
from aen_tui.runtime.differences import Differences
from aen_tui.ui.presentation.differing_rows import OddRow, odd_details, odd_row, odd_rows, summary
from aen_tui.ui.screens.check_finding import CheckFindingScreen
from aen_tui.ui.screens.frame import FramedScreen
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend


class DiffersScreen(FramedScreen):
    """Asks when it is opened, and on request.

    Args:
        backend: what is watched.
        nodes: whose computes are compared.
    """

    AUTO_FOCUS = "#odd"
    DEFAULT_CSS = """
    DiffersScreen #summary { height: 1; }
    DiffersScreen #odd { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "back", id="differs.close", tooltip="Back to where you came from"),
        Binding("ctrl+r,f5", "look", "ask again", id="differs.look", tooltip="Ask the computes anew"),
    ]

    def __init__(self, backend: Backend, nodes: Sequence[NodeName]) -> None:
        super().__init__(backend)
        self._names = tuple(nodes)
        self._summary = Rows(id="summary", empty="", shows_cursor=False)
        self._summary.can_focus = False
        self._table = Rows(id="odd", empty="")
        self._rows: tuple[OddRow, ...] = ()
        self._found: tuple[Comparison, ...] = ()
        self._looking: Differences | None = None
        self._is_busy = False
        self.header.title = "Who differs"

    def compose_body(self) -> ComposeResult:
        """What was compared; who is odd."""
        yield self._summary
        yield self._table

    def on_mount(self) -> None:
        """Ask."""
        self.action_look()

    def action_look(self) -> None:
        """Ask all of them, unless that is under way."""
        if not self._is_busy:
            self._is_busy = True
            self._draw()
            self.run_worker(self._look(), name="differs")

    async def _look(self) -> None:
        state = self.backend.snapshot()
        self._looking = Differences(
            (state.nodes[name] for name in self._names), self.backend.checkup, self.backend.errand
        )
        try:
            self._found = await self._looking.look()
        finally:
            self._is_busy = False
        self._draw()

    @on(Rows.Resized)
    def _fit(self, event: Rows.Resized) -> None:
        event.stop()
        self._draw()

    def _draw(self) -> None:
        glyphs, width = glyphs_of(self), self.size.width - 2
        away = len(self._looking.away) if self._looking is not None else 0
        failed = len(self._looking.errors) if self._looking is not None else 0
        self._summary.show([summary(self._found, away, failed, is_busy=self._is_busy)])
        self._rows = tuple(odd_rows(self._found))
        self._table.show([odd_row(row, width, glyphs) for row in self._rows])

    @on(Rows.Chosen, "#odd")
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        if event.index < len(self._rows):
            self.app.push_screen(CheckFindingScreen(odd_details(self._rows[event.index])))

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)

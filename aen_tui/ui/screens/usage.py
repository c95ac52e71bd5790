"""`:usage TARGET`: instant answers, then the walk as it goes. Closing leaves it on its way; `K` cancels it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from aen_tui.ui.presentation import usage_rows
from aen_tui.ui.screens.frame import FramedScreen
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.runtime.usage import UsageJob
    from aen_tui.ui.backend import Backend

_DRAW_SECONDS = 0.5


class UsageScreen(FramedScreen):
    """One walk.

    Args:
        backend: what is watched.
        job: which; it goes on without the screen.
    """

    AUTO_FOCUS = "#lines"
    DEFAULT_CSS = """
    UsageScreen #state { height: 1; }
    UsageScreen #lines { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", id="usage.back", tooltip="Back; the walk goes on, `:usage` shows it again"),
        Binding("K", "cancel", "cancel", id="usage.cancel", tooltip="Cancel the walk, on the nodes too"),
        Binding("u", "again", "again", id="usage.again", tooltip="Walk again, and compare"),
    ]

    def __init__(self, backend: Backend, job: UsageJob) -> None:
        super().__init__(backend)
        self._job = job
        self._state = Rows(id="state", empty="", shows_cursor=False)
        self._state.can_focus = False
        self._lines = Rows(id="lines", empty="asking which filesystems there are")
        self._drawn: object = None

    def compose_body(self) -> ComposeResult:
        """How far it is, what there is."""
        yield self._state
        yield self._lines

    def on_mount(self) -> None:
        """Draw while it goes."""
        self.header.title = "usage"
        self.set_interval(_DRAW_SECONDS, self._draw)
        self._draw()

    def _draw(self) -> None:
        key = (id(self._job), self._job.revision)
        if key == self._drawn:
            return
        self._drawn = key
        glyphs, nodes = glyphs_of(self), self.backend.snapshot().nodes
        ahead = {name: node.connection.ahead_seconds for name, node in nodes.items()}
        self._state.show([usage_rows.state_line(self._job, glyphs)])
        self._lines.show(usage_rows.lines(self._job, self.backend.clock.wall(), glyphs, ahead))

    def action_cancel(self) -> None:
        """End the walk."""
        self._job.cancel()

    def action_again(self) -> None:
        """The same walk once more, when this one is over."""
        if self._job.is_over:
            self._job = self.backend.projects.usages.start(self._job.wanted)
            self._draw()

    def action_back(self) -> None:
        """Back; the walk goes on."""
        self.dismiss(None)

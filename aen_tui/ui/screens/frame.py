"""What every full screen has: the header above, the footer below, facts passed on to its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.reactive import Reactive, var
from textual.screen import Screen
from textual.widget import Widget

from aen_tui.ui.messages import ChipChanged
from aen_tui.ui.widgets.footer import Footer
from aen_tui.ui.widgets.header import Header

if TYPE_CHECKING:
    from aen_tui.model.facts import ClusterState
    from aen_tui.ui.backend import Backend


class FramedScreen(Screen[None]):
    """Header, body, footer. Subclasses give `compose_body`, and extend `take` and `tick`."""

    AUTO_FOCUS = "*"
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Textual paints the whole screen when the focus moves; the two parts that it concerns draw themselves."""
    full: var[bool] = var(False, init=False)
    """Whether header and footer are away."""

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self.backend = backend
        self.header = Header(backend)
        self.footer = Footer()

    def compose(self) -> ComposeResult:
        """Header, body, footer from top to bottom."""
        yield self.header
        yield from self.compose_body()
        yield self.footer

    def compose_body(self) -> ComposeResult:
        """What stands between header and footer."""
        yield from ()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """The screen is seen (again): it shows what is true now."""
        self.take(self.backend.snapshot())
        self.tick()

    def watch_full(self, full: bool) -> None:
        """Header and footer away, or back."""
        self.header.display = self.footer.display = not full

    def take(self, state: ClusterState) -> None:
        """A new snapshot, at most ten a second."""
        self.header.take(state)

    def tick(self) -> None:
        """A second has passed."""
        self.header.tick()
        self.footer.tick()

    def on_chip_changed(self, message: ChipChanged) -> None:
        """The footer shows the panel's filter."""
        message.stop()
        self.footer.chip = message.text

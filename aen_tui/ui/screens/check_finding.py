"""All that a check says: nodes, values, what is documented, remedy, seed, age."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.widgets.fields import Fields

if TYPE_CHECKING:
    from aen_tui.model.facts import ClusterState


class CheckFindingScreen(ModalScreen[None]):
    """Reads one check, as it is at each moment. Enter, Esc or q close it.

    Args:
        fields: what it says.
        again: what it says a second later, and so on; None where it stays as it is.
    """

    DEFAULT_CSS = """
    CheckFindingScreen { align: center middle; background: $background 70%; }
    CheckFindingScreen VerticalScroll {
        width: 96%; max-width: 120; height: auto; max-height: 100%; background: $surface; border: round $primary;
        border-title-style: bold; padding: 0 1; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "app.pop_screen", "close", id="finding.close", tooltip="Close"),
        Binding("j,down", "scroll(1)", "down", id="finding.down", tooltip="Scroll down", show=False),
        Binding("k,up", "scroll(-1)", "up", id="finding.up", tooltip="Scroll up", show=False),
        Binding("space,pagedown", "scroll(10)", "page down", id="finding.page_down", tooltip="A page on", show=False),
        Binding("b,pageup", "scroll(-10)", "page up", id="finding.page_up", tooltip="A page back", show=False),
    ]

    def __init__(self, fields: Sequence[Field], again: Callable[[], Sequence[Field]] | None = None) -> None:
        super().__init__()
        self._fields = fields
        self._again = again

    def compose(self) -> ComposeResult:
        """The fields, scrolled where they are many."""
        with VerticalScroll() as box:
            box.border_title = Content(" check ")
            box.border_subtitle = Content(" Esc close ")
            yield Fields(label_width=8)

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Fields).show(self._fields)

    def take(self, state: ClusterState) -> None:
        """Said a second later, with the rest."""

    def tick(self) -> None:
        """Ages move on, and what is live may be another."""
        if self._again is not None:
            self.query_one(Fields).show(self._again())

    def action_scroll(self, lines: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

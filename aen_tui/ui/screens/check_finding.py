"""All that a check says: nodes, values, what is documented, remedy, seed, age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.widgets.fields import Fields


class CheckFindingScreen(ModalScreen[None]):
    """Reads one check. Enter, Esc or q close it."""

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

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__()
        self._fields = tuple(fields)

    def compose(self) -> ComposeResult:
        """The fields, scrolled where they are many."""
        with VerticalScroll() as box:
            box.border_title = Content(" check ")
            box.border_subtitle = Content(" Esc close ")
            yield Fields(label_width=8)

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Fields).show(self._fields)

    def action_scroll(self, lines: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

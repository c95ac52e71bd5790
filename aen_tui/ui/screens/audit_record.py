"""All that is recorded of one step: what was run, by whom, why, what came of it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.runtime.audit_book import AuditStep
from aen_tui.ui.presentation.audit_rows import argv, details
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.palette import glyphs_of


class AuditRecordScreen(ModalScreen[None]):
    """Reads one step. Enter, Esc or q close it, c copies the command."""

    DEFAULT_CSS = """
    AuditRecordScreen { align: center middle; background: $background 70%; }
    AuditRecordScreen VerticalScroll {
        width: 96%; max-width: 110; height: auto; max-height: 100%; background: $surface; border: round $primary;
        border-title-style: bold; padding: 0 1; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "app.pop_screen", "close", id="record.close", tooltip="Close"),
        Binding("c", "copy", "copy", id="record.copy", tooltip="Copy the command (OSC 52)"),
        Binding("j,down", "scroll(1)", "down", id="record.down", tooltip="Scroll down", show=False),
        Binding("k,up", "scroll(-1)", "up", id="record.up", tooltip="Scroll up", show=False),
    ]

    def __init__(self, step: AuditStep) -> None:
        super().__init__()
        self._step = step

    def compose(self) -> ComposeResult:
        """The fields, scrolled where they are many."""
        with VerticalScroll() as box:
            box.border_title = Content(" record ")
            box.border_subtitle = Content(" Esc close   c copy the command ")
            yield Fields(label_width=8)

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Fields).show(details(self._step, is_ascii=glyphs_of(self).is_ascii))

    def action_scroll(self, lines: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """Copy the command as it is shown."""
        self.app.copy_to_clipboard(argv(self._step.intent))
        self.notify("the command was copied", timeout=2, markup=False)

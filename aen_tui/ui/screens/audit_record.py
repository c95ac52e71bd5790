"""All that is recorded of one step: what was run, by whom, why, what came of it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from aen_tui.runtime.audit_book import AuditStep
from aen_tui.ui.presentation.audit_rows import argv, details
from aen_tui.ui.screens.reading import ReadingScreen
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.palette import glyphs_of


class AuditRecordScreen(ReadingScreen):
    """Reads one step. Enter, Esc or q close it, c copies the command."""

    TITLES = ("record", "Esc close   c copy the command")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "app.pop_screen", "close", id="record.close", tooltip="Close"),
        Binding("c", "copy", "copy", id="record.copy", tooltip="Copy the command (OSC 52)"),
        Binding("j,down", "scroll(1)", "down", id="record.down", tooltip="Scroll down", show=False),
        Binding("k,up", "scroll(-1)", "up", id="record.up", tooltip="Scroll up", show=False),
    ]

    def __init__(self, step: AuditStep) -> None:
        super().__init__()
        self._step = step

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Fields).show(details(self._step, is_ascii=glyphs_of(self).is_ascii))

    def action_copy(self) -> None:
        """Copy the command as it is shown."""
        self.app.copy_to_clipboard(argv(self._step.intent))
        self.notify("the command was copied", timeout=2, markup=False)

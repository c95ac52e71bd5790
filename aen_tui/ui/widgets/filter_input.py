"""A line for typing a filter: opened by a key, closed by Enter (kept) or Esc (dropped)."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterInput(Input):
    """Takes no room while it is closed."""

    DEFAULT_CSS = """
    FilterInput { dock: bottom; height: 1; border: none; padding: 0 1; display: none; background: $surface; }
    FilterInput:focus { border: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close(False)", "drop", id="filter.drop", tooltip="Close and drop the filter"),
    ]

    class Closed(Message):
        """The line was left.

        Args:
            kept: whether the filter stays.
        """

        def __init__(self, kept: bool) -> None:
            self.kept = kept
            super().__init__()

    def __init__(self, *, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)

    def open(self, text: str) -> None:
        """Show the line with the present filter in it."""
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.focus()

    async def _on_key(self, event: events.Key) -> None:
        """Enter closes before the next key is looked at; what comes with it is for whoever has the focus then."""
        if self.display and event.key != "enter":
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        if self.display:
            self.action_close(True)
        else:
            self.app.post_message(events.Key(event.key, event.character))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter keeps."""
        message.stop()
        self.action_close(True)

    def action_close(self, kept: bool) -> None:
        """Leave the line."""
        self.display = False
        self.post_message(self.Closed(kept))

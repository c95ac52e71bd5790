"""An input for a word that must be typed: a pasted one proves nothing."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input


class WordInput(Input):
    """Takes typed characters only."""

    class PasteRefused(Message):
        """Something was pasted; the input is as it was."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.post_message(self.PasteRefused())

    def action_paste(self) -> None:
        """Refuse the program's own clipboard too."""
        self.post_message(self.PasteRefused())

"""The line where a search or a filter is typed: Tab makes one the other, Backspace on nothing drops a filter."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from aen_tui.ui.widgets.filter_input import FilterInput


class QueryInput(FilterInput):
    """A FilterInput that knows two manners."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "switch", "search or filter", id="query.switch", tooltip="Search instead of filter, and back"),
        Binding(
            "backspace,ctrl+h",
            "erase",
            "erase",
            id="query.erase",
            tooltip="Erase; where nothing is left, the last filter",
            show=False,
        ),
    ]

    class Switched(Message):
        """The other manner is wanted."""

    class Erased(Message):
        """Backspace was pressed where there was nothing to erase."""

    def action_switch(self) -> None:
        """Search instead of filter, and back."""
        self.post_message(self.Switched())

    def action_erase(self) -> None:
        """A character; where there is none, the last filter."""
        if self.value:
            self.action_delete_left()
        else:
            self.post_message(self.Erased())

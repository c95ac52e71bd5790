"""What is typed in a logs view: a search, a filter, a time; shown while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.widgets import Input

from aen_tui.model.moments import parse_moment
from aen_tui.ui.panels._folded_logs import FoldedLogs
from aen_tui.ui.widgets.filter_input import FilterInput
from aen_tui.ui.widgets.log_view import Wish
from aen_tui.ui.widgets.query_input import QueryInput

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

_PLACEHOLDERS = {
    "search": "search (RE2), all lines stay    Tab: filter instead",
    "filter": "only lines with (RE2), ! first: without    Tab: search instead    Backspace: last filter away",
    "goto": "time: 14:05, 14:05:30, 2016-10-19T14:05, -15m, -2d; older lines are brought from the nodes",
}
_PREVIEW_SECONDS = 0.03
"""After the last key; a pattern that is still being typed is not worth a look."""


class TypedLogs(FoldedLogs):
    """The line for typing and what becomes of it. The panel has the lines and the header."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._input = QueryInput(placeholder="")
        self._wish: Wish | None = None
        self._preview: Timer | None = None
        self.typed_trouble = ""
        """What is wrong with the pattern that is being typed; empty where nothing is."""

    def tell(self) -> None:
        """Bring the header up to date."""
        raise NotImplementedError

    def go_to(self, moment: float) -> None:
        """Go to a time, epoch seconds, and tell the other views."""
        raise NotImplementedError

    def ask(self, wish: Wish, text: str) -> None:
        """Open the line."""
        self._wish = wish
        self._input.placeholder = _PLACEHOLDERS[wish]
        self._input.open(text)

    def on_query_input_switched(self, message: QueryInput.Switched) -> None:
        """What was typed for the one is typed for the other."""
        message.stop()
        if self._wish not in ("search", "filter"):
            return
        text = self._input.value
        self._stop_preview()
        if self._wish == "search":
            self.view.search("")
        else:
            self.view.end_preview()
        self.ask("filter" if self._wish == "search" else "search", text)
        self._show_preview()

    def on_query_input_erased(self, message: QueryInput.Erased) -> None:
        """Backspace on nothing: the last filter goes."""
        message.stop()
        if self._wish == "filter":
            self.view.drop_filter()
            self.tell()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Show what is being typed, once the fingers rest."""
        message.stop()
        self._stop_preview()
        if self._wish in ("search", "filter"):
            self._preview = self.set_timer(_PREVIEW_SECONDS, self._show_preview)

    def _stop_preview(self) -> None:
        if self._preview is not None:
            self._preview.stop()
            self._preview = None

    def _show_preview(self) -> None:
        self.typed_trouble = ""
        try:
            if self._wish == "search":
                self.view.search(self._input.value)
            elif self._wish == "filter":
                self.view.filter(self._input.value, preview=True)
        except ValueError as error:  # half a pattern may be none
            self.typed_trouble = str(error)
        self.tell()

    def on_filter_input_closed(self, message: FilterInput.Closed) -> None:
        """Enter takes what was typed, Esc nothing."""
        message.stop()
        self._stop_preview()
        wish, self._wish, self.typed_trouble = self._wish, None, ""
        text = self._input.value
        self.view.focus()
        if wish is None:
            return
        try:
            self._carry_out(wish, text, kept=message.kept)
        except ValueError as error:
            self.view.end_preview()
            self.notify(str(error), severity="error", timeout=4, markup=False)
        self.tell()

    def _carry_out(self, wish: Wish, text: str, *, kept: bool) -> None:
        if wish == "search":
            self.view.search(text if kept else "", jump=kept)
        elif wish == "filter" and kept and text:
            self.view.filter(text)
        elif wish == "filter":
            self.view.end_preview()
        elif kept and text:
            self.go_to(parse_moment(text, self.backend.clock.wall()))

"""Some fields to be read in a box over what is on the screen: scrolled, and closed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.ui.widgets.fields import Fields


class ReadingScreen(ModalScreen[None]):
    """Subclasses say the box's title and bind keys, and fill its `Fields` when they are mounted."""

    DEFAULT_CSS = """
    ReadingScreen { align: center middle; background: $background 70%; }
    ReadingScreen VerticalScroll {
        width: 96%; max-width: 120; height: auto; max-height: 100%; background: $surface; border: round $primary;
        border-title-style: bold; padding: 0 1; scrollbar-size-vertical: 1;
    }
    """
    TITLES: ClassVar[tuple[str, str]]
    """On the upper edge of the box, and on the lower."""

    def compose(self) -> ComposeResult:
        """The fields, scrolled where they are many."""
        with VerticalScroll() as box:
            box.border_title = Content(f" {self.TITLES[0]} ")
            box.border_subtitle = Content(f" {self.TITLES[1]} ")
            yield Fields(label_width=9)

    def action_scroll(self, lines: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

"""The keys that work in the view below, made from its bindings; scrolls at every size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.widgets.fields import Fields


class HelpScreen(ModalScreen[None]):
    """A list of keys under headings.

    Args:
        title: what the keys belong to.
        sections: heading and its rows of (keys, what they do).
    """

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 76; max-width: 96%; height: auto; max-height: 92%;
        background: $surface; border: round $border; border-title-color: $accent;
        border-subtitle-color: $text-muted; padding: 0 2; scrollbar-size-vertical: 1;
    }
    HelpScreen Static { width: 1fr; height: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "close", id="help.close", tooltip="Close the help"),
        Binding("j,down", "scroll(1)", "down", id="help.down", tooltip="Scroll down", show=False),
        Binding("k,up", "scroll(-1)", "up", id="help.up", tooltip="Scroll up", show=False),
        Binding("space,pagedown", "page(1)", "page down", id="help.page-down", tooltip="Page down", show=False),
        Binding("b,pageup", "page(-1)", "page up", id="help.page-up", tooltip="Page up", show=False),
    ]

    def __init__(self, title: str, sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        super().__init__()
        self._title = title
        self._sections = sections

    def compose(self) -> ComposeResult:
        """One scrolled part."""
        with VerticalScroll() as box:
            box.border_title = Content(f" {self._title} ")
            box.border_subtitle = Content(" Esc closes ")
            yield from self._parts()

    def _parts(self) -> Iterator[Widget]:
        """Keys in a column of their own, so that words that wrap stay beside them."""
        width = max((len(keys) for _, rows in self._sections for keys, _ in rows), default=0) + 4
        for heading, rows in self._sections:
            yield Static(Content.styled(f"\n{heading}", "bold $accent"))
            part = Fields(label_width=width, label_role="text!")
            part.show([Field(f"  {keys}", ((words, "text"),)) for keys, words in rows])
            yield part
        yield Static("")

    def action_scroll(self, lines: int) -> None:
        """By lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """By pages."""
        box = self.query_one(VerticalScroll)
        box.scroll_relative(y=pages * max(1, box.size.height - 1), animate=False)

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)

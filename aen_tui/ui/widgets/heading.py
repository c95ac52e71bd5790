"""The name of a part of a page, with a rule to the right edge."""

from __future__ import annotations

from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.ui.widgets.palette import Palette


class Heading(Widget):
    """One line."""

    DEFAULT_CSS = """
    Heading { height: 1; }
    """

    note: reactive[str] = reactive("")
    """A few words after the name; made visible."""

    def __init__(self, title: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._title = title

    def render_line(self, y: int) -> Strip:
        """The line."""
        palette = Palette.of(self)
        width = self.size.width
        text, note = f"{self._title} ", f"{self.note} " if self.note else ""
        rule = palette.glyphs.rule * max(0, width - len(text) - len(note))
        segments = palette.paint([(text, "accent"), (note, "muted"), (rule, "faint")], width)
        return Strip(segments, width).apply_style(self.rich_style)

"""A widget of labelled values: labels in one column, values wrapped beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.style import Style
from textual.widget import Widget

from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.severity import plain
from aen_tui.ui.widgets.palette import Palette

_WORD = re.compile(r"\S+")


def _at_slashes(content: Content, width: int) -> Content:
    """Words that are longer than a line (paths, URLs) go on after a slash rather than in the middle of a name."""
    plain, cuts = content.plain, list[int]()
    for word in _WORD.finditer(plain) if plain.isascii() else ():
        start = word.start()
        while word.end() - start > width:
            start = plain.rfind("/", start + 1, start + width) + 1 or start + width
            cuts.append(start)
    return Content("\n").join(content.divide(cuts)) if cuts else content


class Fields(Widget):
    """Draws fields, never as markup; a change lays the screen out anew only if the height changes.

    Args:
        label_width: cells of the label column; 0 where fields have no labels.
        label_role: how labels look.
    """

    DEFAULT_CSS = """
    Fields { height: auto; width: 1fr; }
    """

    def __init__(
        self,
        *,
        label_width: int = 7,
        label_role: str = "muted",
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._fields: tuple[Field, ...] = ()
        self.label_width = label_width
        """Cells of the label column; set it before `show`."""
        self._label_role = label_role
        self._palette: Palette | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is shown."""
        return self._fields

    def notify_style_update(self) -> None:
        """The theme may be another."""
        self._palette = None
        super().notify_style_update()

    def show(self, fields: Sequence[Field]) -> None:
        """Replace what is shown; the same again costs nothing."""
        if tuple(fields) == self._fields:
            return
        width = self.content_size.width
        before = len(self._lines(width))
        self._fields = tuple(fields)
        self.refresh(layout=before != len(self._lines(width)))

    def _content(self, spans: Sequence[Span]) -> Content:
        if self._palette is None:
            self._palette = Palette.of(self)
        palette = self._palette
        styled = [
            (plain(text, palette.glyphs), Style.from_rich_style(palette.style(role), self.app.ansi_theme))
            for text, role in spans
            if text
        ]
        return Content.assemble(*styled)

    def _lines(self, width: int) -> list[Content]:
        gap = self.label_width
        lines: list[Content] = []
        for field in self._fields:
            label = self._content([(field.label[:gap].ljust(gap), self._label_role)])
            room = max(8, width - gap)
            for index, line in enumerate(_at_slashes(self._content(field.value), room).wrap(room)):
                lines.append((label if index == 0 else Content(" " * gap)) + line)
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the wrapped values need."""
        return len(self._lines(width))

    def render(self) -> Content:
        """All lines."""
        return Content("\n").join(self._lines(self.content_size.width))

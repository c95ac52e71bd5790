"""Names of colour roles to styles: the one place where a drawn widget gets its colours from the theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.widget import Widget

from aen_tui.ui.presentation.severity import Glyphs, glyphs_for, plain

Span = tuple[str, str]
"""Text and the name of its colour role; `role!` is bold."""

_FALLBACK = {
    "text": "foreground",
    "muted": "foreground-muted",
    "faint": "foreground-disabled",
    "ok": "success",
    "unknown": "secondary",
    "warning": "warning",
    "critical": "error",
    "stale": "secondary",
    "accent": "accent",
    "background": "background",
    "surface": "surface",
    "pane": "surface",
    "cursor": "panel",
    "header": "panel",
    "chip": "accent",
    "series-1": "primary",
    "series-2": "accent",
    "series-3": "secondary",
}
"""Where a theme has no role of ours (Textual's own themes), what stands for it."""


class Palette:
    """The styles of one theme, made once a role.

    Args:
        variables: the theme's variables; ours are `aen-<role>` (a colour) and `aen-<role>-is` (bold, dim, reverse).
        glyphs: the signs of this terminal.
    """

    def __init__(self, variables: Mapping[str, str], glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self._variables = variables
        self._styles: dict[tuple[str, str], Style] = {}

    @classmethod
    def of(cls, widget: Widget) -> Self:
        """The palette of the theme a widget is shown in; make a new one when the theme changes."""
        return cls(widget.app.theme_variables, glyphs_of(widget))

    def color(self, role: str) -> Color:
        """The colour of a role, opaque."""
        text = self._variables.get(f"aen-{role}") or self._variables.get(_FALLBACK.get(role, "foreground"), "")
        try:
            color = Color.parse(text)
        except ColorParseError:
            return Color.parse("ansi_default")
        return color if color.ansi is not None or color.a == 1 else self.color("background") + color

    def style(self, role: str, on: str = "") -> Style:
        """Text in a role's colour (`role!`: bold), on the colour of the role `on`."""
        key = (role, on)
        if key not in self._styles:
            name = role.removesuffix("!")
            style = Style(color=self.color(name).rich_color, bold=True if role.endswith("!") else None)
            style += self._attributes(name)
            if on:
                style += Style(bgcolor=self.color(on).rich_color) + self._attributes(on)
            self._styles[key] = style
        return self._styles[key]

    def _attributes(self, role: str) -> Style:
        words = self._variables.get(f"aen-{role}-is", "")
        return Style.parse(words) if words else Style.null()

    def paint(self, spans: Iterable[Span], width: int, on: str = "") -> list[Segment]:
        """Spans as segments of exactly `width` cells: what is too long is cut with an ellipsis, a tab is blanks.

        Neighbours that look alike become one segment, and blanks go with what stands before them:
        each segment costs some forty bytes of colour on the way to the terminal.
        """
        texts: list[str] = []
        styles: list[Style] = []
        left = width
        for raw, role in spans:
            if not raw:
                continue
            text = raw.expandtabs(8)
            if self.glyphs.is_ascii:
                text = plain(text, self.glyphs)
            cells = len(text) if text.isascii() else cell_len(text)
            if cells > left:
                if left > 0:
                    cut = set_cell_size(text, left - 1) + self.glyphs.ellipsis
                    self._add(texts, styles, cut, self.style(role, on))
                left = 0
                break
            self._add(texts, styles, text, self.style(role, on))
            left -= cells
        if left > 0:
            self._add(texts, styles, " " * left, self.style("text", on))
        return [Segment(text, style) for text, style in zip(texts, styles, strict=True)]

    @staticmethod
    def _add(texts: list[str], styles: list[Style], text: str, style: Style) -> None:
        if texts and (styles[-1] is style or (not styles[-1].underline and text.isspace())):
            texts[-1] += text
        else:
            texts.append(text)
            styles.append(style)


def spans_width(spans: Iterable[Span]) -> int:
    """Cells that spans take."""
    texts = (text.expandtabs(8) for text, _ in spans)
    return sum(len(text) if text.isascii() else cell_len(text) for text in texts)


def glyphs_of(widget: Widget) -> Glyphs:
    """The signs of the terminal that a widget is shown on."""
    found = getattr(widget.app, "glyphs", None)
    return found if isinstance(found, Glyphs) else glyphs_for()


def changed_until(old: Sequence[Segment], new: Sequence[Segment]) -> int:
    """The cell after the last one in which two lines of the same width differ, by whole segments."""
    alike = 0
    for one, other in zip(reversed(old), reversed(new), strict=False):
        if one != other:
            break
        alike += one.cell_length
    return sum(segment.cell_length for segment in new) - alike

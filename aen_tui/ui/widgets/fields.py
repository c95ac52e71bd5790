"""A widget of labelled values: labels in one column, values wrapped beside them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from aen_tui.ui.presentation.plan_text import Field


class Fields(Widget):
    """Draws fields without markup; a change of the fields lays out anew only if the height changes."""

    DEFAULT_CSS = """
    Fields { height: auto; width: 1fr; }
    """

    def __init__(self, *, label_width: int = 9, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._fields: tuple[Field, ...] = ()
        self._label_width = label_width

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is shown."""
        return self._fields

    def show(self, fields: Sequence[Field]) -> None:
        """Replace what is shown."""
        width = self.content_size.width
        before = len(self._lines(width)) if width else -1
        self._fields = tuple(fields)
        self.refresh(layout=before != len(self._lines(width)))

    def _lines(self, width: int) -> list[Content]:
        gap = self._label_width
        lines: list[Content] = []
        for field in self._fields:
            label = Content.styled(field.label.ljust(gap), "$text-muted")
            for index, line in enumerate(field.value.wrap(max(8, width - gap))):
                lines.append((label if index == 0 else Content(" " * gap)) + line)
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the wrapped values need."""
        return len(self._lines(width))

    def render(self) -> Content:
        """All lines."""
        return Content("\n").join(self._lines(self.content_size.width or self.size.width))

"""A list with a cursor, drawn line by line: rows of coloured spans, never markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.widgets.palette import Palette

Row = Sequence[Span]


class _OfRow(Message):
    """Something about one row of a list."""

    def __init__(self, rows: Rows, index: int) -> None:
        self.rows = rows
        self.index = index
        super().__init__()

    @property
    def control(self) -> Rows:
        """The list."""
        return self.rows


class Rows(ScrollView, can_focus=True):
    """Rows of one line each; the cursor keeps its row number, whatever the rows say."""

    DEFAULT_CSS = """
    Rows { height: auto; background: transparent; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", id="rows.down", tooltip="Next row", show=False),
        Binding("k,up", "move(-1)", "up", id="rows.up", tooltip="Previous row", show=False),
        Binding("g,home", "move_to(0)", "first", id="rows.first", tooltip="First row", show=False),
        Binding("G,end", "move_to(-1)", "last", id="rows.last", tooltip="Last row", show=False),
        Binding("enter", "choose", "open", id="rows.choose", tooltip="Open the row under the cursor"),
    ]

    cursor: reactive[int] = reactive(0)
    """The row under the cursor; -1 where there are no rows."""
    empty: reactive[str] = reactive("nothing here")
    """What is said where there are no rows."""

    class Moved(_OfRow):
        """The cursor stands on another row."""

    class Chosen(_OfRow):
        """Enter or a click on the row under the cursor."""

    class Resized(Message):
        """Rows may be fitted to another width."""

    def __init__(self, *, id: str | None = None, empty: str = "nothing here", shows_cursor: bool = True) -> None:  # noqa: A002
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self.set_reactive(Rows.empty, empty)
        self._shows_cursor = shows_cursor
        self._palette: Palette | None = None

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown."""
        return self._rows

    def notify_style_update(self) -> None:
        """The theme may be another."""
        self._palette = None
        super().notify_style_update()

    def on_resize(self) -> None:
        """Tell who makes the rows."""
        self.post_message(self.Resized())

    def show(self, rows: Sequence[Row]) -> None:
        """Replace the rows; only lines that changed are drawn."""
        before, self._rows = self._rows, tuple(rows)
        if len(before) != len(self._rows):
            self.virtual_size = Size(0, len(self._rows))
            self.cursor = self.validate_cursor(self.cursor)
            self.refresh(layout=True)
            if bool(before) != bool(self._rows):
                self.refresh_bindings()
            return
        for index, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                self._refresh_row(index)

    def validate_cursor(self, index: int) -> int:
        """Within the rows."""
        return max(0, min(index, len(self._rows) - 1)) if self._rows else 0

    def watch_cursor(self, before: int, index: int) -> None:
        """Draw both rows, keep the cursor in sight, tell."""
        self._refresh_row(before)
        self._refresh_row(index)
        self.scroll_to_region(Region(0, index, 1, 1), animate=False, force=True)
        if self.is_mounted:
            self.post_message(self.Moved(self, index))

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor is strong only where keys go."""
        super().watch_has_focus(has_focus)
        self._refresh_row(self.cursor)

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, index - self.scroll_offset.y, self.size.width, 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line a row; one line says that there is none."""
        return max(1, len(self._rows))

    def render_line(self, y: int) -> Strip:
        """One row."""
        if self._palette is None:
            self._palette = Palette.of(self)
        palette = self._palette
        width = self.scrollable_content_region.width  # what is cut beside a scrollbar says so, too
        index = y + self.scroll_offset.y
        if index >= len(self._rows):
            text = self.empty if not self._rows and y == 0 else ""
            return Strip(palette.paint([(f" {text}", "muted")], width), width).apply_style(self.rich_style)
        is_here = index == self.cursor and self._shows_cursor and self.has_focus
        sign = palette.glyphs.right if is_here else " "
        segments = palette.paint([(sign, "accent!"), *self._rows[index]], width, "cursor" if is_here else "")
        return Strip(segments, width).apply_style(self.rich_style)

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor += rows

    def action_move_to(self, index: int) -> None:
        """Put the cursor on the first (0) or last (-1) row."""
        self.cursor = len(self._rows) - 1 if index < 0 else index

    def offers(self, action: str) -> bool:
        """Whether the footer names a key: Enter where there is a row to open."""
        return action != "choose" or bool(self._rows)

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self._rows:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a click on the cursor's row opens it."""
        index = event.y + self.scroll_offset.y
        if index >= len(self._rows):
            return
        if index == self.cursor and event.chain > 1:
            self.action_choose()
        self.cursor = index

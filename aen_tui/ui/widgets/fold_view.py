"""Warnings and errors of all nodes, one row a message; logs that fell silent. One drawn widget.

The row under the cursor keeps its place on the screen while others come and go above it. Only lines
that read otherwise are drawn again.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import chop_cells
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.clock import Clock
from aen_tui.model.logs import LogKey
from aen_tui.state.folding import Folding
from aen_tui.state.known_templates import LEARNING_SECONDS
from aen_tui.state.silence import Silences
from aen_tui.ui.presentation.fold_rows import Columns, FoldRow, Order, detail_of, rows_of, spans_of
from aen_tui.ui.widgets.fold_keys import FOLD_BINDINGS
from aen_tui.ui.widgets.palette import Palette, Span, spans_width

_WHEEL_ROWS = 3
_LOW = 18
"""Below this height the detail takes fewer lines."""


class FoldView(Widget, can_focus=True):
    """Rows, under a line that counts them and over the whole of the row under the cursor.

    Args:
        folding: messages.
        silences: logs that are silent.
        clock: now.
    """

    DEFAULT_CSS = """
    FoldView { width: 1fr; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = FOLD_BINDINGS

    class Opened(Message):
        """The lines of a row are wanted.

        Args:
            keys: the logs that said it.
            moment: when the first of them did, epoch seconds.
            begin: the log and the number of that line; None where it is silence that is looked at.
        """

        def __init__(self, keys: tuple[LogKey, ...], moment: float, begin: tuple[LogKey, int] | None) -> None:
            self.keys = keys
            self.moment = moment
            self.begin = begin
            super().__init__()

    class Closed(Message):
        """Back to the log lines."""

    def __init__(self, folding: Folding, silences: Silences, clock: Clock) -> None:
        super().__init__()
        self._folding = folding
        self._silences = silences
        self._clock = clock
        self._palette: Palette | None = None
        self._order = Order.NEWEST
        self._rows: list[FoldRow] = []
        self._strips: list[Strip] = []
        self._cursor = 0
        self._top = 0
        self._stays_on_top = True

    # -- what is shown --------------------------------------------------------------------------

    @property
    def row(self) -> FoldRow | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    def update(self) -> None:
        """Take what changed; called once a second while it is shown."""
        here = self.row
        rows = rows_of(self._folding.rows, self._silences.now, self._clock.wall(), self._order)
        self._rows = rows
        if self._stays_on_top or here is None:
            self._cursor = self._top = 0
        else:
            at = next((index for index, row in enumerate(rows) if row.id == here.id), self._cursor)
            self._top += at - self._cursor
            self._cursor = at
        self._settle()

    def _settle(self) -> None:
        """Keep the cursor within the rows and in sight, and draw what changed."""
        self._cursor = max(0, min(self._cursor, len(self._rows) - 1))
        height = self._list_height
        self._top = max(self._cursor - height + 1, min(self._top, self._cursor))
        self._top = max(0, min(self._top, len(self._rows) - height))
        self._draw()

    @property
    def _detail_height(self) -> int:
        return 3 if self.size.height < _LOW else 5

    @property
    def _list_height(self) -> int:
        return max(1, self.size.height - 1 - self._detail_height)

    def _draw(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        before, self._strips = self._strips, self._painted()
        if len(before) != len(self._strips):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._strips, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def _painted(self) -> list[Strip]:
        palette = self._palette = self._palette or Palette.of(self)
        width, wall = self.size.width, self._clock.wall()
        strips = [Strip(palette.paint(self._counts(width), width, "header"), width)]
        shown = self._rows[self._top : self._top + self._list_height]
        columns = Columns.fitting(width, shown)
        for index in range(self._list_height):
            spans: list[Span] = []
            is_here = False
            if index < len(shown):
                is_here = self._top + index == self._cursor
                sign = palette.glyphs.right if is_here else " "
                spans = [(sign, "accent!"), *spans_of(shown[index], columns, wall, palette.glyphs)]
            elif not self._rows and not index:
                spans = [(" No warning and no error so far", "muted")]
            strips.append(Strip(palette.paint(spans, width, "cursor" if is_here else ""), width))
        return [strip.apply_style(self.rich_style) for strip in (*strips, *self._detail(palette, width, wall))]

    def _detail(self, palette: Palette, width: int, wall: float) -> list[Strip]:
        """The whole of the row under the cursor."""
        row, height = self.row, self._detail_height
        lines: list[list[Span]] = []
        if row is not None:
            head, text = detail_of(row, wall, palette.glyphs)
            rule = palette.glyphs.rule * max(0, width - spans_width(head) - 1)
            pieces = chop_cells(text, max(1, width - 2))
            if len(pieces) > height - 1:
                pieces = [*pieces[: height - 2], "".join(pieces[height - 2 :])]
            lines = [[*head, (f" {rule}", "faint")], *([(f" {piece}", "text")] for piece in pieces)]
        lines += [[]] * (height - len(lines))
        return [Strip(palette.paint(spans, width), width) for spans in lines[:height]]

    def _counts(self, width: int) -> list[Span]:
        """What there is, the most important first; what does not fit is left out."""
        known = self._folding.known
        silent = len(self._silences)
        new = sum(row.is_new for row in self._rows)
        messages = sum(not row.is_silence for row in self._rows)
        parts: list[Span] = [(f"{messages:,} message{'s' if messages != 1 else ''}", "text")]
        if new:
            parts.append((f"{new:,} NEW", "accent!"))
        if silent:
            parts.append((f"{silent:,} silent", "stale"))
        parts.append((self._order.value, "muted"))
        if left_out := self._folding.left_out:
            parts.append((f"{left_out:,} lines not looked at", "warning"))
        if known.is_learning:
            hours, needed = known.learned_seconds / 3600, LEARNING_SECONDS / 3600
            parts.append((f"learning: {hours:.0f} of {needed:.0f} h", "faint"))
        dot = self._palette.glyphs.dot if self._palette is not None else "-"
        spans: list[Span] = []
        for part in parts:
            sized: list[Span] = [(f" {dot} " if spans else " ", "faint"), part]
            if spans_width(spans) + spans_width(sized) <= width:
                spans += sized
        return spans

    def render_line(self, y: int) -> Strip:
        """A line."""
        if not self._strips:
            self._strips = self._painted()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def on_resize(self, _event: events.Resize) -> None:
        """Columns are fitted to the width."""
        self._settle()

    def notify_style_update(self) -> None:
        """The theme may be another."""
        super().notify_style_update()
        self._palette, self._strips = None, []
        if self.is_mounted:
            self.refresh()

    # -- keys -----------------------------------------------------------------------------------

    def _move_to(self, index: int) -> None:
        self._cursor = index
        self._stays_on_top = index <= 0
        self._settle()

    def action_step(self, rows: int) -> None:
        """The next or the previous row."""
        self._move_to(self._cursor + rows)

    def action_page(self, pages: int) -> None:
        """A page down or up, one row stays."""
        rows = pages * max(1, self._list_height - 1)
        self._top += rows
        self._move_to(self._cursor + rows)

    def action_top(self) -> None:
        """The first row, and stay on top."""
        self._move_to(0)

    def action_bottom(self) -> None:
        """The last row."""
        self._move_to(len(self._rows) - 1)

    def action_order(self) -> None:
        """The other order, from its top."""
        self._order = self._order.following
        self._stays_on_top = True
        self.update()

    def action_open(self) -> None:
        """The lines of the row."""
        if self.row is not None:
            self.post_message(self.Opened(self.row.sources, self.row.first, self.row.begin))

    def action_close(self) -> None:
        """Back to the log lines."""
        self.post_message(self.Closed())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self.action_step(-_WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.action_step(_WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens the row."""
        index = self._top + event.y - 1
        if not 0 <= event.y - 1 < self._list_height or index >= len(self._rows):
            return
        if index == self._cursor and event.chain > 1:
            self.action_open()
        self._move_to(index)

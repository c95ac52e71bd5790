"""All nodes in one drawn widget: heat cells, strips or panes, by group, with a cursor.

A node is not a widget. Its lines are made when they come on screen and kept while its `NodeState` is the
same object; of a changed node only the rows that read otherwise are sent to the terminal. Each drawn
node knows until when its ages hold, so a tick redraws those that read otherwise and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity, worst
from aen_tui.ui.presentation.fleet_layout import LABEL_CELLS, Band, Box, Group, Layout, Zoom, lay_out
from aen_tui.ui.presentation.panes import pane, pane_height
from aen_tui.ui.presentation.rows import History, Line, Look
from aen_tui.ui.presentation.severity import severity_sign
from aen_tui.ui.presentation.strips import Columns, cell, strip
from aen_tui.ui.presentation.urgency import is_urgent
from aen_tui.ui.widgets.fitted import Fitted
from aen_tui.ui.widgets.palette import Palette, changed_until, spans_width

_PANE_MARGIN = 3
"""Edge, blank, text, blank."""


@dataclass(slots=True)
class Drawn:
    """A node's finished lines and what they were made from."""

    node: NodeState
    lines: list[list[Segment]]
    until: float
    """Monotonic second at which they no longer hold."""


class FleetView(Fitted, ScrollView, can_focus=True, inherit_bindings=False):
    """The drawn nodes. Told what to show by `show_groups` and `take`; says where the cursor is."""

    DEFAULT_CSS = """
    FleetView { width: 1fr; height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size: 0 0; }
    """

    class CursorMoved(Message):
        """The cursor stands on another node."""

        def __init__(self, name: NodeName | None) -> None:
            self.name = name
            super().__init__()

    class Chosen(Message):
        """A node was clicked twice."""

        def __init__(self, name: NodeName) -> None:
            self.name = name
            super().__init__()

    def __init__(self, history: History, longest_name: int) -> None:
        super().__init__()
        self._history = history
        self._longest_name = longest_name
        self._states: Mapping[NodeName, NodeState] = {}
        self._groups: Sequence[Group] = ()
        self._marks: Set[NodeName] = frozenset()
        self._now = 0.0
        self._drawn: dict[NodeName, Drawn] = {}
        self._headings: dict[str, Line] = {}
        self._palette: Palette | None = None
        self.layout_now = Layout(Zoom.PANE, roomy=False, width=0)
        """Where everything stands."""
        self.zoom: Zoom | None = None
        """What the user chose; None: the largest at which everything is seen at once."""
        self.cursor: NodeName | None = None
        self._outgrown = False
        self.drawn_count = 0
        """Nodes whose lines were made since the start; for tests and benches."""

    # -- what is shown -------------------------------------------------------------------------

    def show_groups(self, groups: Sequence[Group], *, marks: Set[NodeName], zoom: Zoom | None) -> None:
        """Show these nodes, in these groups; the cursor stays on its node where that is still there."""
        remarked = marks ^ self._marks
        self._groups, self._marks, self.zoom = groups, frozenset(marks), zoom
        for name in remarked:
            self._drawn.pop(name, None)
        self._relayout()

    def take(self, nodes: Mapping[NodeName, NodeState], now: float) -> None:
        """New facts: redraw what turned good or bad; figures that only moved wait for the tick.

        A frame costs about the same whether one node or all changed: 53 nodes' figures would make ten a second.
        """
        before, self._states, self._now = self._states, nodes, now
        if not before:
            return
        urgent = {name for name, node in nodes.items() if node is not before[name] and is_urgent(before[name], node)}
        if urgent:
            seen = [name for name, _ in self._seen() if name in urgent]
            for name in urgent.difference(seen):
                self._drawn.pop(name, None)
            self._redraw(seen)
            self._refresh_headings()

    def outgrown(self) -> bool:
        """Whether a visible pane has more to say than its box holds: then everything is arranged anew."""
        return self._outgrown

    def tick(self, now: float) -> None:
        """Time has passed: redraw the figures that moved and the ages that read otherwise, all in one frame."""
        self._now = now
        self._redraw(
            [name for name, drawn in self._seen() if drawn.until <= now or drawn.node is not self._states[name]]
        )

    def _relayout(self) -> None:
        width, height = self.room
        if not width or not self._states:
            return
        before, self._outgrown = self.layout_now, False
        layout = self._lay_out(width, height, self.zoom)
        if layout.zoom is Zoom.CELL:  # the last row is for the words of the node under the cursor
            height -= 1
            layout = self._lay_out(width, height, Zoom.CELL)
        if layout.height > height:  # the last column is for the scroll bar
            layout = self._lay_out(width - 1, height, layout.zoom)
        self.layout_now = layout
        if (before.zoom, before.roomy, before.width) != (layout.zoom, layout.roomy, layout.width):
            self._drawn.clear()
        else:
            for name, box in layout.boxes.items():
                old = before.boxes.get(name, box)
                if (old.width, old.height) != (box.width, box.height):
                    self._drawn.pop(name, None)
        if self.cursor not in layout.boxes:
            self._place(next(iter(layout.boxes), None))
        self.virtual_size = Size(width, layout.height + self.room.height - self._rows_seen)
        self._headings = {group.title: self._heading(group) for group in self._groups}
        self.refresh()
        self.call_after_refresh(self._show_cursor)

    def _lay_out(self, width: int, height: int, zoom: Zoom | None) -> Layout:
        return lay_out(
            self._groups, width, height, self._wanted_height,
            zoom=zoom, longest_name=self._longest_name, before=self.layout_now,
        )  # fmt: skip

    def _wanted_height(self, name: NodeName, width: int, roomy: bool) -> int:
        return pane_height(self._states[name], width - _PANE_MARGIN, self._look(), roomy=roomy)

    @property
    def _rows_seen(self) -> int:
        """Rows of the screen that show the arrangement."""
        return self.room.height - (1 if self.layout_now.zoom is Zoom.CELL else 0)

    def _look(self) -> Look:
        return Look(self._now, self._colors.glyphs, self._history)

    @property
    def _colors(self) -> Palette:
        if self._palette is None:
            self._palette = Palette.of(self)
        return self._palette

    def fit(self, size: Size) -> None:
        """Everything may stand elsewhere."""
        self._relayout()

    def notify_style_update(self) -> None:
        """The theme may be another; also told when a box opens above, where Textual paints nothing anew by itself."""
        self._palette = None
        self._drawn.clear()
        super().notify_style_update()
        if self.is_mounted:
            self.refresh()

    # -- the cursor ----------------------------------------------------------------------------

    def move(self, dx: int, dy: int) -> None:
        """Move the cursor by nodes."""
        if self.cursor is not None:
            self.put_cursor(self.layout_now.neighbour(self.cursor, dx, dy))

    def move_page(self, pages: float) -> None:
        """Move the cursor by screens."""
        layout = self.layout_now
        if self.cursor is None or not layout.bands:
            return
        here = layout.bands[layout.band_of[self.cursor]]
        wanted = here.y + int(pages * self._rows_seen)
        index = min(range(len(layout.bands)), key=lambda i: abs(layout.bands[i].y - wanted))
        self.move(0, index - layout.band_of[self.cursor])

    def to_edge(self, *, last: bool) -> None:
        """The first or the last node."""
        names = list(self.layout_now.boxes)
        if names:
            self.put_cursor(names[-1 if last else 0])

    def put_cursor(self, name: NodeName) -> None:
        """Stand on a node that is shown, and have it on screen."""
        if name in self.layout_now.boxes and name != self.cursor:
            before = self.cursor
            self._place(name)
            for one in (before, name):
                if one is not None and one in self.layout_now.boxes:
                    self._drawn.pop(one, None)
                    self._refresh_box(self.layout_now.boxes[one])
            self._refresh_words()
        self._show_cursor()

    def _place(self, name: NodeName | None) -> None:
        if name != self.cursor:
            if self.cursor is not None:
                self._drawn.pop(self.cursor, None)
            self.cursor = name
            self.post_message(self.CursorMoved(name))

    def _show_cursor(self) -> None:
        if self.cursor is None or self.cursor not in self.layout_now.boxes:
            return
        box = self.layout_now.boxes[self.cursor]
        top, height = self.scroll_offset.y, self._rows_seen
        above = 1 if box.y and isinstance(self.layout_now.rows[box.y - 1], Group) else 0
        if box.y - above < top:
            self.scroll_to(y=0 if box.y <= 1 else box.y - above, animate=False, force=True)
        elif box.y + box.height > top + height:
            self.scroll_to(y=box.y + box.height - height, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """The cursor goes where the mouse clicks; twice opens."""
        name = self.layout_now.at(event.x, event.y + self.scroll_offset.y)
        if name is None:
            return
        self.put_cursor(name)
        if event.chain == 2:
            self.post_message(self.Chosen(name))

    # -- drawing -------------------------------------------------------------------------------

    def _seen(self) -> Iterator[tuple[NodeName, Drawn]]:
        """The nodes on screen that have been drawn."""
        top = self.scroll_offset.y
        seen: Band | None = None
        for row in self.layout_now.rows[top : top + self._rows_seen]:
            if isinstance(row, Band) and row is not seen:
                seen = row
                for name in row.names:
                    if (drawn := self._drawn.get(name)) is not None:
                        yield name, drawn

    def _redraw(self, names: Iterable[NodeName]) -> None:
        """Draw nodes anew; of the rows that read otherwise, one stretch each is sent to the terminal.

        One stretch a row, because Textual writes a row from its beginning to the end of each stretch.
        """
        last_cell: dict[int, int] = {}
        for name in names:
            before = self._drawn.pop(name)
            box = self.layout_now.boxes[name]
            for y, (old, new) in enumerate(zip(before.lines, self._draw(name).lines, strict=True), box.y):
                if old != new:
                    last_cell[y] = max(last_cell.get(y, 0), box.x + changed_until(old, new))
            if name == self.cursor:
                self._refresh_words()
        if last_cell:
            top = self.scroll_offset.y
            self.refresh(*(Region(0, y - top, last, 1) for y, last in last_cell.items()))

    def _refresh_words(self) -> None:
        if self._rows_seen < self.size.height:
            self.refresh(Region(0, self._rows_seen, self.size.width, 1))

    def _refresh_box(self, box: Box) -> None:
        self.refresh(Region(box.x, box.y - self.scroll_offset.y, box.width, box.height))

    def _draw(self, name: NodeName) -> Drawn:
        if (kept := self._drawn.get(name)) is not None:
            return kept
        self.drawn_count += 1
        node, box, look = self._states[name], self.layout_now.boxes[name], self._look()
        on = "cursor" if name == self.cursor else "pane" if self.layout_now.zoom is not Zoom.CELL else "background"
        marked = name in self._marks
        paint = self._colors.paint
        if self.layout_now.zoom is Zoom.CELL:
            lines = [paint(cell(node, box.width, look, marked=marked), box.width, on)]
        elif self.layout_now.zoom is Zoom.STRIP:
            text = strip(node, Columns.fit(box.width - 1, self._longest_name), look)
            lines = [paint([self._edge(name, node), *text], box.width, on)]
        else:
            texts = pane(node, box.width - _PANE_MARGIN, look, marked=marked, roomy=self.layout_now.roomy)
            self._outgrown |= len(texts) > box.height
            texts = texts[: box.height] + [[]] * (box.height - len(texts))
            edge = self._edge(name, node)
            blank = paint((), 1, on)
            lines = [paint([edge, (" ", "text"), *text], box.width - 1, on) + blank for text in texts]
        drawn = self._drawn[name] = Drawn(node, lines, look.until)
        return drawn

    def _edge(self, name: NodeName, node: NodeState) -> tuple[str, str]:
        role = "faint" if node.severity is Severity.OK else node.severity.word
        if name in self._marks and self.layout_now.zoom is not Zoom.PANE:
            return (self._colors.glyphs.mark, "chip!")
        return (self._colors.glyphs.bar, "accent!" if name == self.cursor else role)

    def render_line(self, y: int) -> Strip:
        """A row of the screen."""
        width = self.size.width
        if y == self._rows_seen:
            return Strip(self._cursor_words(width), width)
        at = y + self.scroll_offset.y
        layout, paint = self.layout_now, self._colors.paint
        row = layout.rows[at] if at < layout.height else None
        segments: list[Segment]
        if isinstance(row, Band):
            segments, x = [], 0
            if row.label is not None:
                segments, x = (
                    paint(self._headings.get(row.label.title, ()), LABEL_CELLS - 1, "background"),
                    LABEL_CELLS - 1,
                )
            for name in row.names:
                box = layout.boxes[name]
                if box.x > x:
                    segments += paint((), box.x - x, "background")
                segments += self._draw(name).lines[at - row.y]
                x = box.x + box.width
            segments += paint((), layout.width - x, "background")
        else:
            text = self._headings.get(row.title, []) if row is not None else []
            segments = paint(text, layout.width, "background")
        if layout.width < width:
            segments += paint(self._scroll_bar(y), width - layout.width, "background")
        return Strip(segments, width)

    def _cursor_words(self, width: int) -> list[Segment]:
        if self.cursor is None or self.cursor not in self._states:
            return self._colors.paint((), width, "background")
        node = self._states[self.cursor]
        columns = Columns.fit(width - 1, self._longest_name)
        text = strip(node, columns, self._look())
        return self._colors.paint([self._edge(self.cursor, node), *text], width, "pane")

    def _scroll_bar(self, y: int) -> Line:
        height, whole = self._rows_seen, max(1, self.layout_now.height)
        first = self.scroll_offset.y * height // whole
        size = max(1, height * height // whole)
        return [(self._colors.glyphs.bar if first <= y < first + size else " ", "faint")]

    def _refresh_headings(self) -> None:
        top = self.scroll_offset.y
        for y, row in enumerate(self.layout_now.rows[top : top + self._rows_seen]):
            group = row.label if isinstance(row, Band) else row
            if group is not None and (text := self._heading(group)) != self._headings.get(group.title):
                self._headings[group.title] = text
                self.refresh(Region(0, y, self.layout_now.width, 1))

    def _heading(self, group: Group) -> Line:
        if self.layout_now.zoom is Zoom.STRIP and group is self._first_group():
            return self._column_titles(group)
        nodes = [self._states[name] for name in group.names]
        up = sum(1 for node in nodes if node.connection.state is LinkState.UP)
        line: Line = [(group.title, "accent!"), (f"  {up}/{len(nodes)} up", "muted")]
        bad = worst(node.severity for node in nodes)
        if bad > Severity.OK:
            sign = severity_sign(bad, self._colors.glyphs)
            worst_nodes = [node for node in nodes if node.severity is bad]
            many = sum(1 for node in worst_nodes if node.explained_by is None) or len(worst_nodes)
            word = "" if self._is_small else f" {sign.word}"
            line.append((f"  {sign.glyph} {many}{word}", sign.role))
        return line

    @property
    def _is_small(self) -> bool:
        """Whether headings stand beside the cells, where there is no room for words."""
        return any(band.label is not None for band in self.layout_now.bands[:1])

    def _first_group(self) -> Group | None:
        return next((row for row in self.layout_now.rows if isinstance(row, Group)), None)

    def _column_titles(self, group: Group) -> Line:
        """The first group's title, and the titles of the columns over each column of strips."""
        line: Line = []
        starts = sorted({box.x: box for box in self.layout_now.boxes.values()}.items())
        for x, box in starts:
            line.append((" " * (x - spans_width(line)), "text"))
            columns = Columns.fit(box.width - 1, self._longest_name)
            title = group.title if x == 0 else ""
            line += [(title[: columns.name].ljust(columns.name + 1), "accent!"), *columns.heading()]
        return line

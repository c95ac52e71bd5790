"""Where each node stands on Fleet: zoom levels, groups, bands. Pure geometry; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from aen_tui.model.node import NodeName

PANE_CELLS = 38
"""A pane is at least this wide where the screen is."""
STRIP_CELLS = 58
CELL_SLACK = 3
"""A heat cell with its name: glyph, blank, name, blank."""
SMALL_CELL = 2


class Zoom(IntEnum):
    """How much is seen of each node; what comes after a pane is the node page."""

    CELL = 0
    STRIP = 1
    PANE = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that belong together, under one heading."""

    title: str
    names: tuple[NodeName, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a node is drawn, in cells from the top left of the whole."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Band:
    """Nodes side by side, from row `y`, `height` rows high."""

    names: tuple[NodeName, ...]
    y: int
    height: int


@dataclass(slots=True)
class Layout:
    """A finished arrangement. `rows[y]` is a heading, a band, or None for a blank line."""

    zoom: Zoom
    roomy: bool
    width: int
    rows: list[Group | Band | None] = field(default_factory=list)
    boxes: dict[NodeName, Box] = field(default_factory=dict)
    bands: list[Band] = field(default_factory=list)
    band_of: dict[NodeName, int] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Rows of the whole."""
        return len(self.rows)

    def neighbour(self, name: NodeName, dx: int, dy: int) -> NodeName:
        """The node left or right (over the edge into the next band), above or below; itself at the ends."""
        index = self.band_of[name]
        if dy == 0:
            order = [one for band in self.bands for one in band.names]
            return order[max(0, min(len(order) - 1, order.index(name) + dx))]
        target = max(0, min(len(self.bands) - 1, index + dy))
        if target == index:
            return name
        here = self.boxes[name]
        middle = here.x + here.width / 2
        return min(
            self.bands[target].names, key=lambda one: abs(self.boxes[one].x + self.boxes[one].width / 2 - middle)
        )

    def at(self, x: int, y: int) -> NodeName | None:
        """The node drawn at a cell."""
        row = self.rows[y] if 0 <= y < len(self.rows) else None
        if isinstance(row, Band):
            for name in row.names:
                box = self.boxes[name]
                if box.x <= x < box.x + box.width:
                    return name
        return None


Heights = Callable[[NodeName, int, bool], int]
"""Node, width, roomy -> the rows that its pane wants."""


def lay_out(
    groups: Sequence[Group], width: int, height: int, heights: Heights, *, zoom: Zoom | None = None, longest_name: int
) -> Layout:
    """Arrange groups in `width` columns.

    Args:
        groups: in display order; empty ones are left out.
        width: columns at hand.
        height: rows that are seen at once; decides the zoom, and how roomy panes are.
        heights: what a pane needs.
        zoom: None chooses the largest at which everything is seen at once.
        longest_name: cells of the longest name.
    """
    shown = [group for group in groups if group.names]
    count = sum(len(group.names) for group in shown)
    if zoom in (None, Zoom.PANE):
        tight = None
        # a pane is five rows at the very least: hundreds of them need not be measured to see that they do not fit
        if zoom is Zoom.PANE or count * 5 <= height * max(1, width // PANE_CELLS):
            for roomy, gap in ((True, 1), (False, 1), (False, 0)):
                tight = _panes(shown, width, heights, roomy=roomy, gap=gap)
                if tight.height <= height:
                    return tight
            if zoom is Zoom.PANE:
                return _panes(shown, width, heights, roomy=False, gap=1)
    if zoom in (None, Zoom.STRIP):
        for gap in (1, 0):
            strips = _strips(shown, width, height, gap=gap)
            if strips.height <= height:
                return strips
        if zoom is Zoom.STRIP:
            return strips
    return _cells(shown, width, height, longest_name)


def _panes(groups: Sequence[Group], width: int, heights: Heights, *, roomy: bool, gap: int) -> Layout:
    layout = Layout(Zoom.PANE, roomy, width)
    most = max((len(group.names) for group in groups), default=1)
    columns = max(1, min((width + 1) // (PANE_CELLS + 1), most))
    for group in groups:
        # a group of one (the server) may take two columns: it has most to say
        here = max(1, columns // 2) if len(group.names) == 1 else columns
        pane_width = (width - (here - 1)) // here
        _heading(layout, group, gap)
        for start in range(0, len(group.names), here):
            names = group.names[start : start + here]
            band_height = max(heights(name, pane_width, roomy) for name in names)
            if start and gap:
                layout.rows.append(None)
            _band(layout, names, pane_width, band_height, step=pane_width + 1)
    return layout


def _strips(groups: Sequence[Group], width: int, height: int, *, gap: int) -> Layout:
    layout = Layout(Zoom.STRIP, roomy=False, width=width)
    columns = max(1, (width + 2) // (STRIP_CELLS + 2))
    one_column = sum(len(group.names) + 1 + gap for group in groups) - gap
    columns = 1 if one_column <= height else columns
    strip_width = (width - 2 * (columns - 1)) // columns
    for group in groups:
        _heading(layout, group, gap)
        rows = -(-len(group.names) // columns)
        for row in range(rows):
            _band(layout, group.names[row::rows], strip_width, 1, step=strip_width + 2)
    return layout


def _cells(groups: Sequence[Group], width: int, height: int, longest_name: int) -> Layout:
    for cell_width, gap in (
        (longest_name + CELL_SLACK, 1),
        (longest_name + CELL_SLACK, 0),
        (SMALL_CELL, 1),
        (SMALL_CELL, 0),
    ):
        layout = Layout(Zoom.CELL, roomy=False, width=width)
        columns = max(1, width // cell_width)
        for group in groups:
            _heading(layout, group, gap)
            for start in range(0, len(group.names), columns):
                _band(layout, group.names[start : start + columns], cell_width, 1, step=cell_width)
        if layout.height <= height:
            break
    return layout


def _heading(layout: Layout, group: Group, gap: int) -> None:
    if layout.rows and gap:
        layout.rows.append(None)
    layout.rows.append(group)


def _band(layout: Layout, names: Sequence[NodeName], width: int, height: int, *, step: int) -> None:
    band = Band(tuple(names), layout.height, height)
    for column, name in enumerate(names):
        layout.boxes[name] = Box(column * step, band.y, width, height)
        layout.band_of[name] = len(layout.bands)
    layout.bands.append(band)
    layout.rows += [band] * height


def groups_of(
    names: Sequence[NodeName], data_center: Mapping[NodeName, str | None], *, flat_title: str | None = None
) -> tuple[Group, ...]:
    """Nodes by data center in the order they come; what belongs to none comes first, as `installation`.

    Args:
        names: in display order.
        data_center: of each node.
        flat_title: one group under this heading instead.
    """
    if flat_title is not None:
        return (Group(flat_title, tuple(names)),)
    found: dict[str | None, list[NodeName]] = {None: []}
    for name in names:
        found.setdefault(data_center[name], []).append(name)
    return tuple(Group(center or "installation", tuple(members)) for center, members in found.items() if members)

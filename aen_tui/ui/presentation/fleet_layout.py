"""Where each node stands on Fleet: zoom levels, groups, bands. Pure geometry; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from aen_tui.model.node import NodeName

PANE_CELLS = 38
"""A pane is at least this wide where the screen is."""
PANE_CELLS_AT_MOST = 110
"""Wider than this a pane's two ends no longer belong together."""
STRIP_CELLS = 64
CELL_SLACK = 5
"""A heat cell with its name: glyph, blank, name, blank, load, blank."""
SMALL_CELL = 2
LABEL_CELLS = 24
"""The headings of small cells."""


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
    label: Group | None = None
    """The group whose heading stands at the left of this band, where headings have no row of their own."""


@dataclass(slots=True)
class Layout:
    """A finished arrangement. `rows[y]` is a heading, a band, or None for a blank line."""

    zoom: Zoom
    roomy: bool
    width: int
    columns: int = 1
    """Panes side by side."""
    gap: int = 1
    """Blank rows between panes."""
    room: int = 0
    """Rows at hand when all panes were made to be seen at once."""
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
        x = self.boxes[name].x
        return min(self.bands[target].names, key=lambda one: abs(self.boxes[one].x - x))

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
    groups: Sequence[Group], width: int, height: int, heights: Heights, *, zoom: Zoom | None = None, longest_name: int,
    before: Layout | None = None,
) -> Layout:  # fmt: skip
    """Arrange groups in `width` columns.

    Args:
        groups: in display order; empty ones are left out.
        width: columns at hand.
        height: rows that are seen at once; decides the zoom, and how roomy panes are.
        heights: what a pane needs.
        zoom: None chooses the largest at which everything is seen at once.
        longest_name: cells of the longest name.
        before: what is on the screen: panes of the same nodes stay in as many columns as long as all are seen.
    """
    shown = [group for group in groups if group.names]
    count = sum(len(group.names) for group in shown)
    # a pane is five rows at the very least: hundreds of them need not be measured to see that they do not fit
    may_fit = count * 5 <= height * max(1, width // PANE_CELLS)
    if zoom is Zoom.PANE or (zoom is None and may_fit):
        if may_fit and (panes := _fitting_panes(shown, width, height, heights, before)) is not None:
            return panes
        if zoom is Zoom.PANE:
            return _panes(shown, width, heights, _most_columns(shown, width), roomy=False, gap=1)
    if zoom in (None, Zoom.STRIP):
        most = max(1, (width + 2) // (STRIP_CELLS + 2))
        for columns, gap in ((columns, gap) for columns in range(1, most + 1) for gap in (1, 0)):
            strips = _strips(shown, width, columns, gap=gap)
            if strips.height <= height:
                return strips
        if zoom is Zoom.STRIP:
            return strips
    return _cells(shown, width, height, longest_name)


def _most_columns(groups: Sequence[Group], width: int) -> int:
    most = max((len(group.names) for group in groups), default=1)
    return max(1, min((width + 1) // (PANE_CELLS + 1), most))


def _fitting_panes(
    groups: Sequence[Group], width: int, height: int, heights: Heights, before: Layout | None
) -> Layout | None:
    """Panes as roomy, as apart and as wide as they can be with everything seen at once; None where it cannot."""
    most = _most_columns(groups, width)
    least = min(most, -(-width // PANE_CELLS_AT_MOST))
    tries = [
        (roomy, gap, columns)
        for roomy, gap in ((True, 1), (False, 1), (False, 0))
        for columns in range(least, most + 1)
    ]
    if before is not None and before.room == height and _is_of(before, groups, width):
        tries.insert(0, (before.roomy, before.gap, before.columns))
    for roomy, gap, columns in tries:
        layout = _panes(groups, width, heights, columns, roomy=roomy, gap=gap)
        if layout.height <= height:
            layout.room = height
            return layout
    return None


def _is_of(layout: Layout, groups: Sequence[Group], width: int) -> bool:
    """Whether panes are those of the same nodes in the same room, in the same order."""
    names = [name for group in groups for name in group.names]
    return layout.zoom is Zoom.PANE and layout.width == width and list(layout.boxes) == names


def _panes(groups: Sequence[Group], width: int, heights: Heights, columns: int, *, roomy: bool, gap: int) -> Layout:
    layout = Layout(Zoom.PANE, roomy, width, columns, gap)
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


def _strips(groups: Sequence[Group], width: int, columns: int, *, gap: int) -> Layout:
    layout = Layout(Zoom.STRIP, roomy=False, width=width)
    strip_width = (width - 2 * (columns - 1)) // columns
    for group in groups:
        _heading(layout, group, gap)
        rows = -(-len(group.names) // columns)
        for row in range(rows):
            _band(layout, group.names[row::rows], strip_width, 1, step=strip_width + 2)
    return layout


def _cells(groups: Sequence[Group], width: int, height: int, longest_name: int) -> Layout:
    named = longest_name + CELL_SLACK
    for gap in (1, 0):
        layout = Layout(Zoom.CELL, roomy=False, width=width)
        columns = max(1, width // named)
        for group in groups:
            _heading(layout, group, gap)
            for start in range(0, len(group.names), columns):
                _band(layout, group.names[start : start + columns], named, 1, step=named)
        if layout.height <= height:
            return layout
    return _small_cells(groups, width)


def _small_cells(groups: Sequence[Group], width: int) -> Layout:
    """Two columns a node; the heading of a group stands at the left of its first row."""
    layout = Layout(Zoom.CELL, roomy=False, width=width)
    columns = max(1, (width - LABEL_CELLS) // SMALL_CELL)
    for group in groups:
        for start in range(0, len(group.names), columns):
            names = group.names[start : start + columns]
            label = None if start else group
            _band(layout, names, SMALL_CELL, 1, step=SMALL_CELL, left=LABEL_CELLS, label=label)
    return layout


def _heading(layout: Layout, group: Group, gap: int) -> None:
    if layout.rows and gap:
        layout.rows.append(None)
    layout.rows.append(group)


def _band(
    layout: Layout,
    names: Sequence[NodeName],
    width: int,
    height: int,
    *,
    step: int,
    left: int = 0,
    label: Group | None = None,
) -> None:
    band = Band(tuple(names), layout.height, height, label)
    for column, name in enumerate(names):
        layout.boxes[name] = Box(left + column * step, band.y, width, height)
        layout.band_of[name] = len(layout.bands)
    layout.bands.append(band)
    layout.rows += [band] * height


def groups_of(
    names: Sequence[NodeName], data_center: Mapping[NodeName, str | None], *, flat_title: str | None = None
) -> tuple[Group, ...]:
    """Nodes by data center in the order they come; what belongs to none comes first, as `server`.

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
    return tuple(Group(center or "server", tuple(members)) for center, members in found.items() if members)

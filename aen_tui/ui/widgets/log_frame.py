"""A window's rows as they are painted: the current line and the selection marked, the scroll bar beside them."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from textual.strip import Strip

from aen_tui.state.merge import LineRef
from aen_tui.ui.widgets.log_stream_rows import EDGE
from aen_tui.ui.widgets.log_window import LogWindow
from aen_tui.ui.widgets.palette import Palette, Span


def blank(width: int) -> Strip:
    """A row with nothing in it."""
    return Strip([Segment(" " * width)], width)


def framed(
    window: LogWindow, palette: Palette, width: int, height: int, marks: Mapping[int, Span] | None = None
) -> list[Strip]:
    """The window's rows with the current line and the selection marked, and the scroll bar beside them.

    Args:
        window: what is seen.
        palette: colours.
        width: cells of a row, the scroll bar counted.
        height: rows.
        marks: row of the scroll bar -> a sign for what stands there and its colour role.
    """
    first, length = _bar(window)
    cursor = None if window.is_live else window.cursor_ref
    chosen = window.selected() if window.anchor is not None else range(0)
    marked, selected = palette.style("text", "cursor"), palette.style("text", "selection")
    base = palette.style("text", "background").background_style
    empty = blank(width - 1)
    strips: list[Strip] = []
    for y in range(height):
        row = window.rows[y] if y < len(window.rows) else None
        strip = row.strip if row is not None else empty
        if row is not None and (row.ref == cursor or _is_in(row.ref, chosen, window)):
            over = selected if _is_in(row.ref, chosen, window) else marked
            strip = Strip([Segment(part.text, over + (part.style or over)) for part in strip], width - 1)
        else:
            strip = strip.apply_style(base)
        on = "selection" if first <= y < first + length else "background"
        text, role = (marks or {}).get(y, (" ", "text"))
        strips.append(Strip([*strip, Segment(text, palette.style(role, on))], width))
    return strips


def _bar(window: LogWindow) -> tuple[int, int]:
    """First row and number of rows of the scroll bar's thumb; (0, 0) where everything is seen."""
    count, height = window.stream.line_count, window.height
    if count <= height or not height:
        return 0, 0
    size = max(1, height * height // count)
    top = height - size if window.follow else round(window.top / (count - 1) * (height - size))
    return min(top, height - size), size


def _is_in(ref: LineRef, chosen: range, window: LogWindow) -> bool:
    return bool(chosen) and ref != EDGE and window.stream.index_of(ref) in chosen

"""Scroll bars in the signs of the terminal."""

from __future__ import annotations

from textual.scrollbar import ScrollBar, ScrollBarRender

from aen_tui.ui.presentation.severity import Glyphs


class _WholeCells(ScrollBarRender):
    """Ends of whole cells: Textual's own are drawn in eighths, which ASCII has no signs for."""

    VERTICAL_BARS = [" "] * len(ScrollBarRender.VERTICAL_BARS)
    HORIZONTAL_BARS = [" "] * len(ScrollBarRender.HORIZONTAL_BARS)


def wear_scroll_bars(glyphs: Glyphs) -> None:
    """All scroll bars of the program, which has one screen."""
    ScrollBar.renderer = _WholeCells if glyphs.is_ascii else ScrollBarRender

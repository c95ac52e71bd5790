"""Histories in one line of text: braille, two samples and four levels a cell; in ASCII, one sample a cell."""

from __future__ import annotations

from collections.abc import Sequence

from aen_tui.ui.presentation.severity import UNICODE, Glyphs

_LEFT = (0x00, 0x40, 0x44, 0x46, 0x47)
_RIGHT = (0x00, 0x80, 0xA0, 0xB0, 0xB8)
_CELLS = tuple(tuple(chr(0x2800 + left + right) for right in _RIGHT) for left in _LEFT)


def samples_wanted(width: int, glyphs: Glyphs = UNICODE) -> int:
    """How many samples `spark` can show in `width` cells."""
    return width if glyphs.is_ascii else 2 * width


def spark(values: Sequence[float], width: int, top: float = 100.0, glyphs: Glyphs = UNICODE) -> str:
    """The newest values, newest at the right edge, padded on the left; exactly `width` cells.

    Args:
        values: oldest first.
        width: cells.
        top: the value of a full cell; where it is 0, the largest value.
        glyphs: braille, or ASCII levels.
    """
    wanted = samples_wanted(width, glyphs)
    shown = list(values[-wanted:]) if wanted else []
    top = top or max(shown, default=1.0) or 1.0
    if glyphs.is_ascii:
        steps = len(glyphs.levels) - 1
        text = "".join(glyphs.levels[_level(value, top, steps)] for value in shown)
        return text.rjust(width)
    levels = [0] * (wanted - len(shown)) + [_level(value, top, 4) for value in shown]
    return "".join(_CELLS[levels[i]][levels[i + 1]] for i in range(0, wanted, 2))


def _level(value: float, top: float, steps: int) -> int:
    """A level of 1 for anything that was measured: a flat line is a line, not a gap."""
    return 1 if value <= 0 else min(steps, 1 + int(value / top * steps))

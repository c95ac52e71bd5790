"""Lines over time as a strip of bars, coloured by the worst level of each; signs below say it without colour."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.zones import local_offset
from aen_tui.ui.widgets.log_marks import Volume
from aen_tui.ui.widgets.palette import Palette, Span

_BAR_ROWS = 2
_FINE_SECONDS = 120
_DAY_SECONDS = 86_400


class LogHistogram(Widget):
    """Bars, a row of signs, a row of times. Click a bar to go there."""

    DEFAULT_CSS = """
    LogHistogram { height: 4; width: 1fr; display: none; }
    """

    class Chosen(Message):
        """A time was pointed at."""

        def __init__(self, moment: float) -> None:
            self.moment = moment
            """Epoch seconds."""
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._palette: Palette | None = None
        self._volume: Volume | None = None
        self._here: float | None = None

    def take(self, volume: Volume | None, here: float | None) -> None:
        """Show other counts.

        Args:
            volume: a bucket a cell.
            here: where the reader is, epoch seconds; None while it follows.
        """
        if (volume, here) != (self._volume, self._here):
            self._volume, self._here = volume, here
            self.refresh()

    def notify_style_update(self) -> None:
        """The theme may be another."""
        super().notify_style_update()
        self._palette = None

    def render_line(self, y: int) -> Strip:
        """A row."""
        self._palette = palette = self._palette or Palette.of(self)
        width, volume = self.size.width, self._volume
        if volume is None or len(volume.lines) != width:
            text = [(" no times to count by", "faint")] if y == 0 else []
            return Strip(palette.paint(text, width, "background"), width)
        if y < _BAR_ROWS:
            return Strip(self._bars(volume, y, palette), width).simplify()
        spans = self._signs(volume, palette) if y == _BAR_ROWS else self._times(volume)
        return Strip(palette.paint(spans, width, "background"), width)

    def _bars(self, volume: Volume, y: int, palette: Palette) -> list[Segment]:
        """A row of bars: what is bad stands at their feet."""
        levels = palette.glyphs.levels
        steps = len(levels) - 1
        highest = max(volume.lines) or 1.0
        below = (_BAR_ROWS - 1 - y) * steps
        segments: list[Segment] = []
        for count, warnings, errors in zip(volume.lines, volume.warnings, volume.errors, strict=True):
            scale = _BAR_ROWS * steps / highest
            height = max(1, round(count * scale)) if count else 0
            bad = min(height, max(1, round(warnings * scale))) if warnings else 0
            role = "critical" if errors else "warning"
            all_of, bad_of = (max(0, min(steps, part - below)) for part in (height, bad))
            if all_of == steps and 0 < bad_of < steps:
                segments.append(Segment(levels[bad_of], palette.style(role, "series-1")))
            else:
                is_bad = bad_of * 2 >= all_of and bad_of > 0
                segments.append(Segment(levels[all_of], palette.style(role if is_bad else "series-1", "background")))
        return segments

    def _signs(self, volume: Volume, palette: Palette) -> list[Span]:
        glyphs = palette.glyphs
        here = None if self._here is None else volume.bucket(self._here)
        spans: list[Span] = []
        for at, (warnings, errors) in enumerate(zip(volume.warnings, volume.errors, strict=True)):
            if at == here:
                spans.append((glyphs.mark, "accent!"))
            elif errors:
                spans.append((glyphs.critical, "critical"))
            elif warnings:
                spans.append((glyphs.warning, "warning"))
            else:
                spans.append((" ", "text"))
        return spans

    def _times(self, volume: Volume) -> list[Span]:
        width = len(volume.lines)
        length = volume.end - volume.begin
        each = length / width
        errors, warnings = sum(volume.errors), sum(volume.warnings) - sum(volume.errors)
        first, last = (_clock(moment, length) for moment in (volume.begin, volume.end))
        middle = f"{_length(each)} a column  {errors:,} errors  {warnings:,} warnings"
        if len(first) + len(middle) + len(last) + 4 > width:
            middle = f"{errors:,} errors"
        left = max(1, (width - len(middle)) // 2 - len(first))
        right = max(1, width - len(first) - left - len(middle) - len(last))
        return [(first, "muted"), (" " * left + middle, "faint"), (" " * right + last, "muted")]

    def on_click(self, event: events.Click) -> None:
        """Go to a time."""
        volume = self._volume
        if volume is not None:
            each = (volume.end - volume.begin) / len(volume.lines)
            self.post_message(self.Chosen(volume.begin + event.x * each))


def _clock(moment: float, length: float) -> str:
    try:
        at = datetime.fromtimestamp(moment + local_offset(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return "?"
    return at.strftime(
        "%H:%M:%S" if length < _FINE_SECONDS * 60 else "%H:%M" if length < _DAY_SECONDS else "%m-%d %H:%M"
    )


def _length(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return (
        f"{seconds:.0f} s"
        if seconds < 100
        else f"{seconds / 60:.0f} min"
        if seconds < 6000
        else f"{seconds / 3600:.0f} h"
    )

"""The line above the logs: FOLLOW or PAUSED, filters, search, how many sources and lines, how late they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.log_text import TimeDisplay
from aen_tui.ui.widgets.log_query import Chip
from aen_tui.ui.widgets.palette import Palette, Span, spans_width


@dataclass(frozen=True, slots=True)
class LogStatus:
    """What the line says."""

    is_live: bool
    unseen: int
    """Lines that came since it was paused."""
    sources: int
    name: str
    """The source's short name where there is only one."""
    lines: int
    chips: Sequence[Chip] = ()
    """Filters, and how many lines hold each."""
    parked: str = ""
    """Filters that are put aside to look around a line."""
    selected: int = 0
    """Lines that are selected."""
    search: str = ""
    hits: int | None = None
    is_busy: bool = False
    """Something is still being looked for."""
    lag_seconds: float | None = None
    """How long the newest line took from being written to being here."""
    time: TimeDisplay = TimeDisplay.SOURCE
    hidden: int = 0
    """Our own requests, left out."""
    shown: int | None = None
    """Lines that the filters leave; None without filters."""
    trouble: str = ""
    """What sources are not read, and why."""
    loading: str = ""
    """What older lines are being brought; empty where none are."""


class LogHeader(Widget):
    """One line; what matters least leaves first when it is narrow."""

    DEFAULT_CSS = """
    LogHeader { height: 1; width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._palette: Palette | None = None
        self._status = LogStatus(True, 0, 0, "", 0)

    @property
    def status(self) -> LogStatus:
        """What is shown."""
        return self._status

    @status.setter
    def status(self, status: LogStatus) -> None:
        if status != self._status:
            self._status = status
            self.refresh()

    def notify_style_update(self) -> None:
        """The theme may be another."""
        super().notify_style_update()
        self._palette = None

    def render_line(self, y: int) -> Strip:
        """The line."""
        if self._palette is None:
            self._palette = Palette.of(self)
        width = self.size.width
        glyphs = self._palette.glyphs
        spans: list[Span] = []
        for part in _parts(self._status, glyphs.ellipsis):
            sized: list[Span] = [(f" {glyphs.dot} " if spans else " ", "faint"), *part]
            if spans_width(spans) + spans_width(sized) <= width:
                spans.extend(sized)
        return Strip(self._palette.paint(spans, width, "header"), width)


def _parts(status: LogStatus, ellipsis: str) -> list[list[Span]]:
    """The facts, the most important first."""
    state: Span = ("FOLLOW", "ok!") if status.is_live else (f"PAUSED +{status.unseen:,}", "warning!")
    parts: list[list[Span]] = [[state]]
    if status.chips:
        chips: list[Span] = []
        for text, count in status.chips:
            chips += [(visible_line(text, 24), "chip!"), (f" {count:,} " if count is not None else " ", "muted")]
        left = f"{status.shown or 0:,} of {status.lines:,} lines" + (ellipsis if status.is_busy else "")
        parts += [chips, [(left, "muted")]]
    else:
        parts.append([(f"{status.lines:,} line{'s' * (status.lines != 1)}", "muted")])
    if status.loading:
        parts.insert(1, [(visible_line(status.loading, 60), "accent!")])
    if status.selected:
        parts.insert(1, [(f"{status.selected:,} selected", "accent!")])
    if status.parked:
        parts.insert(1, [("Esc: back to ", "muted"), (visible_line(status.parked, 24), "chip!")])
    if status.search:
        busy = ellipsis if status.is_busy else ""
        parts.append(
            [(f"/{visible_line(status.search, 24)}", "accent!"), (f" {status.hits or 0:,} hits{busy}", "muted")]
        )
    sources = status.name if status.sources == 1 else f"{status.sources} sources" if status.sources else "no logs yet"
    parts.insert(len(parts) - bool(status.search) if not status.chips else len(parts), [(sources, "muted")])
    if status.trouble:
        parts.insert(2, [(visible_line(status.trouble, 60), "warning!")])
    if status.time is not TimeDisplay.SOURCE:
        parts.append([(f"time {status.time.value}", "muted")])
    if status.lag_seconds is not None:
        parts.append([(_lag(status.lag_seconds), "muted" if status.lag_seconds < 1 else "warning")])
    if status.hidden:
        parts.append([(f"{status.hidden:,} own hidden", "faint")])
    return parts


def _lag(seconds: float) -> str:
    return f"lag {max(0.0, seconds) * 1000:.0f} ms" if seconds < 10 else f"lag {seconds:.0f} s"

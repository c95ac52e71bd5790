"""Charts with real axes: plotext plots into text, which becomes coloured lines once; nothing else knows plotext.

plotext costs 2 ms for a small chart and 40 ms for a screenful, so a chart is plotted only while it is on
the screen, at most once a second, and not before time has moved on by a column; a large one in a
thread. The values in its first line are always the newest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from aen_tui.ui.presentation.axes import (
    Curve,
    Mark,
    Unit,
    pieces,
    thin,
    top_of,
    value_at,
    value_text,
    x_ticks,
    y_ticks,
)
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.widgets.palette import Palette

LEAST_COLUMNS, LEAST_ROWS = 24, 5
"""A smaller chart is its first line only: name and newest values."""
REDRAW_SECONDS = 0.95
"""A little under a second, so that a tick a second never falls short."""
_LOOP_CELLS = 6_000
"""Cells times curves that are plotted on the loop; more takes longer than 10 ms and goes to a thread."""

_LABEL_COLUMNS = 7
"""Every y axis stands in the same column, so that charts above each other can be compared."""

_MARGIN_COLUMNS = 3
"""Right of the plot, for the letters; on every chart, so that the time axes stand below each other too."""

_LETTERS = "abcdefghijklmnop"
_ASCII_MARKERS = "*+ox#@%&"
_COLOR = re.compile(r"\x1b\[(?:38;5;(\d+)|[\d;]*)m")
_FRAME = re.compile(r"([│┤└┬─┼├┘┐┌┴]+)")
_TO_ASCII = str.maketrans("│┤└┬─┼├┘┐┌┴", "|+++-++++++")

Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is to be plotted, and how large."""

    title: str
    curves: tuple[Curve, ...]
    unit: Unit
    window: int
    """Seconds on the x axis."""
    columns: int
    rows: int
    is_ascii: bool = False
    mark: Mark | None = None
    """A moment that is marked."""
    restarts: tuple[Mark, ...] = ()
    """Restarts of what is charted, oldest first."""


def plot(drawing: Drawing) -> list[Line]:
    """All lines of a chart: the title line, the plot, the x axis."""
    lines = [_title_line(drawing)]
    rows = drawing.rows - 1
    if drawing.columns < LEAST_COLUMNS or rows < LEAST_ROWS - 1:
        return lines
    curves = [curve for curve in drawing.curves if len(curve.times)]
    if not curves:
        note = "no samples yet"
        blank: Line = ((" " * max(0, (drawing.columns - len(note)) // 2) + note, "faint"),)
        return [*lines, *([()] * (rows // 2)), blank]
    margin = max(_MARGIN_COLUMNS, len(curves) + 1) if len(drawing.curves) > 1 or drawing.columns >= 40 else 0
    top = top_of([value for curve in curves for value in curve.values], drawing.unit)
    text = _plotted(drawing, curves, drawing.columns - margin, rows, top)
    plotted = [_parsed(line, curves, is_ascii=drawing.is_ascii) for line in text.split("\n")[:rows]]
    if len(drawing.curves) > 1:
        plotted = _with_letters(plotted, drawing, curves, top)
    return lines + plotted


def _title_line(drawing: Drawing) -> Line:
    spans: list[Span] = [(f" {drawing.title}", "text!")]
    is_several = len(drawing.curves) > 1
    for letter, curve in zip(_LETTERS, drawing.curves, strict=False):
        if is_several:
            spans.append((f"  {letter}", f"{curve.role}!"))
        if curve.label:
            spans.append((f" {curve.label}", curve.role if is_several else "muted"))
        spans.extend(_newest(curve, drawing.unit))
    if drawing.mark is not None:
        spans.extend(_marked(drawing.mark, drawing))
    if drawing.restarts:
        last, more = drawing.restarts[-1], len(drawing.restarts) - 1
        also = f", {more} before" if more else ""
        spans.append((f"  {'|' if drawing.is_ascii else '│'} {last.text} {age_text(-last.at)} ago{also}", "warning"))
    return tuple(spans)


def _marked(mark: Mark, drawing: Drawing) -> Line:
    """The marked moment and what was then."""
    if mark.at < -drawing.window:
        return ((f"  @{mark.text}", "accent!"), (" before what is here", "muted"))
    values = ", ".join(value_text(value_at(curve, mark.at), drawing.unit) for curve in drawing.curves)
    return ((f"  @{mark.text}", "accent!"), (f" {values}", "text"))


def _newest(curve: Curve, unit: Unit) -> Line:
    """The newest value; one that is old says so."""
    if not len(curve.values):
        return ((" -", "faint"),)
    value = value_text(curve.values[-1], unit)
    age = -curve.times[-1]
    return ((f" {value}", "text"),) if age <= curve.gap_seconds else ((f" {value} as of {age_text(age)} ago", "stale"),)


def _plotted(drawing: Drawing, curves: Sequence[Curve], columns: int, rows: int, top: float) -> str:
    # A figure of our own: plotext's module-level one is shared by everybody and cut to the terminal's size.
    from plotext._figure import _figure_class  # 70 ms that no view without a chart should wait for

    figure: Any = _figure_class()
    figure._limit_size(False, False)  # noqa: SLF001  # 5.3 offers it for its global figure only
    figure.theme("clear")
    figure.plot_size(columns, rows)
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    for number, curve in enumerate(curves, 1):
        marker = _ASCII_MARKERS[(number - 1) % len(_ASCII_MARKERS)] if drawing.is_ascii else "braille"
        for times, values in pieces(curve.times, curve.values, curve.gap_seconds):
            figure.plot(*thin(times, values, drawing.window, columns), marker=marker, color=number)
    for restart in drawing.restarts:
        figure.vline(restart.at, len(curves) + 2)
    if drawing.mark is not None and -drawing.window <= drawing.mark.at <= 0:
        figure.vline(drawing.mark.at, len(curves) + 1)
    figure.xlim(-drawing.window, 0)
    figure.ylim(0, top)
    figure.xticks(*x_ticks(drawing.window, columns))
    places, labels = y_ticks(top, drawing.unit, rows - 2)
    figure.yticks(places, [label.rjust(_LABEL_COLUMNS) for label in labels])
    return str(figure.build())


def _parsed(line: str, curves: Sequence[Curve], *, is_ascii: bool) -> Line:
    """The colour numbers of plotext are the curves' numbers; everything uncoloured is axis or label."""
    spans: list[Span] = []
    role: str | None = None
    at = 0
    for match in [*_COLOR.finditer(line), None]:
        text = line[at : match.start()] if match else line[at:]
        if text and role is not None:
            spans.append((text, role))
        elif text:
            parts = _FRAME.split(text)
            spans += [(part, "faint" if index % 2 else "muted") for index, part in enumerate(parts) if part]
        if match is None:
            break
        role = _role(int(match.group(1)), curves) if match.group(1) else None
        at = match.end()
    if is_ascii:
        spans = [(text.translate(_TO_ASCII), span_role) for text, span_role in spans]
    return tuple(spans)


def _role(number: int, curves: Sequence[Curve]) -> str:
    """The mark has the number after the last curve's, restarts the one after that."""
    if number <= len(curves):
        return curves[number - 1].role
    return "accent!" if number == len(curves) + 1 else "warning"


def _with_letters(lines: list[Line], drawing: Drawing, curves: Sequence[Curve], top: float) -> list[Line]:
    """At the right of the plot, every curve's letter stands beside its newest value, in a column of its own."""
    rows = max(1, len(lines) - 2)
    letters = [[" "] * len(curves) for _ in lines]
    names = dict(zip(map(id, drawing.curves), _LETTERS, strict=False))
    for column, curve in enumerate(curves):
        share = min(1.0, max(0.0, curve.values[-1] / top))
        letters[round((1 - share) * (rows - 1))][column] = names.get(id(curve), "?")
    return [
        (*line, (" ", "text"), *((letter, f"{curve.role}!") for letter, curve in zip(row, curves, strict=True)))
        for line, row in zip(lines, letters, strict=True)
    ]


class Chart(Widget):
    """A chart that plots itself at most once a second, and only where it can be seen."""

    DEFAULT_CSS = """
    Chart { height: 1fr; width: 1fr; }
    """

    def __init__(self, title: str, unit: Unit, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = title
        self._unit = unit
        self._curves: tuple[Curve, ...] = ()
        self._window = 120
        self._mark: Mark | None = None
        self._restarts: tuple[Mark, ...] = ()
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._palette: Palette | None = None
        self._plotted_at = 0.0
        self._drawing: Drawing | None = None
        self.plots = 0
        """How often it was plotted."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What is shown, without colours."""
        return tuple("".join(text for text, _ in line) for line in self._lines)

    def show(
        self,
        curves: Sequence[Curve],
        window: int,
        *,
        title: str | None = None,
        unit: Unit | None = None,
        mark: Mark | None = None,
        restarts: Sequence[Mark] = (),
    ) -> None:
        """Show these curves over so many seconds; a change of title, unit or marks is plotted at once.

        Args:
            curves: what is plotted.
            window: how many seconds.
            title: another than before.
            unit: another than before.
            mark: a moment somebody went to.
            restarts: of what is charted, oldest first; those before the window are left out.
        """
        is_other = (title or self._title, self._unit if unit is None else unit) != (self._title, self._unit)
        is_other = is_other or [curve.label for curve in curves] != [curve.label for curve in self._curves]
        is_other = is_other or (mark and mark.text) != (self._mark and self._mark.text)
        shown = tuple(one for one in restarts if -window <= one.at <= 0)
        is_other = is_other or len(shown) != len(self._restarts)
        self._mark, self._restarts = mark, shown
        self._title, self._unit = title or self._title, self._unit if unit is None else unit
        self._curves, self._window = tuple(curves), window
        since = monotonic() - self._plotted_at
        if is_other or self._drawing is None or since >= max(REDRAW_SECONDS, window / max(1, self.size.width)):
            self._plot()
        elif self._lines:
            self._take([_title_line(self._drawn(self._drawing.columns, self._drawing.rows)), *self._lines[1:]])

    def renew(self) -> None:
        """The next `show` plots, whatever it shows: somebody chose another time."""
        self._drawing = None

    def on_resize(self) -> None:
        """Another size is another plot."""
        self._plot()

    def on_show(self) -> None:
        """What came while it could not be seen."""
        self._plot()

    def notify_style_update(self) -> None:
        """The theme may be another; the plot stays."""
        self._palette = None
        self._strips.clear()
        super().notify_style_update()

    def _plot(self) -> None:
        columns, rows = self.size
        if not columns or not rows or not self.is_on_screen:
            return
        drawing = self._drawn(columns, rows)
        self._plotted_at = monotonic()
        self._drawing = drawing
        self.plots += 1
        if columns * rows * max(1, len(self._curves)) <= _LOOP_CELLS:
            self._take(plot(drawing))
        else:
            self.run_worker(lambda: (drawing, plot(drawing)), name="plot", group="plot", thread=True)

    def _drawn(self, columns: int, rows: int) -> Drawing:
        is_ascii = self._colors().glyphs.is_ascii
        return Drawing(self._title, self._curves, self._unit, self._window, columns, rows, is_ascii,
                       self._mark, self._restarts)  # fmt: skip

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A plot has come from its thread; an older one than the last asked for is dropped."""
        event.stop()
        if event.state is WorkerState.SUCCESS and event.worker.result is not None:
            drawing, lines = event.worker.result
            if drawing is self._drawing:
                self._take(lines)

    def _take(self, lines: list[Line]) -> None:
        """Only lines that changed are drawn."""
        before, self._lines = self._lines, lines
        for y in range(max(len(before), len(lines))):
            if before[y : y + 1] != lines[y : y + 1]:
                self._strips.pop(y, None)
                self.refresh(Region(0, y, self.size.width, 1))

    def _colors(self) -> Palette:
        if self._palette is None:
            self._palette = Palette.of(self)
        return self._palette

    def render_line(self, y: int) -> Strip:
        """One line of the last plot."""
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            width = self.size.width
            line = self._lines[y] if y < len(self._lines) else ()
            strip = Strip(self._colors().paint(line, width), width).apply_style(self.rich_style)
            self._strips[y] = strip
        return strip

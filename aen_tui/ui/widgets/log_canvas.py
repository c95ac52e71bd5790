"""Log lines on screen: one widget that draws what is visible, woken by the books themselves.

It takes new lines when it paints, so a burst of any size costs one paint a frame. It has no border
and its own scroll bar: a new line never starts a layout. What is searched for is looked for in a
thread, a while at a time, so that the loop is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from aen_tui.model.clock import Clock
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.text import visible_line
from aen_tui.state.bookmarks import Bookmarks
from aen_tui.state.lines import DrawnLine, TimedLog
from aen_tui.state.merge import LineRef, MergedStream
from aen_tui.ui.presentation.log_text import TimeDisplay
from aen_tui.ui.presentation.severity import UNICODE
from aen_tui.ui.widgets.fitted import Fitted
from aen_tui.ui.widgets.footer import key_of
from aen_tui.ui.widgets.log_frame import blank, framed
from aen_tui.ui.widgets.log_marks import rows_of_hits, rows_of_refs
from aen_tui.ui.widgets.log_query import LogQuery
from aen_tui.ui.widgets.log_rows import RowPainter, RowStyle
from aen_tui.ui.widgets.log_window import LogWindow
from aen_tui.ui.widgets.palette import Palette, Span

SURVEY_SECONDS = 0.02
"""How long, once a second, a thread looks for errors and warnings, for the marks and the histogram."""
PAINT_SECONDS = 0.05
"""How often what a search finds is painted while it goes on."""
FLOOD_SECONDS = 0.05
"""How often rows are painted while more lines wait in a file than the way has brought."""
_FIRST_WIDTH = 80


class EdgeLine(NamedTuple):
    """A row above the first line."""

    key: LogKey | None
    """The source it is about; None = all, or the only one."""
    text: str
    role: str = "faint"


class LogCanvas(Fitted, can_focus=True):
    """Draws a window of a stream; knows no key. `show` gives it what to show."""

    class Changed(Message):
        """What the header says of the view may have changed, by a key or a search that got on."""

        def can_replace(self, message: Message) -> bool:
            """One is enough."""
            return isinstance(message, LogCanvas.Changed)

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.bookmarks = Bookmarks()
        self._theme = ""
        self._palette = Palette({}, UNICODE)
        self._rows: list[Strip] = []
        self._marks: dict[int, Span] = {}
        self._marked_for: tuple[object, ...] = ()
        self._is_stale = True
        self._is_flooded = False
        self._painted_at = 0.0
        self._is_working = self._is_surveying = False
        self._sought: Literal["", "hit", "error"] = ""
        self._is_sought_down = False
        """What the cursor is on its way to."""
        self._labels: Mapping[LogKey, str] = {}
        self._label_width = 0
        self._painter = RowPainter(self._palette, {}, RowStyle(_FIRST_WIDTH, 0))
        stream = MergedStream(())
        self.lookup = LogQuery(stream, clock.monotonic)
        self.window = LogWindow(stream, self._painter)
        self._edge: Sequence[EdgeLine] = ()

    def show(self, stream: MergedStream, labels: Mapping[LogKey, str], label_width: int) -> None:
        """Show other logs, from their end; search and filters stay.

        Args:
            stream: the lines.
            labels: a short name for each source.
            label_width: cells for it, 0 = none.
        """
        old = self.lookup
        self._edge = ()
        self._labels, self._label_width = labels, label_width
        self.lookup = LogQuery(stream, self.clock.monotonic)
        self.lookup.take_over(old)
        self.window = LogWindow(stream, self._painter)
        self.window.show(self.lookup.stream)
        self.window.height = max(1, self.room.height)
        if self.is_attached:
            self._dress()
            self._start_work()

    def widen(self, sources: Sequence[TimedLog], names: Mapping[LogKey, str]) -> None:
        """Show more logs after those that are shown; nothing on screen moves.

        Args:
            sources: the logs.
            names: a short name for each of them; cut to the room that names have.
        """
        old, was_parked = self.lookup, self.lookup.is_parked
        stream = self.window.base.with_more(sources)
        self.lookup = LogQuery(stream, self.clock.monotonic)
        self.lookup.take_over(old)
        if was_parked:
            self.lookup.park()
        self.window.widen(stream, self.lookup.stream)
        room = self._label_width
        self._labels = {**self._labels, **{key: name[:room] for key, name in names.items()}}
        self._painter.learn(self._labels)
        if self.is_attached:
            self._start_work()

    def relabel(self, labels: Mapping[LogKey, str], label_width: int) -> None:
        """The same sources under other short names: the width of the screen changed."""
        self._labels, self._label_width = labels, label_width
        if self.is_attached:
            self._dress()

    def on_mount(self) -> None:
        """Colours come from the app's theme."""
        self._dress()

    def notify_style_update(self) -> None:
        """The theme may be another."""
        super().notify_style_update()
        if self.is_mounted and self.app.theme != self._theme:
            self._dress()

    def _dress(self) -> None:
        old = self._painter.style
        style = RowStyle(
            max(1, self.room.width - 1),
            self._label_width,
            old.wrap,
            old.skip,
            old.chosen_time,
            self.lookup.pattern,
            old.reads_json,
        )
        self._palette = Palette.of(self)
        self._painter = self.window.painter = RowPainter(self._palette, self._labels, style)
        self._painter.is_marked = self._is_marked
        self._theme = self.app.theme
        self._show_edge()
        self._redraw()

    def _is_marked(self, line: DrawnLine) -> bool:
        return self.bookmarks.holds(line.key, line.offset, line.text)

    # -- what lies before the first line --------------------------------------------------------

    def tell_edge(self, lines: Sequence[EdgeLine]) -> None:
        """Say above the first line how far back each source reaches; nothing on screen moves."""
        if not self.window.follow and lines != self._edge:
            self._edge = lines
            self._show_edge()
            self._redraw()

    def _show_edge(self) -> None:
        if self.window.follow:
            self._edge = ()
        self.window.show_edge([self._painter.edge(*line) for line in self._edge])

    def settle(self) -> None:
        """Build the rows now: what comes above them must not move them."""
        self._is_stale = True
        self._catch_up()

    def take_older(self) -> None:
        """Older lines were put before the first: they stand above what is on screen, which does not move."""
        self.window.thaw()
        self.window.take(self.clock.wall())
        self._redraw()
        self._start_work()

    # -- painting -------------------------------------------------------------------------------

    def wake(self, *, is_flood: bool = False) -> None:
        """Lines came; called by the books' listener, at most one paint a frame follows.

        Args:
            is_flood: more waits in the file. Nobody reads what the next paint replaces: every third frame will do.
        """
        if not self.window.needs_rows:
            return
        self._is_stale = True
        if not is_flood or self.clock.monotonic() - self._painted_at >= FLOOD_SECONDS:
            self.refresh()
        elif not self._is_flooded:
            self._is_flooded = True
            # timers want to be set by the app's own tasks; books are filled by the runtime's
            self.call_later(self.set_timer, FLOOD_SECONDS, self._paint_flood)

    def _paint_flood(self) -> None:
        self._is_flooded = False
        if self._is_stale:
            self.refresh()

    def tick(self) -> None:
        """A second has passed: relative times move on, an unended last line may be shown, marks are brought up."""
        if self.window.painter.style.time is TimeDisplay.RELATIVE:
            self.window.painter.forget()
            self.window.rebuild()
            self.wake() if self.window.needs_rows else self._redraw()
        elif any(source.book.has_partial for source in self.lookup.base.sources):
            self.wake()
        if not self.window.frozen:
            self.look_on()
        self._survey()

    def look_on(self) -> None:
        """Look at what came since the last look, where nothing is painted for it: the reader has paused."""
        if self.lookup.is_busy:
            self._start_work()

    def _redraw(self) -> None:
        self.window.rebuild()
        self._is_stale = True
        self.refresh()
        self.post_message(self.Changed())

    def fit(self, size: Size) -> None:
        """Rows are as wide as the widget but for the scroll bar."""
        self.window.painter.change(width=max(1, size.width - 1), label_width=self._label_width)
        self.window.height = max(1, size.height)
        self._show_edge()
        self._bring_up_marks()
        self._redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Take what is new, once a paint."""
        self._catch_up()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """A row."""
        return self._rows[y] if y < len(self._rows) else blank(self.size.width)

    def _catch_up(self) -> None:
        """Have what is about to be painted, also before a key acts on it."""
        if self._is_stale:
            self._is_stale = False
            self._paint()

    def _paint(self) -> None:
        window = self.window
        wall, self._painted_at = self.clock.wall(), self.clock.monotonic()
        if not window.frozen:
            window.base.sync(wall)
            before = window.stream.line_count
            if not self._is_working and not self.lookup.refresh():
                self._start_work()
            if window.has_filter and window.stream.line_count != before:
                self.post_message(self.Changed())
        window.draw(wall)
        self._rows = framed(window, self._palette, max(1, self.room.width), self.room.height, self._marks)
        if not window.rows and self._rows and (words := self._why_empty()):
            width = max(1, self.room.width)
            self._rows[0] = Strip(self._palette.paint([(f" {words}", "faint")], width, "background"), width)

    def _why_empty(self) -> str:
        """Words for a view without a line."""
        if self.window.has_filter and self.lookup.base.line_count:
            return "" if self.lookup.is_busy else "no line here is left by the filters: Esc takes the last one away"
        return "no lines yet" if self.lookup.base.sources else ""

    # -- looking --------------------------------------------------------------------------------

    def _start_work(self) -> None:
        if not self._is_working and self.is_attached:
            self._is_working = True
            self.run_worker(self._work(), name="log-search", group="log-search")

    async def _work(self) -> None:
        """Look until nothing is left to look at; the loop runs meanwhile, and paints a few times a second."""
        painted, shown = 0.0, 0
        try:
            more = True
            while more:
                over, found = self.lookup.seek()
                if found is not None:
                    self._jump(found)
                elif over and (self._sought == "error" or self.lookup.hit_count):
                    self._tell_end()
                more = await self.lookup.look() or not over
                more = not self.lookup.refresh() or more
                self._is_stale = True
                now = self.clock.monotonic()
                has_first = not shown and self.window.stream.line_count > 0
                if has_first or now - painted > PAINT_SECONDS or not more:
                    painted, shown = now, self.window.stream.line_count
                    if self.window.has_filter or not more:
                        self.window.rebuild(is_asked_for=False)
                        self.refresh()
                    self.post_message(self.Changed())
                await asyncio.sleep(0)
        finally:
            self._is_working = False
        self._tell_end()
        self._is_stale = True  # what was painted meanwhile took lines that the filters have not seen
        self._catch_up()
        self.window.arrive()
        self._bring_up_marks()

    def _tell_end(self) -> None:
        """Say that what was sought is not there, in this direction or at all."""
        sought, self._sought = self._sought, ""
        if sought == "error":
            level = Level.WARNING if self.lookup.level is Level.WARNING else Level.ERROR
            more = "more " if self.lookup.level_hits(level).count else ""
            key = key_of(self, "logs.previous-error") if more and self._is_sought_down else ""
            other = f": {key} looks up" if key else ""
            self.notify(f"No {more}{level.name.lower()} in this direction{other}", timeout=2, markup=False)
        elif sought and self.lookup.hit_count:
            self.notify("No more in this direction", timeout=2)
        elif sought:
            self.notify(f"Nothing matches /{visible_line(self.lookup.search_text, 60)}", timeout=3, markup=False)

    def _jump(self, ref: LineRef) -> None:
        self._sought = ""
        self.window.go_to(self.window.stream.index_of(ref))
        self._redraw()

    # -- marks ----------------------------------------------------------------------------------

    def _survey(self) -> None:
        if not self._is_surveying and not self._is_working and self.is_attached and self.display:
            self._is_surveying = True
            self.run_worker(self._look_around(), name="log-survey", group="log-survey")

    async def _look_around(self) -> None:
        try:
            await self.lookup.survey(SURVEY_SECONDS)
        finally:
            self._is_surveying = False
        self._bring_up_marks()

    def _bring_up_marks(self) -> None:
        """Say beside the scroll bar where bookmarks, hits and errors are, the rarest first."""
        stream, lookup, height = self.window.stream, self.lookup, self.room.height
        errors = lookup.level_hits(Level.ERROR)
        state = (stream, stream.line_count, stream.moves, lookup.hits, lookup.hit_count, errors.count, height,
                 self.bookmarks.revision)  # fmt: skip
        if state == self._marked_for or stream.line_count <= height:
            if stream.line_count <= height and self._marks:
                self._marks = {}
                self._redraw()
            return
        self._marked_for = state
        glyphs = self._palette.glyphs
        marks: dict[int, Span] = dict.fromkeys(rows_of_hits(stream, errors, height), (glyphs.bar, "critical"))
        if lookup.hits is not None:
            marks.update(dict.fromkeys(rows_of_hits(stream, lookup.hits, height), (glyphs.right, "accent!")))
        refs = self.bookmarks.refs(stream.sources)
        marks.update(dict.fromkeys(rows_of_refs(stream, refs, height), (glyphs.mark, "accent!")))
        if marks != self._marks:
            self._marks = marks
            self._is_stale = True
            self.refresh()

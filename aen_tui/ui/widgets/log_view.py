"""Log lines on screen: one widget that draws what is visible, woken by the books themselves.

It takes new lines when it paints, so a burst of any size costs one paint a frame. It has no border
and its own scroll bar: a new line never starts a layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.clock import Clock
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.text import visible
from aen_tui.state.lines import DrawnLine
from aen_tui.state.merge import LineRef, MergedStream
from aen_tui.ui.presentation.severity import UNICODE
from aen_tui.ui.widgets.log_keys import LOG_BINDINGS
from aen_tui.ui.widgets.log_query import LogQuery
from aen_tui.ui.widgets.log_rows import RowPainter, RowStyle
from aen_tui.ui.widgets.log_window import LogWindow, blank, framed
from aen_tui.ui.widgets.palette import Palette

COPY_LIMIT_BYTES = 64 * 1024
"""What is copied at most: terminals drop longer OSC 52 sequences."""
_WHEEL_ROWS = 3
_SIDE_CELLS = 16

Wish = Literal["search", "filter", "goto", "own"]


class LogView(Widget, can_focus=True):
    """Merged logs, followed, searched and filtered. `show` gives it what to show."""

    DEFAULT_CSS = """
    LogView { width: 1fr; height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = LOG_BINDINGS

    class Asked(Message):
        """Input is wanted, a pattern or a time; or our own requests are, or are not."""

        def __init__(self, wish: Wish) -> None:
            self.wish: Wish = wish
            super().__init__()

    class Opened(Message):
        """All of a line is wanted."""

        def __init__(self, line: DrawnLine) -> None:
            self.line = line
            super().__init__()

    class Changed(Message):
        """What the header says of the view may have changed, by a key or a search that got on."""

        def can_replace(self, message: Message) -> bool:
            """One is enough."""
            return isinstance(message, LogView.Changed)

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._painter: RowPainter | None = None
        self._theme = ""
        self._rows: list[Strip] = []
        self._is_stale = True
        self._is_working = self._is_seeking = False
        self._labels: Mapping[LogKey, str] = {}
        self._label_width = 0
        self.show(MergedStream(()), {}, 0)

    def show(self, stream: MergedStream, labels: Mapping[LogKey, str], label_width: int) -> None:
        """Show other logs, from their end; search and filters stay.

        Args:
            stream: the lines.
            labels: a short name for each source.
            label_width: cells for it, 0 = none.
        """
        old = getattr(self, "lookup", None)
        self._labels, self._label_width = labels, label_width
        self.lookup = LogQuery(stream, self._clock.monotonic)
        if old is not None:
            self.lookup.search(old.search_text)
            self.lookup.filters, self.lookup.level = old.filters, old.level
            self.lookup.apply()
        style = RowStyle(80, label_width) if self._painter is None else self._painter.style
        self._painter = RowPainter(Palette({}, UNICODE), labels, style)
        self.window = LogWindow(stream, self._painter)
        self.window.show(self.lookup.stream)
        self.window.height = max(1, self.size.height)
        if self.is_attached:
            self._dress()
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
        old = self.window.painter.style
        style = RowStyle(
            max(1, self.size.width - 1), self._label_width, old.wrap, old.skip, old.time, self.lookup.pattern
        )
        self._painter = self.window.painter = RowPainter(Palette.of(self), self._labels, style)
        self._palette = Palette.of(self)
        self._theme = self.app.theme
        self._redraw()

    # -- painting -------------------------------------------------------------------------------

    def wake(self) -> None:
        """Lines came; called by the books' listener, at most one paint a frame follows."""
        if self.window.needs_rows:
            self._is_stale = True
            self.refresh()

    def tick(self) -> None:
        """A second has passed: relative times move on, an unended last line may be shown."""
        if self.window.painter.style.time.width and self.window.painter.style.time.value == "relative":
            self.window.painter.forget()
            self.window.rebuild()
            self.wake() if self.window.needs_rows else self._redraw()
        elif any(source.book.has_partial for source in self.lookup.base.sources):
            self.wake()

    def _redraw(self) -> None:
        self.window.rebuild()
        self._is_stale = True
        self.refresh()
        self.post_message(self.Changed())

    def on_resize(self, event: events.Resize) -> None:
        """Rows are as wide as the widget but for the scroll bar."""
        self.window.painter.change(width=max(1, event.size.width - 1), label_width=self._label_width)
        self.window.height = max(1, event.size.height)
        self._redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Take what is new, once a paint."""
        if self._is_stale:
            self._is_stale = False
            self._paint()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """A row."""
        return self._rows[y] if y < len(self._rows) else blank(self.size.width)

    def _paint(self) -> None:
        window = self.window
        wall = self._clock.wall()
        if not window.frozen:
            window.base.sync(wall)
            if not self.lookup.refresh():
                self._start_work()
        window.draw(wall)
        self._rows = framed(window, self._palette, max(1, self.size.width), self.size.height)

    # -- searching ------------------------------------------------------------------------------

    def _start_work(self) -> None:
        if not self._is_working:
            self._is_working = True
            self.set_timer(0.001, self._work)

    def _work(self) -> None:
        """A slice of searching; the loop runs between slices."""
        self._is_working = False
        over, found = self.lookup.seek()
        if found is not None:
            self._jump(found)
        elif over and self._is_seeking:
            self._is_seeking = False
            self.notify("No more in this direction", timeout=2)
        more = self.lookup.work()
        if self.window.has_filter:
            self._is_stale = True
            self.refresh()
        self.post_message(self.Changed())
        if more or not over:
            self._start_work()

    def _jump(self, ref: LineRef) -> None:
        self._is_seeking = False
        self.window.go_to(self.window.stream.index_of(ref))
        self._redraw()

    def search(self, text: str, *, jump: bool = False) -> None:
        """Light a pattern, and with `jump` go to a hit: up from the end in FOLLOW, else down.

        Raises:
            ValueError: it is not RE2.
        """
        self.lookup.search(text)
        self.window.painter.change(pattern=self.lookup.pattern)
        self._redraw()
        if jump and text:
            start = self.window.cursor + (1 if self.window.follow else -1)
            self._seek_from(start, -1 if self.window.follow else 1)
        self._start_work()

    def _seek_from(self, start: int, step: int) -> None:
        at = max(0, min(start, self.window.stream.line_count - 1))
        line = self.window.stream.line(at) if self.window.stream.line_count else None
        pattern = self.lookup.pattern
        if at != start and line is not None and pattern is not None and pattern.search(line.text) is not None:
            self._jump(self.window.stream.ref(at))
        elif self.lookup.seek_hit(at, step):
            self._is_seeking = True
            self._start_work()

    def filter(self, text: str, *, preview: bool = False) -> None:
        """Show only lines with a pattern (`!` first: without it), on top of the other filters.

        Raises:
            ValueError: it is not RE2.
        """
        if preview:
            self.lookup.preview(text)
        else:
            self.lookup.add_filter(text)
            self.lookup.apply()
        self._filtered()

    def end_preview(self) -> None:
        """Filter as before the preview."""
        self.lookup.apply()
        self._filtered()

    def _filtered(self) -> None:
        self.window.show(self.lookup.stream)
        self._redraw()
        self._start_work()

    def go_to_time(self, moment: float) -> None:
        """Go to the first line of a time, epoch seconds."""
        self.window.go_to(self.window.stream.index_at(moment))
        self._redraw()

    # -- keys -----------------------------------------------------------------------------------

    def action_step(self, lines: int) -> None:
        """A line down or up."""
        self.window.step(lines, self._clock.wall())
        self._moved()

    def _moved(self) -> None:
        self._is_stale = True
        self.refresh()
        self.post_message(self.Changed())

    def action_page(self, pages: int) -> None:
        """A page down or up, one line stays."""
        self.window.scroll(pages * max(1, self.window.height - 1), self._clock.wall())
        self._moved()

    def action_half(self, pages: int) -> None:
        """Half a page down or up."""
        self.window.scroll(pages * max(1, self.window.height // 2), self._clock.wall())
        self._moved()

    def action_side(self, direction: int) -> None:
        """Scroll sideways."""
        skip = max(0, self.window.painter.style.skip + direction * _SIDE_CELLS)
        self.window.painter.change(skip=skip)
        self._redraw()

    def action_top(self) -> None:
        """The first line that is in memory."""
        self.window.go_to(0)
        self._redraw()

    def action_bottom(self) -> None:
        """The last line, and follow."""
        self.window.resume()
        self._redraw()

    def action_follow(self) -> None:
        """Follow on or off."""
        self.window.pause() if self.window.is_live else self.window.resume()
        self._redraw()

    def action_freeze(self) -> None:
        """Take nothing from the books, or go on."""
        self.window.freeze()
        self._redraw()

    def action_own(self) -> None:
        """Show our own requests in access logs, or hide them again."""
        self.post_message(self.Asked("own"))

    def action_ask(self, wish: Wish) -> None:
        """Ask for a pattern or a time."""
        self.post_message(self.Asked(wish))

    def action_hit(self, step: int) -> None:
        """The next hit down or up."""
        if not self.lookup.seek_hit(self.window.cursor, step):
            self.notify("Nothing is searched for: / begins a search", timeout=2)
            return
        self._is_seeking = True
        self._start_work()

    def action_error(self, step: int) -> None:
        """The next error down or up."""
        # In FOLLOW the eye is at the end: there is nothing below, and the last line itself counts.
        self.lookup.seek_error(self.window.cursor, step)
        self._is_seeking = True
        self._start_work()

    def action_level(self) -> None:
        """All, warnings and worse, errors and worse."""
        order = (Level.NONE, Level.WARNING, Level.ERROR)
        self.lookup.set_level(order[(order.index(self.lookup.level) + 1) % len(order)])
        self._filtered()

    def action_wrap(self) -> None:
        """Wrap long lines or not."""
        self.window.painter.change(wrap=not self.window.painter.style.wrap, skip=0)
        self._redraw()

    def action_time(self) -> None:
        """The next manner to show times."""
        self.window.painter.change(time=self.window.painter.style.time.following)
        self._redraw()

    def _current(self) -> DrawnLine | None:
        ref = self.window.cursor_ref
        return None if ref is None else self.window.stream.sources[ref[0]].drawn(ref[1])

    def action_copy(self) -> None:
        """Copy the current line, made visible."""
        line = self._current()
        if line is None:
            return
        text = visible(line.text[:COPY_LIMIT_BYTES])
        self.app.copy_to_clipboard(text)
        self.notify(
            f"{len(text):,} characters copied" + (", cut" if len(line.text) > COPY_LIMIT_BYTES else ""), timeout=2
        )

    def action_open(self) -> None:
        """All of the current line."""
        line = self._current()
        if line is not None:
            self.post_message(self.Opened(line))

    def action_clear(self) -> None:
        """Take the search away, else the last filter; else the key is not ours."""
        if self.lookup.search_text:
            self.search("")
        elif self.lookup.drop_filter():
            self._filtered()
        else:
            raise SkipAction

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        self.window.scroll(-_WHEEL_ROWS, self._clock.wall())
        self._moved()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        self.window.scroll(_WHEEL_ROWS, self._clock.wall())
        self._moved()

    def on_click(self, event: events.Click) -> None:
        """Make a line current; on the scroll bar, go there."""
        if event.x >= self.size.width - 1:
            self.window.go_to(self.window.stream.line_count * event.y // max(1, self.size.height))
            self._redraw()
        else:
            self.window.point_at(event.y)
            self._moved()

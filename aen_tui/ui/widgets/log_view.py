"""The log view with its keys: moving, searching, filtering. LogCanvas draws, LogPicking picks."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.message import Message

from aen_tui.model.clock import Clock
from aen_tui.model.logs import Level
from aen_tui.ui.widgets.log_keys import LOG_BINDINGS
from aen_tui.ui.widgets.log_picking import LogPicking
from aen_tui.ui.widgets.log_query import CONTEXTS
from aen_tui.ui.widgets.log_stream_rows import EDGE

_WHEEL_ROWS = 3
_SIDE_CELLS = 16

Wish = Literal["search", "filter", "goto", "own", "histogram"]


class LogView(LogPicking):
    """Merged logs, followed, searched and filtered. `show` gives it what to show."""

    DEFAULT_CSS = """
    LogView { width: 1fr; height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = LOG_BINDINGS

    class Asked(Message):
        """Input is wanted, a pattern or a time; or our own requests, or the histogram, are, or are not."""

        def __init__(self, wish: Wish) -> None:
            self.wish: Wish = wish
            super().__init__()

    class Above(Message):
        """A key or the wheel wants to go up, and the first line is on screen already."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.stop_loading: Callable[[], bool] = lambda: False
        """Stops what brings older lines; whether it was under way."""

    def search(self, text: str, *, jump: bool = False) -> None:
        """Light a pattern, and with `jump` go to a hit: up from the end in FOLLOW, else down.

        Raises:
            ValueError: it is not RE2.
        """
        self.lookup.search(text)
        self._sought = ""
        self.window.painter.change(pattern=self.lookup.pattern)
        self._redraw()
        if jump and text:
            step = -1 if self.window.follow else 1
            self._seek_from(self._eye(step) if self.window.follow else self.window.cursor - 1, step)
        self._start_work()

    def _eye(self, step: int) -> int:
        """Before or behind which line a look begins: in FOLLOW the eye is behind the last one."""
        return self.window.cursor + (step < 0 and self.window.follow)

    def _seek_from(self, start: int, step: int) -> bool:
        at = max(0, min(start, self.window.stream.line_count - 1))
        line = self.window.stream.line(at) if self.window.stream.line_count else None
        pattern = self.lookup.pattern
        if at != start and line is not None and pattern is not None and pattern.search(line.text) is not None:
            self._jump(self.window.stream.ref(at))
        elif self.lookup.seek_hit(at, step):
            self._sought = "hit"
            self._start_work()
        return pattern is not None

    def filter(self, text: str, *, preview: bool = False) -> None:
        """Show only lines with a pattern (`!` first: without it), on top of the other filters.

        Raises:
            ValueError: it is not RE2.
        """
        if preview:
            self.lookup.preview(text)
        else:
            self.lookup.end_preview()
            self.lookup.add_filter(text)
        self._filtered()

    def end_preview(self) -> None:
        """Filter as before the preview."""
        self.lookup.apply()
        self._filtered()

    def drop_filter(self) -> bool:
        """Take the last filter away, then the level; whether there was one."""
        dropped = self.lookup.drop_filter()
        self._filtered()
        return dropped

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
        self._catch_up()
        stays = self.window.cursor == 0 or not self.window.stream.line_count
        self.window.step(lines, self.clock.wall())
        self._moved(up=lines < 0 and stays)

    def _moved(self, up: bool = False) -> None:
        if up and self.window.is_at_top:
            self.post_message(self.Above())
        self._is_stale = True
        self.refresh()
        self.post_message(self.Changed())

    def action_page(self, pages: int) -> None:
        """A page down or up, one line stays."""
        self._catch_up()
        self.window.scroll(pages * max(1, self.window.height - 1), self.clock.wall())
        self._moved(up=pages < 0)

    def action_half(self, pages: int) -> None:
        """Half a page down or up."""
        self._catch_up()
        self.window.scroll(pages * max(1, self.window.height // 2), self.clock.wall())
        self._moved(up=pages < 0)

    def action_side(self, direction: int) -> None:
        """Scroll sideways."""
        skip = max(0, self.window.painter.style.skip + direction * _SIDE_CELLS)
        self.window.painter.change(skip=skip)
        self._redraw()

    def action_top(self) -> None:
        """The first line there is here, and what lies before it."""
        self._catch_up()
        self.window.go_top()
        self._redraw()
        self.post_message(self.Above())

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
        self._catch_up()
        if not self._seek_from(self._eye(step), step):
            self.notify("Nothing is searched for: / begins a search", timeout=2, markup=False)

    def action_error(self, step: int) -> None:
        """The next error down or up."""
        self._catch_up()
        self.lookup.seek_error(self._eye(step), step)
        self._sought, self._is_sought_down = "error", step > 0
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
        self.window.painter.change(chosen_time=self.window.painter.style.time.following)
        self._redraw()

    def action_context(self, step: int) -> None:
        """More or fewer lines around what matches."""
        if not self.lookup.chips:
            self.notify("z shows lines around what a filter leaves: & begins one", timeout=3, markup=False)
            return
        at = CONTEXTS.index(self.lookup.context) + step
        if 0 <= at < len(CONTEXTS):
            self.lookup.set_context(CONTEXTS[at])
            self._filtered()

    def action_json(self) -> None:
        """JSON lines laid out, or as they stand in the file."""
        self.window.painter.change(reads_json=not self.window.painter.style.reads_json)
        self._redraw()

    def action_open(self) -> None:
        """Of a filtered line what stands around it, of any other all of the line."""
        self._catch_up()
        if self.window.has_filter:
            ref = self.window.cursor_ref
            self.lookup.park()
            self.window.show(self.lookup.stream)
            if ref is not None:
                self.window.go_to(self.window.stream.index_of(ref))
            self._redraw()
        else:
            self.open_line()

    def action_detail(self) -> None:
        """All of the record, in a filter too."""
        self._catch_up()
        self.open_line()

    def action_clear(self) -> None:
        """Loading ends, else back to the filters, the selection, the search, the last filter away; else not our key."""
        if self.stop_loading():
            return
        if self.window.anchor is not None:
            self.window.anchor = None
            self._redraw()
        elif self.lookup.is_parked:
            self.lookup.apply()
            self._filtered()
        elif self.lookup.search_text:
            self.search("")
        elif not self.drop_filter():
            raise SkipAction

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        self._catch_up()
        event.stop()
        self.window.scroll(-_WHEEL_ROWS, self.clock.wall())
        self._moved(up=True)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        self._catch_up()
        event.stop()
        self.window.scroll(_WHEEL_ROWS, self.clock.wall())
        self._moved()

    def on_click(self, event: events.Click) -> None:
        """Make a line current; on the scroll bar, go there."""
        self._catch_up()
        if event.x >= self.size.width - 1:
            self.window.go_to(self.window.stream.line_count * event.y // max(1, self.size.height))
            self._redraw()
        else:
            self.window.point_at(event.y)
            rows = self.window.rows
            self._moved(up=event.y < len(rows) and rows[event.y].ref == EDGE)

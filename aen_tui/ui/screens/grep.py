"""What `:grep` found on the nodes: hits as they come, newest first; Enter shows one in the log view."""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerCancelled

from aen_tui.errors import AenError
from aen_tui.model.text import visible_line
from aen_tui.ui.log_export import copy_and_tell
from aen_tui.ui.messages import OpenLogs
from aen_tui.ui.presentation.format import bytes_text
from aen_tui.ui.presentation.log_text import short_names
from aen_tui.ui.presentation.search_rows import count_line, error_line, hit_row, state_line
from aen_tui.ui.screens.around import AroundScreen
from aen_tui.ui.screens.frame import FramedScreen
from aen_tui.ui.widgets.lazy_rows import LazyRows
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.runtime.log_search import Found, LogSearch
    from aen_tui.ui.backend import Backend

_DRAW_SECONDS = 0.2
LOADED_BYTES = 32 * 1024 * 1024
"""What is loaded to show one hit in the log view."""


class GrepScreen(FramedScreen):
    """The results of one search, which goes on while the screen is open and was not cancelled.

    Args:
        backend: what is watched.
        search: what is looked for; one that is over is only shown.
    """

    AUTO_FOCUS = "#hits"
    DEFAULT_CSS = """
    GrepScreen #state, GrepScreen #counts, GrepScreen #errors { height: 1; }
    GrepScreen #hits { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "cancel", id="grep.stop", tooltip="Cancel the search; once more: close"),
        Binding("space", "around", "around", id="grep.around", tooltip="The lines around the hit, from the node"),
        Binding("c", "copy", "copy", id="grep.copy", tooltip="Copy the line (OSC 52)"),
    ]

    def __init__(self, backend: Backend, search: LogSearch) -> None:
        super().__init__(backend)
        self.search = search
        self._state = Rows(id="state", empty="", shows_cursor=False)
        self._counts = Rows(id="counts", empty="", shows_cursor=False)
        self._errors = Rows(id="errors", empty="", shows_cursor=False)
        self._state.can_focus = self._counts.can_focus = self._errors.can_focus = False
        self._table = LazyRows(id="hits", empty="nothing found")
        self._shown: tuple[Found, ...] = ()
        self._drawn: tuple[int, int] | None = None
        self._work: Worker[None] | None = None

    def compose_body(self) -> ComposeResult:
        """How far it is, who has hits, what failed, hits."""
        yield self._state
        yield self._counts
        yield self._errors
        yield self._table

    def on_mount(self) -> None:
        """Begin."""
        self.header.title = visible_line(f"grep {self.search.pattern.text}", 40)
        if not self.search.is_over:
            self._work = self.run_worker(self.search.run(), name="grep", group="grep")
        self.set_interval(_DRAW_SECONDS, self._draw)
        self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        """Names are shorter on a narrow screen."""
        self._drawn = None
        self._draw()

    def tick(self) -> None:
        """A second has passed."""
        super().tick()
        self._draw()

    def _draw(self) -> None:
        search, width = self.search, self.size.width
        if not width or self._drawn == (search.revision, width):
            return
        self._drawn = (search.revision, width)
        glyphs, now = glyphs_of(self), self.backend.clock.wall()
        self._state.show([state_line(search, now, glyphs)])
        self._counts.show([count_line(search)])
        self._errors.show([error_line(search, glyphs)])
        self._errors.display = bool(search.errors)
        here = self._here
        self._shown = tuple(search.hits)
        names = short_names(search.keys, max(8, min(28, width // 5))) if search.keys else {}
        compiled = search.pattern.compiled
        self._table.show_lazily(self._shown, lambda found: hit_row(found, names, compiled, now))
        if here is not None and self._table.cursor:  # what is read stays under the cursor when newer ones come
            self._table.cursor = bisect_left(self._shown, here)

    @property
    def _here(self) -> Found | None:
        at = self._table.cursor
        return self._shown[at] if 0 <= at < len(self._shown) else None

    @on(Rows.Chosen, "#hits")
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        found = self._here
        if found is None or found.moment is None:
            self.action_around()
        else:
            self.run_worker(self._open(found), name="open hit", group="open", exclusive=True)

    async def _open(self, found: Found) -> None:
        """The log view where the hit is; where that is too far back, only what stands around it."""
        from aen_tui.runtime.log_search import bytes_back

        key, moment = found.hit.key, found.moment
        assert moment is not None
        try:
            back = await bytes_back(self.backend, key, moment, self.backend.books.book(key).begin())
        except AenError as error:
            self._look_around(found, error.message)
            return
        if back > LOADED_BYTES:
            self._look_around(found, f"{bytes_text(back)} back: more than is loaded for one line")
        else:
            self.app.post_message(OpenLogs([key], moment=moment))

    def action_around(self) -> None:
        """The lines around the hit, as they stand in the file it is in."""
        if (found := self._here) is not None:
            self._look_around(found, "")

    def _look_around(self, found: Found, why: str) -> None:
        self.app.push_screen(AroundScreen(self.backend, found.hit, self.search.pattern.compiled, why))

    def action_copy(self) -> None:
        """Copy the line."""
        if (found := self._here) is not None:
            copy_and_tell(self.app, found.hit.text)

    async def action_stop(self) -> None:
        """Cancel the search; one that is over is closed."""
        if self.search.is_over or self._work is None or self._work.is_finished:
            self.dismiss(None)
            return
        self._work.cancel()
        with suppress(WorkerCancelled):
            await self._work.wait()
        self._draw()

"""View 2, Logs: any sources merged by time, followed; the line where patterns and times are typed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Input

from aen_tui.model.facts import ClusterState, LogFileState
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.moments import parse_moment
from aen_tui.model.node import NodeName
from aen_tui.runtime.node_times import node_times
from aen_tui.state.bookmarks import Bookmarks
from aen_tui.state.merge import MergedStream
from aen_tui.ui import log_export, log_memory
from aen_tui.ui.messages import TimeChosen
from aen_tui.ui.panels import PanelEntry
from aen_tui.ui.panels._folded_logs import FoldedLogs
from aen_tui.ui.presentation.log_text import short_names
from aen_tui.ui.screens.log_line import LogLineScreen
from aen_tui.ui.widgets.filter_input import FilterInput
from aen_tui.ui.widgets.log_header import LogHeader, LogStatus
from aen_tui.ui.widgets.log_histogram import LogHistogram
from aen_tui.ui.widgets.log_marks import volume
from aen_tui.ui.widgets.log_view import LogView, Wish
from aen_tui.ui.widgets.query_input import QueryInput

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

_PLACEHOLDERS = {
    "search": "search (RE2), all lines stay    Tab: filter instead",
    "filter": "only lines with (RE2), ! first: without    Tab: search instead    Backspace: last filter away",
    "goto": "time: 14:05, 14:05:30, -15m",
}
_LAG_SHOWN_SECONDS = 30.0
_PREVIEW_SECONDS = 0.03
"""After the last key; a pattern that is still being typed is not worth a look."""


class LogsPanel(FoldedLogs):
    """Which logs are shown is decided here; how, by LogView.

    Args:
        backend: what is watched.
        keys: exactly these logs; None = the default logs of the nodes aimed at, or of all.
    """

    DEFAULT_CSS = """
    LogsPanel { layout: vertical; }
    """

    def __init__(self, backend: Backend, keys: Sequence[LogKey] | None = None) -> None:
        super().__init__(backend)
        self.view = LogView(backend.clock)
        self.header = LogHeader()
        self.histogram = LogHistogram()
        self._input = QueryInput(placeholder="")
        self._wish: Wish | None = None
        self._preview: Timer | None = None
        self._memory = log_memory.LogMemory()
        self._memory_file = log_memory.memory_file(backend.inventory.name)
        self._aimed: frozenset[NodeName] = frozenset()
        self._fixed = keys is not None
        self._keys: tuple[LogKey, ...] = ()
        self._wanted: tuple[LogKey, ...] = tuple(keys or ())
        self._shown: frozenset[LogKey] = frozenset()
        self._newest: LogKey | None = None
        self._is_telling = False
        self._hides_own = True

    def compose(self) -> ComposeResult:
        """Header, lines, and the line for typing while it is open."""
        yield self.header
        yield self.histogram
        yield self.view
        yield from self.compose_folds()
        yield self._input

    def on_mount(self) -> None:
        """Filters and bookmarks of the last run."""
        self._memory, problem = log_memory.recall(self._memory_file)
        self.view.bookmarks = Bookmarks(self._memory.bookmarks)
        if problem is not None:
            self.notify(problem, severity="warning", markup=False)
        lookup = self.view.lookup
        lookup.level, lookup.context = Level[self._memory.level], self._memory.context
        for text in self._memory.filters:
            with suppress(ValueError):
                lookup.add_filter(text)
        self._apply()

    # -- sources --------------------------------------------------------------------------------

    @property
    def keys(self) -> tuple[LogKey, ...]:
        """The logs that are shown."""
        return self._keys

    def set_sources(self, keys: Sequence[LogKey]) -> None:
        """Show exactly these logs, from their end."""
        self._fixed = True
        self._wanted = tuple(dict.fromkeys(keys))
        self._apply()

    def aim(self, nodes: Sequence[NodeName], keys: Sequence[LogKey] = ()) -> None:
        """Show these logs, or the default logs of these nodes, or of all."""
        self.hide_folds()
        self._fixed = bool(keys)
        self._aimed = frozenset(nodes)
        self._wanted = tuple(dict.fromkeys(keys)) or self._defaults(self.backend.snapshot())
        self._apply()

    def _defaults(self, state: ClusterState) -> tuple[LogKey, ...]:
        """Access logs are followed but not shown unless asked for (ops 30)."""
        return tuple(
            LogKey(node.name, log.path)
            for node in state.nodes.values()
            if not self._aimed or node.name in self._aimed
            for log in node.logs
            if log.kind != "access" and (log.state is not LogFileState.UNKNOWN or self._aimed)
        )

    def take(self, state: ClusterState) -> None:
        """Nodes bring logs and clocks; sources are not changed under a reader who has paused."""
        if not self._fixed:
            self._wanted = self._defaults(state)
        if self._wanted != self._keys and (self.view.window.is_live or not self._keys):
            self._apply()
        times = node_times(state)
        for source in self.view.window.base.sources:
            source.time = times.get(source.book.key.node, source.time)
        self._tell()

    def _apply(self) -> None:
        self._keys = self._wanted
        times = node_times(self.backend.snapshot())
        for key in self._keys:
            self.backend.follow(key)
        self.view.show(
            MergedStream.over(self.backend.books, self._keys, times, hides_own=self._hides_own), *self._labels()
        )
        self._shown = frozenset(self._keys)
        self._tell()

    def _labels(self) -> tuple[dict[LogKey, str], int]:
        width = self.size.width or 80
        if len(self._keys) <= 1:
            return {key: key.path for key in self._keys}, 0
        names = short_names(self._keys, max(8, min(28, width // 5)))
        return names, max(map(len, names.values()), default=0)

    def on_resize(self, _event: events.Resize) -> None:
        """Names are shorter on a narrow screen."""
        self.view.relabel(*self._labels())

    # -- waking ---------------------------------------------------------------------------------

    def reveal(self) -> None:
        """Listen to the books."""
        self.backend.books.listeners.add(self._wake)
        self.view.wake()
        self._tell()

    def conceal(self) -> None:
        """Off screen nothing is drawn."""
        self.backend.books.listeners.discard(self._wake)
        self._remember()

    def on_unmount(self) -> None:
        """Leave the books alone."""
        self.conceal()

    def _wake(self, key: LogKey) -> None:
        if key in self._shown:
            self._newest = key
            self.view.wake()
            if not self._is_telling:
                self._is_telling = True
                self.call_later(self._tell)

    def tick(self) -> None:
        """A second has passed."""
        super().tick()
        self.view.tick()
        self._tell()
        self._count()
        self._remember()

    def _remember(self) -> None:
        """Write down what changed, so that the next run begins with it."""
        if not self.is_mounted:
            return
        lookup = self.view.lookup
        filters = tuple(one.typed for one in lookup.filters)
        memory = log_memory.LogMemory(filters, lookup.level.name, lookup.context, tuple(self.view.bookmarks))
        if memory == self._memory:
            return
        self._memory = memory
        try:
            log_memory.remember(self._memory_file, memory)
        except OSError as error:
            self.notify(f"filters and bookmarks are not kept: {error}", severity="warning", markup=False)

    def _count(self) -> None:
        """Bring the histogram up to date."""
        if not self.histogram.display:
            return
        window, lookup = self.view.window, self.view.lookup
        found = volume(window.stream, lookup.level_hits(Level.WARNING), lookup.level_hits(Level.ERROR), self.size.width)
        line = None if window.is_live or not window.stream.line_count else window.stream.line(window.cursor)
        self.histogram.take(found, None if line is None else line.time or line.arrived)

    def on_log_histogram_chosen(self, message: LogHistogram.Chosen) -> None:
        """A bar was pointed at."""
        message.stop()
        self._go_to(message.moment)

    def _go_to(self, moment: float) -> None:
        self.view.go_to_time(moment)
        self.post_message(TimeChosen(moment))

    def _tell(self) -> None:
        """Bring the header up to date."""
        self._is_telling = False
        window, lookup = self.view.window, self.view.lookup
        chips = lookup.chips
        window.take(self.backend.clock.wall())
        self.header.status = LogStatus(
            is_live=window.is_live,
            unseen=window.unseen,
            sources=len(self._keys),
            name=str(self._keys[0]) if len(self._keys) == 1 else "",
            lines=window.base.line_count,
            hidden=window.base.hidden,
            chips=() if lookup.is_parked else tuple(chips),
            parked=" ".join(chip.text for chip in chips) if lookup.is_parked else "",
            selected=len(window.selected()) if window.anchor is not None else 0,
            search=lookup.search_text,
            hits=lookup.hit_count,
            is_busy=lookup.is_busy,
            lag_seconds=self._lag(),
            time=window.painter.style.time,
            shown=window.stream.line_count if chips else None,
        )
        self.chip = " ".join(chip.text for chip in chips)

    def _lag(self) -> float | None:
        """From written to here, of the newest line where its time is fine enough and it is not backfill."""
        if self._newest is None:
            return None
        source = next((one for one in self.view.window.base.sources if one.book.key == self._newest), None)
        line = source.drawn(source.book.next_line - 1) if source is not None else None
        if source is None or line is None or line.time is None or not line.fine:
            return None
        is_new = self.backend.clock.wall() - line.arrived < _LAG_SHOWN_SECONDS
        return line.arrived - line.time if is_new and line.time > (source.book.opened_wall or 0.0) else None

    # -- typing ---------------------------------------------------------------------------------

    def on_log_view_asked(self, message: LogView.Asked) -> None:
        """Open the line for typing, or show or hide something."""
        message.stop()
        if message.wish == "own":
            self._hides_own = not self._hides_own
            self._apply()
        elif message.wish == "histogram":
            self.histogram.display = not self.histogram.display
            self._count()
        else:
            self._ask(message.wish, self.view.lookup.search_text if message.wish == "search" else "")

    def _ask(self, wish: Wish, text: str) -> None:
        self._wish = wish
        self._input.placeholder = _PLACEHOLDERS[wish]
        self._input.open(text)

    def on_query_input_switched(self, message: QueryInput.Switched) -> None:
        """What was typed for the one is typed for the other."""
        message.stop()
        if self._wish not in ("search", "filter"):
            return
        text = self._input.value
        self._stop_preview()
        if self._wish == "search":
            self.view.search("")
        else:
            self.view.end_preview()
        self._ask("filter" if self._wish == "search" else "search", text)
        self._show_preview()

    def on_query_input_erased(self, message: QueryInput.Erased) -> None:
        """Backspace on nothing: the last filter goes."""
        message.stop()
        if self._wish == "filter":
            self.view.drop_filter()
            self._tell()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Show what is being typed, once the fingers rest."""
        message.stop()
        self._stop_preview()
        if self._wish in ("search", "filter"):
            self._preview = self.set_timer(_PREVIEW_SECONDS, self._show_preview)

    def _stop_preview(self) -> None:
        if self._preview is not None:
            self._preview.stop()
            self._preview = None

    def _show_preview(self) -> None:
        try:
            if self._wish == "search":
                self.view.search(self._input.value)
            elif self._wish == "filter":
                self.view.filter(self._input.value, preview=True)
        except ValueError as error:  # half a pattern may be none
            self._input.tooltip = str(error)

    def on_filter_input_closed(self, message: FilterInput.Closed) -> None:
        """Enter takes what was typed, Esc nothing."""
        message.stop()
        self._stop_preview()
        wish, self._wish = self._wish, None
        text = self._input.value
        self.view.focus()
        if wish is None:
            return
        try:
            self._carry_out(wish, text, kept=message.kept)
        except ValueError as error:
            self.view.end_preview()
            self.notify(str(error), severity="error", timeout=4, markup=False)
        self._tell()

    def _carry_out(self, wish: Wish, text: str, *, kept: bool) -> None:
        if wish == "search":
            self.view.search(text if kept else "", jump=kept)
        elif wish == "filter" and kept and text:
            self.view.filter(text)
        elif wish == "filter":
            self.view.end_preview()
        elif kept and text:
            self._go_to(parse_moment(text, self.backend.clock.wall()))

    # -- what leaves the view -------------------------------------------------------------------

    def on_log_picking_opened(self, message: LogView.Opened) -> None:
        """All of a record."""
        message.stop()
        self.app.push_screen(LogLineScreen(message.lines))

    def on_log_picking_wanted(self, message: LogView.Wanted) -> None:
        """Lines to the clipboard; all that is shown to a file or a pager."""
        message.stop()
        stream = self.view.window.stream
        if message.what == "copy":
            log_export.copy_and_tell(self.app, log_export.lines_text(message.lines))
        elif message.what == "save":
            self.run_worker(log_export.save_and_tell(self.app, stream), group="log-export")
        else:
            self.run_worker(log_export.page_and_tell(self.app, stream), group="log-export")

    def on_log_picking_marked(self, message: LogView.Marked) -> None:
        """A bookmark came or went."""
        message.stop()
        self._remember()

    def on_log_canvas_changed(self, message: LogView.Changed) -> None:
        """The header follows."""
        message.stop()
        self._tell()


PANEL = PanelEntry(2, "Logs", LogsPanel)

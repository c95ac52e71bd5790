"""View 2, Logs: any sources merged by time, followed; the line where patterns and times are typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.geometry import Size

from aen_tui.model.facts import ClusterState, LogFileState, LogState
from aen_tui.model.logs import Level, LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.log_sources import is_default
from aen_tui.runtime.node_times import node_times
from aen_tui.state.bookmarks import Bookmarks
from aen_tui.state.lines import TimedLog
from aen_tui.state.merge import MergedStream
from aen_tui.ui import log_memory
from aen_tui.ui.messages import TimeChosen
from aen_tui.ui.panels import PanelEntry
from aen_tui.ui.panels._leaving_logs import LeavingLogs
from aen_tui.ui.panels._older_logs import OlderLogs
from aen_tui.ui.panels._typed_logs import TypedLogs
from aen_tui.ui.presentation.log_text import name_within, short_names
from aen_tui.ui.screens.log_line import LogLineScreen
from aen_tui.ui.widgets.fitted import Fitted
from aen_tui.ui.widgets.log_header import LogHeader, LogStatus
from aen_tui.ui.widgets.log_histogram import LogHistogram
from aen_tui.ui.widgets.log_marks import volume
from aen_tui.ui.widgets.log_view import LogView
from aen_tui.ui.widgets.palette import glyphs_of

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

_LAG_SHOWN_SECONDS = 30.0
_TELL_SECONDS = 0.05
"""How long what arrives is gathered before the header says it: rows are drawn at once, figures need no more."""


class LogsPanel(Fitted, TypedLogs):
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
        self.older = OlderLogs(backend, self.view, self.tell)
        self._leaving = LeavingLogs(self.view)
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
        self._is_seen = False
        self._has_cut_names = False
        self._trouble = ""
        self._chosen: float | None = None
        """The time that somebody went to, epoch seconds; None at the end of the logs."""
        self._waits_for: float | None = None
        """The same, chosen while the view was off screen."""

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
        """What nobody could read yet takes no room; what was read once stays, whatever became of it."""
        return tuple(
            key
            for key, log in self._offered(state)
            if log.state is not LogFileState.UNKNOWN or self._aimed or key in self.backend.books
        )

    def _offered(self, state: ClusterState) -> Iterator[tuple[LogKey, LogState]]:
        """The default logs of the nodes aimed at, or of all."""
        for node in state.nodes.values():
            if not self._aimed or node.name in self._aimed:
                for log in node.logs:
                    if is_default(log.kind):
                        yield LogKey(node.name, log.path), log

    def take(self, state: ClusterState) -> None:
        """Nodes bring logs and clocks; nothing moves under a reader who has paused."""
        if not self._fixed:
            self._wanted = self._defaults(state)
        if self._wanted != self._keys and (not self._keys or (self.view.window.is_live and self._is_other())):
            self._apply()
        if self._has_cut_names and self.view.window.is_live:
            self._has_cut_names = False
            self.view.relabel(*self._labels())
        times = node_times(state)
        for source in self.view.window.base.sources:
            source.time = times.get(source.book.key.node, source.time)
        self._trouble = self._what_is_not_read(state)
        self.tell()

    def _what_is_not_read(self, state: ClusterState) -> str:
        """Sources that are a folder, a pipe, not there, not ours to read; empty where all are read."""
        nodes = (state.nodes.get(name) for name in dict.fromkeys(key.node for key in self._keys))
        logs = {LogKey(node.name, log.path): log for node in nodes if node is not None for log in node.logs}
        found = {key: log.error for key, log in logs.items() if log.error and key in self._shown}
        if not self._fixed:
            found |= {key: log.error for key, log in self._offered(state) if log.error}
        if not found:
            return ""
        reasons = "; ".join(dict.fromkeys(error for error in found.values() if error))
        return f"not read: {reasons}" if len(self._keys) == 1 and self._fixed else f"{len(found)} not read: {reasons}"

    def _is_other(self) -> bool:
        return frozenset(self._wanted) != self._shown

    def _widen(self) -> None:
        """Logs appeared while the reader has paused: they come after the others, nothing moves."""
        new = [key for key in self._wanted if key not in self._shown]
        if not new or self.view.window.is_live or self.view.window.frozen:
            return
        times = node_times(self.backend.snapshot())
        for key in new:
            self.backend.follow(key)
        self._keys = (*self._keys, *new)
        self._shown = frozenset(self._keys)
        sources = [TimedLog(self.backend.books.book(key), times.get(key.node)) for key in new]
        names, _ = self._labels()
        self.view.widen(sources, {key: names[key] for key in new})
        self._has_cut_names = True
        self.tell()

    def _apply(self) -> None:
        self.older.stop()
        self._keys = self._wanted
        times = node_times(self.backend.snapshot())
        for key in self._keys:
            self.backend.follow(key)
        self.view.show(
            MergedStream.over(self.backend.books, self._keys, times, hides_own=self._hides_own), *self._labels()
        )
        self._shown = frozenset(self._keys)
        self.tell()

    def _labels(self) -> tuple[dict[LogKey, str], int]:
        width = self.room.width or 80
        if len(self._keys) <= 1:
            return {key: key.path for key in self._keys}, 0
        names = short_names(self._keys, max(8, min(28, width // 5)), glyphs_of(self).ellipsis)
        return names, max(map(len, names.values()), default=0)

    def fit(self, size: Size) -> None:
        """Names are shorter on a narrow screen."""
        self.view.relabel(*self._labels())

    # -- waking ---------------------------------------------------------------------------------

    def reveal(self) -> None:
        """Listen to the books."""
        self._is_seen = True
        self.backend.books.listeners.add(self._wake)
        self.view.wake()
        if self._waits_for is not None:
            moment, self._waits_for = self._waits_for, None
            self.seek(moment)
        self.tell()

    def conceal(self) -> None:
        """Off screen nothing is drawn."""
        self._is_seen = False
        self.older.stop()
        self.backend.books.listeners.discard(self._wake)
        self._remember()

    def on_unmount(self) -> None:
        """Leave the books alone."""
        self.conceal()

    def _wake(self, key: LogKey) -> None:
        if key in self._shown:
            self._newest = key
            self.view.wake(is_flood=not self.backend.books.book(key).is_at_end)
            if not self._is_telling:
                self._is_telling = True
                self.call_later(self.set_timer, _TELL_SECONDS, self.tell)  # this runs in the runtime's tasks

    def tick(self) -> None:
        """A second has passed."""
        super().tick()
        self._widen()
        self.view.tick()
        self.tell()
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
        found = volume(window.stream, lookup.level_hits(Level.WARNING), lookup.level_hits(Level.ERROR), self.room.width)
        line = None if window.is_live or not window.stream.line_count else window.stream.line(window.cursor)
        self.histogram.take(found, None if line is None else line.time or line.arrived)

    def on_log_histogram_chosen(self, message: LogHistogram.Chosen) -> None:
        """A bar was pointed at."""
        message.stop()
        self.go_to(message.moment)

    def go_to(self, moment: float) -> None:
        """Go to a time, epoch seconds, and tell the other views."""
        self.seek(moment)
        self.post_message(TimeChosen(moment, teller=self))

    def seek(self, moment: float | None) -> None:
        """Somebody chose a time: what is not here yet is brought from the nodes, once somebody looks. None: the end."""
        self._chosen = moment
        self._waits_for = None
        if moment is None:
            self.view.action_bottom()
        elif self._is_seen:
            self.hide_folds()
            self.older.reach(moment)
        else:
            self._waits_for = moment

    def tell(self) -> None:
        """Bring the header up to date."""
        self._is_telling = False
        window, lookup = self.view.window, self.view.lookup
        chips = lookup.chips
        window.take(self.backend.clock.wall())
        self.header.status = LogStatus(
            is_live=window.is_live,
            unseen=window.unseen,
            sources=len(self._keys),
            name=name_within(self._keys[0], max(20, self.room.width // 2)) if len(self._keys) == 1 else "",
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
            loading=self.older.words,
            trouble=self.typed_trouble or self._trouble,
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

    # -- keys of the view -----------------------------------------------------------------------

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
            self.ask(message.wish, self.view.lookup.search_text if message.wish == "search" else "")

    def on_log_view_above(self, message: LogView.Above) -> None:
        """Somebody wants to see what lies before the first line."""
        message.stop()
        self.older.ask()

    # -- what leaves the view -------------------------------------------------------------------

    def on_log_picking_opened(self, message: LogView.Opened) -> None:
        """All of a record."""
        message.stop()
        self.app.push_screen(LogLineScreen(message.lines))

    def on_log_picking_wanted(self, message: LogView.Wanted) -> None:
        """Lines to the clipboard; all that is shown to a file or a pager."""
        message.stop()
        if message.what == "copy":
            self._leaving.copy(message.lines, message.wanted)
        elif message.what == "save":
            self.save(None)
        else:
            self._leaving.page()

    def save(self, file: Path | None) -> None:
        """Write what is shown to a new file: this one, or one of our own folder."""
        self._leaving.save(file)

    def on_log_picking_marked(self, message: LogView.Marked) -> None:
        """A bookmark came or went."""
        message.stop()
        self._remember()

    def on_log_canvas_changed(self, message: LogView.Changed) -> None:
        """The header follows, and where the reader is back at the end, the other views."""
        message.stop()
        self.tell()
        if self._chosen is not None and self.view.window.is_live and self._waits_for is None:
            self._chosen = None
            self.post_message(TimeChosen(None, teller=self))


PANEL = PanelEntry(2, "Logs", LogsPanel)

"""View 2, Logs: any sources merged by time, followed; the line where patterns and times are typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from aen_tui.model.facts import ClusterState, LogFileState
from aen_tui.model.logs import LogKey
from aen_tui.model.moments import parse_moment
from aen_tui.model.node import NodeName
from aen_tui.runtime.node_times import node_times
from aen_tui.state.merge import MergedStream
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation.log_text import short_names
from aen_tui.ui.screens.log_line import LogLineScreen
from aen_tui.ui.widgets.filter_input import FilterInput
from aen_tui.ui.widgets.log_header import LogHeader, LogStatus
from aen_tui.ui.widgets.log_view import LogView

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

_PLACEHOLDERS = {
    "search": "search (RE2), all lines stay",
    "filter": "only lines with (RE2); ! first: without",
    "goto": "time: 14:05, 14:05:30, -15m",
}
_LAG_SHOWN_SECONDS = 30.0


class LogsPanel(Panel):
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
        self._input = FilterInput(placeholder="")
        self._wish: LogView.Asked | None = None
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
        yield self.view
        yield self._input

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
        self.view.tick()
        self._tell()

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
            chips=tuple(chips),
            search=lookup.search_text,
            hits=lookup.hit_count,
            is_busy=lookup.is_busy,
            lag_seconds=self._lag(),
            time=window.painter.style.time,
            shown=window.stream.line_count if chips else None,
        )
        self.chip = " ".join(chips)

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
        """Open the line for typing."""
        message.stop()
        if message.wish == "own":
            self._hides_own = not self._hides_own
            self._apply()
            return
        self._wish = message
        self._input.placeholder = _PLACEHOLDERS[message.wish]
        self._input.open(self.view.lookup.search_text if message.wish == "search" else "")

    def on_input_changed(self, message: Input.Changed) -> None:
        """Show what is being typed at once; half a pattern may be none."""
        message.stop()
        if self._wish is None or self._wish.wish == "goto":
            return
        try:
            if self._wish.wish == "search":
                self.view.search(message.value)
            else:
                self.view.filter(message.value, preview=True)
        except ValueError as error:
            self._input.tooltip = str(error)

    def on_filter_input_closed(self, message: FilterInput.Closed) -> None:
        """Enter takes what was typed, Esc nothing."""
        message.stop()
        wish, self._wish = self._wish, None
        text = self._input.value
        self.view.focus()
        if wish is None:
            return
        try:
            self._carry_out(wish.wish, text, kept=message.kept)
        except ValueError as error:
            self.view.end_preview()
            self.notify(str(error), severity="error", timeout=4)
        self._tell()

    def _carry_out(self, wish: str, text: str, *, kept: bool) -> None:
        if wish == "search":
            self.view.search(text if kept else "", jump=kept)
        elif wish == "filter" and kept and text:
            self.view.filter(text)
        elif wish == "filter":
            self.view.end_preview()
        elif kept and text:
            self.view.go_to_time(parse_moment(text, self.backend.clock.wall()))

    def on_log_view_opened(self, message: LogView.Opened) -> None:
        """All of a line."""
        message.stop()
        self.app.push_screen(LogLineScreen(message.line))

    def on_log_view_changed(self, message: LogView.Changed) -> None:
        """The header follows."""
        message.stop()
        self._tell()


PANEL = PanelEntry(2, "Logs", LogsPanel)

"""View 6, Events: what happened, the newest at the bottom as logs have it; Enter goes to the log at that moment."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.widgets import Input

from aen_tui.ui.log_export import copy_and_tell, new_file, private
from aen_tui.ui.messages import OpenLogs, OpenMetrics, OpenNode
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation.event_filter import EventFilter, parse_filter
from aen_tui.ui.presentation.event_order import followers, in_order, with_new
from aen_tui.ui.presentation.event_rows import event_row, heading, plain_lines, state_line
from aen_tui.ui.presentation.event_sieve import EventSieve
from aen_tui.ui.presentation.nothing import EVENTS, nothing_lines
from aen_tui.ui.widgets.filter_input import FilterInput
from aen_tui.ui.widgets.lazy_rows import LazyRows
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.model.facts import ClusterState
    from aen_tui.model.logs import LogKey
    from aen_tui.model.node import NodeName
    from aen_tui.state.event_row import EventRow
    from aen_tui.ui.backend import Backend

_QUIET, _ROOMY = 4, 18
"""With so few events on so many lines there is room to say what comes here."""
_PLACEHOLDER = "words: kind:link severity:critical node:compute1-[1-5] check:disk-free !not any-text"


class EventsPanel(Panel):
    """A list of events. While the cursor stands on the last it follows; else nothing moves under the reader."""

    DEFAULT_CSS = """
    EventsPanel { layout: vertical; }
    EventsPanel #state, EventsPanel #head { height: 1; }
    EventsPanel #events { height: 1fr; }
    EventsPanel #hint { height: auto; padding: 0 0 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x", "problems", "problems", id="events.problems", tooltip="Only what is bad and was not planned, and back"
        ),
        Binding("slash", "filter", "filter", id="events.filter", tooltip="Only events with these words"),
        Binding(
            "A",
            "acknowledge",
            "ack",
            id="events.acknowledge",
            tooltip="Acknowledge the marked events, or take it back",
        ),
        Binding(
            "escape",
            "clear",
            "clear",
            id="events.clear",
            tooltip="Take the last filter away, then the marks",
            show=False,
        ),
        Binding(
            "v",
            "level",
            "level",
            id="events.level",
            tooltip="All events, warnings and worse, critical ones",
            show=False,
        ),
        Binding("space", "mark", "mark", id="events.mark", tooltip="Mark the event, or take the mark away", show=False),
        Binding("u", "unmark", "unmark", id="events.unmark", tooltip="Take all marks away", show=False),
        Binding("s,F", "follow", "follow", id="events.follow", tooltip="Follow the newest, or stay"),
        Binding(
            "at",
            "app.command('goto ')",
            "go to",
            id="events.goto",
            tooltip="Go to a time in all views",
            key_display="@",
            show=False,
        ),
        Binding("l", "logs", "logs", id="events.logs", tooltip="Logs of its nodes at that moment"),
        Binding("d", "node", "node", id="events.node", tooltip="The page of its node"),
        Binding(
            "ampersand",
            "narrow",
            "narrow",
            id="events.narrow",
            tooltip="A further filter over the others",
            key_display="&",
        ),
        Binding(
            "c", "copy", "copy", id="events.copy", tooltip="Copy the event, or the marked ones (OSC 52)", show=False
        ),
    ]

    is_following: var[bool] = var(True, init=False)
    """Whether the cursor goes with the newest."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._state = Rows(id="state", empty="", shows_cursor=False)
        self._head = Rows(id="head", empty="", shows_cursor=False)
        self._hint = Rows(id="hint", empty="", shows_cursor=False)
        self._state.can_focus = self._head.can_focus = self._hint.can_focus = False
        self._table = LazyRows(id="events", empty="nothing has happened")
        self._input = FilterInput(placeholder=_PLACEHOLDER)
        self._sieve = EventSieve()
        self._is_narrowing = False
        self._marks: set[int] = set()
        self._order: list[int] = []
        """Numbers of all rows, as they are shown."""
        self._rows: list[EventRow] = []
        self._missed = 0
        """Rows that came, or came again, since it does not follow."""
        self._drawn: object = None
        self._revision = -1
        self._sought: tuple[float | None] | None = None
        """The time to go to as soon as there are rows to find it in."""

    def compose(self) -> ComposeResult:
        """How it stands, titles, events, the line for a filter."""
        yield self._state
        yield self._head
        yield self._table
        yield self._hint
        yield self._input

    def on_mount(self) -> None:
        """Keys go to the table."""
        self._table.focus()

    # -- facts -----------------------------------------------------------------------------------

    def take(self, state: ClusterState) -> None:
        """Events come with changes of the state."""
        self._draw()

    def tick(self) -> None:
        """And some without."""
        self._draw()

    def reveal(self) -> None:
        """The widths may be others."""
        self.call_after_refresh(self._arrive)

    def on_resize(self) -> None:
        """Columns come and go with the width."""
        self._draw()

    def notify_style_update(self) -> None:
        """Other glyphs."""
        super().notify_style_update()
        self._drawn = None

    def aim(self, nodes: Sequence[NodeName], keys: Sequence[LogKey] = ()) -> None:
        """Only events of these nodes; all where there are none."""
        self._sieve.aimed = tuple(nodes)
        self._changed()

    def seek(self, moment: float | None) -> None:
        """The cursor on the first event at a time or after it; None: the newest."""
        self._sought = (moment,)
        if self.is_mounted:
            self._arrive()

    def _arrive(self) -> None:
        self._draw()
        if self._sought is not None and self.size.width:  # off the screen nothing is drawn
            (moment,), self._sought = self._sought, None
            self._go_to(moment)

    def _go_to(self, moment: float | None) -> None:
        if moment is None:
            self.is_following = True
            return
        self.is_following = False
        index = bisect_left([row.last for row in self._rows], moment)
        self._table.cursor = min(index, max(0, len(self._rows) - 1))

    # -- drawing ---------------------------------------------------------------------------------

    def _draw(self) -> None:
        timeline = self.backend.events.timeline
        width, glyphs = self.size.width - 2, glyphs_of(self)
        if not self.size.width:
            return
        if timeline.revision != self._revision:
            self._reorder(timeline.revision)
        looks = (self._revision, self.size, glyphs, self.is_following, frozenset(self._marks), self._sieve.looks)
        if looks == self._drawn:
            return
        self._drawn = looks
        here = self._here()
        found = (timeline.row(number) for number in self._order)
        self._rows = [row for row in found if row is not None and self._sieve(row)]
        under, marks = followers(self._rows, timeline), self._marks
        self._table.show_lazily(
            self._rows,
            lambda row: event_row(row, width, glyphs, is_marked=row.number in marks, under=under.get(row.number)),
        )
        follows = "FOLLOW" if self.is_following else f"PAUSED +{self._missed}"
        quiet = {number for number, one in under.items() if one.is_quiet}
        self._state.show([state_line(self._rows, quiet, len(timeline), follows, width, glyphs)])
        self._head.show([heading(width)])
        is_quiet = len(timeline) <= _QUIET and self.size.height >= _ROOMY
        self._hint.display = is_quiet
        self._hint.show(nothing_lines(EVENTS, width) if is_quiet else [])
        if self.is_following:
            self._table.cursor = max(0, len(self._rows) - 1)
        elif here is not None:  # the one that is read stays under the cursor
            same = (index for index, row in enumerate(self._rows) if row is here)
            self._table.cursor = next(same, self._table.cursor)

    def _reorder(self, revision: int) -> None:
        timeline = self.backend.events.timeline
        self._revision = revision
        if self.is_following or not self._order:
            self._order, self._missed = in_order(timeline), 0
            return
        before = set(self._order)
        self._order = with_new(self._order, timeline)
        self._missed += len(set(self._order) - before)

    def _here(self) -> EventRow | None:
        return self._rows[self._table.cursor] if self._table.cursor < len(self._rows) else None

    def watch_is_following(self, is_following: bool) -> None:
        """Where it follows again, rows that came again stand where they belong."""
        self._missed, self._revision = 0, -1
        if self.is_mounted:
            self._draw()

    @on(Rows.Moved, "#events")
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        if event.index == self._table.cursor:  # nobody has moved on since
            self.is_following = event.index >= len(self._rows) - 1

    # -- filters ---------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Type the last filter anew."""
        self._is_narrowing = False
        self._input.open(self._sieve.filters[-1].text if self._sieve.filters else "")

    def action_narrow(self) -> None:
        """Type a further one."""
        self._is_narrowing = True
        self._sieve.filters.append(self._parsed(""))
        self._input.open("")

    def _parsed(self, text: str) -> EventFilter:
        return parse_filter(text, self.backend.inventory.nodes)

    @on(Input.Changed)
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._input.display:
            self._sieve.filters = [*self._sieve.filters[:-1], self._parsed(event.value)]
            self._changed()

    @on(FilterInput.Closed)
    def _filter_closed(self, event: FilterInput.Closed) -> None:
        event.stop()
        if not event.kept:
            del self._sieve.filters[-1:]
        self._sieve.filters = [one for one in self._sieve.filters if one.text]
        self._changed()
        self._table.focus()

    def action_clear(self) -> None:
        """The last thing that was asked for."""
        if not self._sieve.drop():
            self._marks.clear()
        self._changed()

    def action_problems(self) -> None:
        """Only what is bad, and back."""
        self._sieve.only_problems = not self._sieve.only_problems
        self._changed()

    def action_level(self) -> None:
        """The next level."""
        self._sieve.next_level()
        self._changed()

    def _changed(self) -> None:
        """The chip says every filter; rows follow."""
        self.chip = self._sieve.chip
        if self.is_mounted:
            self._draw()

    # -- rows ------------------------------------------------------------------------------------

    def _chosen_rows(self) -> list[EventRow]:
        """The marked ones, else the one under the cursor."""
        here = self._here()
        return [row for row in self._rows if row.number in self._marks] or ([here] if here is not None else [])

    def action_mark(self) -> None:
        """Mark, and go on to the next."""
        if (here := self._here()) is not None:
            self._marks ^= {here.number}
            self._table.cursor += 1
            self._draw()

    def action_unmark(self) -> None:
        """None is marked."""
        self._marks.clear()
        self._draw()

    def action_acknowledge(self) -> None:
        """Read; where all of them are, not read."""
        rows = self._chosen_rows()
        acknowledged = not all(row.acknowledged for row in rows)
        self.backend.events.timeline.acknowledge([row.number for row in rows], acknowledged)
        self._marks.clear()
        self._draw()

    def action_follow(self) -> None:
        """Go with the newest, or stay here."""
        self.is_following = not self.is_following

    def action_copy(self) -> None:
        """As text."""
        if rows := self._chosen_rows():
            copy_and_tell(self.app, "\n".join(plain_lines(rows, self.backend.events.timeline)))

    def save(self, file: Path | None) -> None:
        """What is shown, as text."""
        data = "".join(f"{line}\n" for line in plain_lines(self._rows, self.backend.events.timeline)).encode(
            "utf-8", "replace"
        )
        try:
            target = file or new_file("events")
            with private(target) as out:
                out.write(data)
        except OSError as error:
            self.notify(f"not written: {error.strerror}", severity="error", markup=False)
        else:
            self.notify(f"{len(self._rows)} events written to {target}", markup=False)

    # -- elsewhere -------------------------------------------------------------------------------

    @on(Rows.Chosen, "#events")
    def _opened(self, event: Rows.Chosen) -> None:
        """The log in which it was seen, else the charts that show it, else the logs of its nodes."""
        event.stop()
        if event.index >= len(self._rows):
            return
        row = self._rows[event.index]
        if row.event.log is None and row.event.metric is not None:
            self.post_message(OpenMetrics(tuple(row.nodes), series=row.event.metric, moment=row.event.at_wall))
        elif row.event.log is not None:
            self.post_message(OpenLogs((row.event.log,), moment=row.event.at_wall))
        else:
            self.action_logs()

    def action_logs(self) -> None:
        """View 2 on its nodes, at that moment."""
        if (row := self._here_with_nodes()) is not None:
            self.post_message(OpenLogs(nodes=tuple(row.nodes), moment=row.event.at_wall))

    def action_node(self) -> None:
        """Its node, or the one that it is told by."""
        if (row := self._here_with_nodes()) is not None:
            self.post_message(OpenNode(row.event.node or next(iter(row.nodes))))

    def _here_with_nodes(self) -> EventRow | None:
        row = self._here()
        if row is not None and not row.nodes:
            self.notify("this concerns no node", markup=False)
            return None
        return row


PANEL = PanelEntry(6, "Events", EventsPanel)

"""View 1, Fleet: every node at once, by data center, and the keys that lead from a node to everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from aen_tui.model.facts import ClusterState, LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName
from aen_tui.model.severity import Severity
from aen_tui.ui.messages import ActionRequested, OpenLogs, OpenNode, ShellRequested
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation.fleet_layout import Zoom, groups_of
from aen_tui.ui.presentation.rows import figures
from aen_tui.ui.widgets.filter_input import FilterInput
from aen_tui.ui.widgets.fleet_view import FleetView

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

_ZOOM_WORDS = {None: "auto", Zoom.CELL: "cells", Zoom.STRIP: "strips", Zoom.PANE: "panes"}


class FleetPanel(Panel):
    """What is shown, marked and sorted is decided here; how it is drawn, by FleetView."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="fleet.open", tooltip="Open the node page"),
        Binding("l", "logs", "logs", id="fleet.logs", tooltip="Logs of the node, or of the marked nodes"),
        Binding("r", "act('restart')", "restart", id="fleet.restart", tooltip="Restart a service: opens a card"),
        Binding("slash", "filter", "filter", id="fleet.filter", tooltip="Filter by name, role, data center or state"),
        Binding("x", "problems", "problems", id="fleet.problems", tooltip="Only nodes with a problem, and back"),
        Binding("space", "mark", "mark", id="fleet.mark", tooltip="Mark the node, or take its mark away"),
        Binding("z", "zoom", "zoom", id="fleet.zoom", tooltip="Next zoom: cells, strips, panes"),
        Binding(
            "Z", "zoom_auto", "zoom auto", id="fleet.zoom-auto", tooltip="Let the size decide the zoom", show=False
        ),
        Binding("a", "act", "actions", id="fleet.actions", tooltip="Menu of actions for the node", show=False),
        Binding(
            "R",
            "rolling",
            "rolling",
            id="fleet.rolling",
            tooltip="Rolling restart of the marked nodes, else of the data center",
            show=False,
        ),
        Binding("s", "shell", "shell", id="fleet.shell", tooltip="An ssh shell on the node", show=False),
        Binding("d", "open", "details", id="fleet.details", tooltip="Details of the node (its page)", show=False),
        Binding("O", "sort", "worst first", id="fleet.sort", tooltip="Worst first, and back", show=False),
        Binding("u", "unmark", "unmark", id="fleet.unmark", tooltip="Take all marks away", show=False),
        Binding("asterisk", "mark_all", "mark all", id="fleet.mark-all", tooltip="Mark all nodes shown", show=False),
        Binding("ctrl+r,f5", "retry", "try now", id="fleet.retry", tooltip="Ask now; try a lost node now", show=False),
        Binding("escape", "clear", "clear", id="fleet.clear", tooltip="Clear the filter, then the marks", show=False),
        Binding("j,down", "move(0, 1)", "down", id="fleet.down", tooltip="Node below", show=False),
        Binding("k,up", "move(0, -1)", "up", id="fleet.up", tooltip="Node above", show=False),
        Binding("h,left", "move(-1, 0)", "left", id="fleet.left", tooltip="Node to the left", show=False),
        Binding("right", "move(1, 0)", "right", id="fleet.right", tooltip="Node to the right", show=False),
        Binding("tab", "move(1, 0)", "next", id="fleet.next", tooltip="Next pane", show=False),
        Binding("shift+tab", "move(-1, 0)", "previous", id="fleet.previous", tooltip="Previous pane", show=False),
        Binding("g,home", "edge(False)", "first", id="fleet.first", tooltip="First node", show=False),
        Binding("G,end", "edge(True)", "last", id="fleet.last", tooltip="Last node", show=False),
        Binding("ctrl+d", "page(0.5)", "half down", id="fleet.half-down", tooltip="Half a screen down", show=False),
        Binding("ctrl+u", "page(-0.5)", "half up", id="fleet.half-up", tooltip="Half a screen up", show=False),
        Binding("pagedown", "page(1)", "page down", id="fleet.page-down", tooltip="A screen down", show=False),
        Binding("pageup", "page(-1)", "page up", id="fleet.page-up", tooltip="A screen up", show=False),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        nodes = backend.inventory.nodes
        self.view = FleetView(
            lambda node, metric, samples: backend.series.of(node, metric).recent(samples),
            longest_name=max((len(name) for name in nodes), default=8),
        )
        self._input = FilterInput(placeholder="name, role, data center or state")
        self._state: ClusterState | None = None
        self._data_center = {name: spec.data_center for name, spec in nodes.items()}
        self.marks: set[NodeName] = set()
        """Marked nodes; they stay marked when a filter hides them."""
        self.words = ""
        """The filter: every word must be in the node's name, role, data center or state."""
        self.problems_only = False
        self.worst_first = False
        self.zoom: Zoom | None = None
        self._shown: tuple[NodeName, ...] = ()

    def compose(self) -> ComposeResult:
        """The view, and the filter's line while it is typed."""
        yield self.view
        yield self._input

    # -- facts ---------------------------------------------------------------------------------

    def take(self, state: ClusterState) -> None:
        """A new snapshot; the arrangement follows only where filter or order want it."""
        self._state = state
        self.view.take(state.nodes, self.backend.clock.monotonic())
        if self._choose() != self._shown or self.view.outgrown():
            self._arrange()

    def tick(self) -> None:
        """A second has passed."""
        self.view.tick(self.backend.clock.monotonic())

    def aim(self, nodes: Sequence[NodeName], keys: Sequence[object] = ()) -> None:
        """The cursor goes to the node."""
        if nodes:
            self.view.put_cursor(nodes[0])

    def _choose(self) -> tuple[NodeName, ...]:
        assert self._state is not None
        nodes = self._state.nodes.values()
        shown = [node for node in nodes if self._wanted(node)]
        if self.worst_first:
            shown.sort(key=_oddness)
        return tuple(node.name for node in shown)

    def _wanted(self, node: NodeState) -> bool:
        if self.problems_only and node.severity is Severity.OK and node.connection.state is LinkState.UP:
            return False
        if self.problems_only and node.explained_by is not None:
            return False  # folded: its cause is shown, and says whom it explains
        if not self.words:
            return True
        roles = " ".join(node.spec.roles)
        state = f"{node.connection.state} {node.severity.word}"
        text = f"{node.name} {roles} {node.spec.data_center or ''} {state}".lower()
        return all(word in text for word in self.words.lower().split())

    def _arrange(self) -> None:
        if self._state is None:
            return
        self._shown = self._choose()
        groups = groups_of(self._shown, self._data_center, flat_title="worst first" if self.worst_first else None)
        self.view.show_groups(groups, marks=self.marks, zoom=self.zoom)
        chip = [f"/{self.words}" if self.words else "", "problems only" if self.problems_only else ""]
        if any(chip):
            chip.append(f"{len(self._shown)} of {len(self._data_center)}")
        if self.problems_only and (folded := sum(1 for one in self._state.nodes.values() if one.explained_by)):
            chip.append(f"+{folded} folded")
        chip.append(f"{len(self.marks)} marked" if self.marks else "")
        self.chip = " ".join(word for word in chip if word)

    # -- what the keys mean --------------------------------------------------------------------

    def targets(self) -> tuple[NodeName, ...]:
        """The marked nodes in display order; else the node under the cursor."""
        if self.marks:
            return tuple(name for name in self._data_center if name in self.marks)
        return () if self.view.cursor is None else (self.view.cursor,)

    def action_open(self) -> None:
        """Node page."""
        if self.view.cursor is not None:
            self.post_message(OpenNode(self.view.cursor))

    def on_fleet_view_chosen(self, message: FleetView.Chosen) -> None:
        """A double click opens."""
        self.post_message(OpenNode(message.name))

    def action_logs(self) -> None:
        """View 2 on the node or the marks."""
        self.post_message(OpenLogs(nodes=self.targets()))

    def action_act(self, action: str | None = None) -> None:
        """A card, by way of the picker; without an action the menu first."""
        if nodes := self.targets():
            self.post_message(ActionRequested(ActionName(action) if action else None, nodes=nodes))

    def action_rolling(self) -> None:
        """The rolling plan: of the marked nodes, else of the data center that the cursor is in."""
        nodes = self.targets()
        if not self.marks and nodes and (center := self._data_center[nodes[0]]) is not None:
            nodes = tuple(name for name, own in self._data_center.items() if own == center)
        if nodes:
            self.post_message(ActionRequested(ActionName.RESTART, nodes=nodes, rolling=True))

    def action_shell(self) -> None:
        """A shell on the node under the cursor."""
        if self.view.cursor is not None:
            self.post_message(ShellRequested(self.view.cursor))

    def action_retry(self) -> None:
        """Ask the probe now; a node that is not up is tried now."""
        assert self._state is not None
        for name in self.targets():
            if self._state.nodes[name].connection.state is LinkState.UP:
                self.backend.poke(name)
            else:
                self.backend.retry_now(name)

    def action_move(self, dx: int, dy: int) -> None:
        """Cursor by nodes."""
        self.view.move(dx, dy)

    def action_edge(self, last: bool) -> None:
        """First or last node."""
        self.view.to_edge(last=last)

    def action_page(self, pages: float) -> None:
        """Cursor by screens."""
        self.view.move_page(pages)

    def action_mark(self) -> None:
        """Mark, and go on to the next."""
        if self.view.cursor is not None:
            self.marks ^= {self.view.cursor}
            self._arrange()
            self.view.move(1, 0)

    def action_mark_all(self) -> None:
        """Mark what is shown."""
        self.marks |= set(self._shown)
        self._arrange()

    def action_unmark(self) -> None:
        """No marks."""
        self.marks = set()
        self._arrange()

    def action_problems(self) -> None:
        """Only problems, and back."""
        self.problems_only = not self.problems_only
        self._arrange()

    def action_sort(self) -> None:
        """Worst first, and back to data centers."""
        self.worst_first = not self.worst_first
        self._arrange()

    def action_zoom(self) -> None:
        """The next zoom after the one on screen."""
        self.zoom = Zoom((self.view.layout_now.zoom + 1) % len(Zoom))
        self._arrange()
        self.notify(_ZOOM_WORDS[self.zoom], timeout=1)

    def action_zoom_auto(self) -> None:
        """The largest zoom at which everything is seen at once."""
        self.zoom = None
        self._arrange()

    # -- the filter ----------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Open the filter's line."""
        self._input.open(self.words)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter while typing."""
        self.words = message.value.strip()
        self._arrange()

    def on_filter_input_closed(self, message: FilterInput.Closed) -> None:
        """Enter keeps the filter, Esc drops it."""
        if not message.kept:
            self.words = ""
        self._arrange()
        self.view.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc goes on to whoever else wants it where there is nothing to clear."""
        if action == "clear":
            return bool(self.words or self.problems_only or self.marks)
        return True

    def action_clear(self) -> None:
        """The filter first, then the marks."""
        if self.words or self.problems_only:
            self.words, self.problems_only = "", False
        else:
            self.marks = set()
        self._arrange()


def _oddness(node: NodeState) -> tuple[int, bool, bool, float]:
    """Worst first; among equals, those that no other node explains, those not up, then the fullest."""
    fullest = max((value for value in figures(node) if value is not None), default=0.0)
    # in steps of ten per cent, so that nodes do not change places with every sample
    return -node.severity, node.explained_by is not None, node.connection.state is LinkState.UP, -(fullest // 10)


PANEL = PanelEntry(1, "Fleet", FleetPanel)

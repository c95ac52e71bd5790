"""View 9, Connections: the way to every node, why it fails, what to do, what the probe costs there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from aen_tui.model.facts import ClusterState, LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.ui.messages import OpenLogs, OpenNode, ShellRequested
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation.link_rows import heading, link_details, link_row
from aen_tui.ui.presentation.rows import Line, Look
from aen_tui.ui.widgets.palette import Palette
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend


@dataclass(slots=True)
class _Row:
    node: NodeState
    line: Line
    until: float


class ConnectionsPanel(Panel):
    """A table of nodes, and below it everything known of the way to the one under the cursor."""

    DEFAULT_CSS = """
    ConnectionsPanel { layout: vertical; }
    ConnectionsPanel #head { height: 1; }
    ConnectionsPanel #table { height: 1fr; }
    ConnectionsPanel #details { height: auto; max-height: 40%; margin-top: 1; background: $panel; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+r,f5", "retry", "try now", id="connections.retry", tooltip="Try a lost node now; ask one that is up"
        ),
        Binding("d", "open", "details", id="connections.open", tooltip="Open the node page", show=False),
        Binding("l", "logs", "logs", id="connections.logs", tooltip="Logs of the node"),
        Binding("x", "problems", "not up", id="connections.problems", tooltip="Only nodes that are not up, and back"),
        Binding("s", "shell", "shell", id="connections.shell", tooltip="An ssh shell on the node", show=False),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._table = Rows(id="table", empty="every node is up")
        self._head = Rows(id="head", empty="", shows_cursor=False)
        self._head.can_focus = False
        self._details = Rows(id="details", empty="", shows_cursor=False)
        self._details.can_focus = False
        self._state: ClusterState | None = None
        self._rows: dict[NodeName, _Row] = {}
        self._shown: tuple[NodeName, ...] = ()
        self._only_lost = False
        self._name_cells = max((len(name) for name in backend.inventory.nodes), default=4)

    def compose(self) -> ComposeResult:
        """Titles, table, details."""
        yield self._head
        yield self._table
        yield self._details

    def on_resize(self) -> None:
        """Columns come and go with the width."""
        self._rows.clear()
        self._head.show([heading(self._name_cells, self.size.width)])
        self._draw()

    def take(self, state: ClusterState) -> None:
        """A new snapshot."""
        self._state = state
        self._draw()

    def tick(self) -> None:
        """A second has passed: ages and next tries."""
        self._draw()

    @property
    def cursor_node(self) -> NodeName | None:
        """The node under the cursor."""
        return self._shown[self._table.cursor] if 0 <= self._table.cursor < len(self._shown) else None

    def _draw(self) -> None:
        if self._state is None or not self.size.width:
            return
        nodes = self._state.nodes
        self._shown = tuple(
            name for name, node in nodes.items() if not self._only_lost or node.connection.state is not LinkState.UP
        )
        now = self.backend.clock.monotonic()
        self._table.show([self._row(nodes[name], now) for name in self._shown])
        self._draw_details(now)

    def _row(self, node: NodeState, now: float) -> Line:
        row = self._rows.get(node.name)
        if row is None or row.node is not node or row.until <= now:
            look = self._look(now)
            line = link_row(node, self._name_cells, self.size.width, look)
            row = self._rows[node.name] = _Row(node, line, look.until)
        return row.line

    def _look(self, now: float) -> Look:
        return Look(now, Palette.of(self).glyphs, lambda _node, _metric, _samples: ())

    def _draw_details(self, now: float) -> None:
        name = self.cursor_node
        if self._state is not None and name is not None:
            self._details.show(link_details(self._state.nodes[name], self.size.width - 3, self._look(now)))

    @on(Rows.Moved, "#table")
    def _moved(self) -> None:
        self._draw_details(self.backend.clock.monotonic())

    @on(Rows.Chosen, "#table")
    def _chosen(self) -> None:
        self.action_open()

    def action_retry(self) -> None:
        """Now, not at the next try."""
        name = self.cursor_node
        if name is None or self._state is None:
            return
        if self._state.nodes[name].connection.state is LinkState.UP:
            self.backend.poke(name)
        else:
            self.backend.retry_now(name)

    def action_open(self) -> None:
        """The node page."""
        if (name := self.cursor_node) is not None:
            self.post_message(OpenNode(name))

    def action_logs(self) -> None:
        """View 2 on the node."""
        if (name := self.cursor_node) is not None:
            self.post_message(OpenLogs(nodes=(name,)))

    def action_shell(self) -> None:
        """A shell on the node."""
        if (name := self.cursor_node) is not None:
            self.post_message(ShellRequested(name))

    def action_problems(self) -> None:
        """Only what is not up, and back."""
        self._only_lost = not self._only_lost
        self.chip = "not up" if self._only_lost else ""
        self._draw()


PANEL = PanelEntry(9, "Connections", ConnectionsPanel)

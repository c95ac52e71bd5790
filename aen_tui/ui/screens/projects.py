"""What runs in the projects of the whole installation, the heaviest first; asked anew while it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from aen_tui.model.node import NodeName, Role
from aen_tui.ui.messages import OpenNode, OpenProject, WhyRequested
from aen_tui.ui.presentation.project_rows import heading, project_row, state_line
from aen_tui.ui.screens.frame import FramedScreen
from aen_tui.ui.widgets.lazy_rows import LazyRows
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aen_tui.model.facts import ClusterState, NodeState
    from aen_tui.model.projects import ProjectLoad
    from aen_tui.ui.backend import Backend

_ORDERS = ("cpu", "memory", "age", "name")


class _Shown(NamedTuple):
    node: NodeState
    load: ProjectLoad


class ProjectsScreen(FramedScreen):
    """A row a project and node. Enter shows its processes.

    Args:
        backend: what is watched.
        nodes: these computes; all, where none is named.
    """

    AUTO_FOCUS = "#projects"
    DEFAULT_CSS = """
    ProjectsScreen #state, ProjectsScreen #titles { height: 1; }
    ProjectsScreen #projects { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", id="projects.back", tooltip="Back to where you came from"),
        Binding("o", "order", "order", id="projects.order", tooltip="Order by cpu, memory, age or name"),
        Binding("w", "why", "why", id="projects.why", tooltip="Why it may not start: asks the computes"),
        Binding("d", "node", "node", id="projects.node", tooltip="The page of the node it runs on"),
    ]

    def __init__(self, backend: Backend, nodes: Sequence[NodeName] = ()) -> None:
        super().__init__(backend)
        specs = backend.inventory.nodes
        self._wanted = tuple(nodes) or tuple(name for name, spec in specs.items() if Role.COMPUTE in spec.roles)
        self._state = Rows(id="state", empty="", shows_cursor=False)
        self._titles = Rows(id="titles", empty="", shows_cursor=False)
        self._state.can_focus = self._titles.can_focus = False
        self._table = LazyRows(id="projects", empty="nothing runs in a project")
        self._shown: tuple[_Shown, ...] = ()
        self._order = 0
        self._drawn: object = None

    def compose_body(self) -> ComposeResult:
        """How much there is, titles, rows."""
        yield self._state
        yield self._titles
        yield self._table

    def on_mount(self) -> None:
        """Begin to look closely."""
        self.header.title = "projects"
        self.backend.projects.looks.attend(self._wanted)

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.backend.projects.looks.attend(())

    def on_resize(self, _event: events.Resize) -> None:
        """Columns fit the width."""
        self._drawn = None
        self.call_after_refresh(self.take, self.backend.snapshot())

    def take(self, state: ClusterState) -> None:
        """Rows anew where a look came."""
        super().take(state)
        if not self.is_mounted or not self.size.width:
            return
        nodes = [state.nodes[name] for name in self._wanted]
        key = (self._order, self.size.width, *(id(node.projects) for node in nodes))
        if key != self._drawn:
            self._drawn = key
            self._draw(nodes)

    def tick(self) -> None:
        """Ages move on."""
        super().tick()
        nodes = [self.backend.snapshot().nodes[name] for name in self._wanted]
        line = state_line(nodes, len(self._shown), self.backend.clock.monotonic(), glyphs_of(self))
        self._state.show([[*line, (f"  by {_ORDERS[self._order]}", "accent")]])

    def _draw(self, nodes: Sequence[NodeState]) -> None:
        here = self._here
        found = [
            _Shown(node, load)
            for node in nodes
            if node.projects.value is not None
            for load in node.projects.value.loads
        ]
        self._shown = tuple(sorted(found, key=self._rank))
        width, glyphs, wall = self.size.width - 2, glyphs_of(self), self.backend.clock.wall()
        self._titles.show([heading(width, has_node=True)])

        def row(one: _Shown) -> list[tuple[str, str]]:
            there, account = wall + one.node.connection.ahead_seconds, one.node.spec.service_account
            return project_row(one.load, there, width, glyphs, node=one.node.name, account=account)

        self._table.show_lazily(self._shown, row)
        if here is not None and self._table.cursor:  # what is read stays under the cursor
            same = [(one.node.name, one.load.project) for one in self._shown]
            key = (here.node.name, here.load.project)
            self._table.cursor = same.index(key) if key in same else self._table.cursor
        self.tick()

    def _rank(self, one: _Shown) -> tuple[float, float, str]:
        load = one.load
        match _ORDERS[self._order]:
            case "cpu":
                return (-(load.cpu_percent or 0.0) // 5, -load.rss_bytes, load.project)
            case "memory":
                return (-load.rss_bytes, 0.0, load.project)
            case "age":
                return (load.started - one.node.connection.ahead_seconds, 0.0, load.project)
            case _:
                return (0.0, 0.0, load.project)

    @property
    def _here(self) -> _Shown | None:
        at = self._table.cursor
        return self._shown[at] if 0 <= at < len(self._shown) else None

    @on(Rows.Chosen, "#projects")
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        if (one := self._here) is not None:
            self.post_message(OpenProject(one.node.name, one.load.project))

    def action_order(self) -> None:
        """The next order."""
        self._order = (self._order + 1) % len(_ORDERS)
        self.take(self.backend.snapshot())

    def action_why(self) -> None:
        """Ask why it may not start."""
        if (one := self._here) is not None:
            self.post_message(WhyRequested(one.load.project))

    def action_node(self) -> None:
        """The node's page."""
        if (one := self._here) is not None:
            self.post_message(OpenNode(one.node.name))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)

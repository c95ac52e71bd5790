"""Projects on a node's page: the heaviest, with what runs in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from aen_tui.model.node import Role
from aen_tui.ui.messages import OpenProject
from aen_tui.ui.presentation.project_rows import heading, note, project_row
from aen_tui.ui.widgets.heading import Heading
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.model.facts import NodeState
    from aen_tui.model.projects import ProjectLoad

MOST = 12
"""More are in the list of their own (`:projects`)."""


class ProjectsPart(Vertical):
    """A heading and rows; nothing on nodes that have no projects."""

    DEFAULT_CSS = "ProjectsPart { height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._head = Heading("projects")
        self._titles = Rows(shows_cursor=False)
        self._titles.can_focus = False
        self._rows = Rows(empty="nothing runs in a project")
        self._node: NodeState | None = None
        self._loads: tuple[ProjectLoad, ...] = ()

    def compose(self) -> ComposeResult:
        """Heading, titles, rows."""
        yield self._head
        yield self._titles
        yield self._rows

    def show(self, node: NodeState, now: float, wall: float, cells: int) -> None:
        """What is known, at this moment, in rows of so many cells."""
        self._node = node
        self.display = Role.COMPUTE in node.spec.roles
        if not self.display:
            return
        look, width = node.projects.value, max(40, cells - 1)
        self._loads = look.loads[:MOST] if look is not None else ()
        more = look.projects - len(self._loads) if look is not None else 0
        self._head.note = note(node, now) + (f"; {more} more: :projects {node.name}" if more > 0 else "")
        self._titles.display = bool(self._loads)
        self._titles.show([heading(width, has_node=False)[:1]])
        self._rows.display = look is not None
        there = wall + node.connection.ahead_seconds
        glyphs, account = glyphs_of(self), node.spec.service_account
        self._rows.show([project_row(load, there, width, glyphs, account=account) for load in self._loads])

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        if self._node is not None and event.index < len(self._loads):
            self.post_message(OpenProject(self._node.name, self._loads[event.index].project))

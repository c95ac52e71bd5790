"""The processes of one project on a node; Enter asks the node for one in full, its secrets masked there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.errors import AenError
from aen_tui.model.text import visible_line
from aen_tui.ui.messages import WhyRequested
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.presentation.project_rows import PROCESS_HEADING, in_full, process_row
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.model.node import NodeName
    from aen_tui.model.projects import InProject
    from aen_tui.ui.backend import Backend


class ProjectScreen(ModalScreen[None]):
    """Reads one project.

    Args:
        backend: what is watched.
        node: where it runs.
        project: OWNER/PROJECT.
    """

    AUTO_FOCUS = "#processes"
    DEFAULT_CSS = """
    ProjectScreen { align: center middle; }
    ProjectScreen #box {
        width: 96%; height: 92%; background: $surface; border: round $primary; border-title-style: bold;
    }
    ProjectScreen #titles { height: 1; }
    ProjectScreen #processes { height: 1fr; }
    ProjectScreen #whole { height: auto; max-height: 50%; display: none; border-top: solid $primary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "close", id="project.close", tooltip="Close the process, then the project"),
        Binding("w", "why", "why", id="project.why", tooltip="Why it may not start: asks the computes"),
        Binding("u", "read", "again", id="project.again", tooltip="Ask the node again"),
    ]

    def __init__(self, backend: Backend, node: NodeName, project: str) -> None:
        super().__init__()
        self._backend, self._node, self._project = backend, node, project
        self._titles = Rows(id="titles", empty="", shows_cursor=False)
        self._titles.can_focus = False
        self._rows = Rows(id="processes", empty="asking …")
        self._fields = Fields(label_width=7)
        self._shown: list[InProject] = []

    def compose(self) -> ComposeResult:
        """Processes above, one in full below."""
        with Vertical(id="box") as box:
            box.border_title = Content(f" {visible_line(self._project)} on {visible_line(self._node)} ")
            box.border_subtitle = Content(" Enter arguments, w why, Esc close ")
            yield self._titles
            yield self._rows
            with VerticalScroll(id="whole", can_focus=False):
                yield self._fields

    def on_mount(self) -> None:
        """Ask."""
        self._titles.show([PROCESS_HEADING])
        self.action_read()

    def action_read(self) -> None:
        """Ask for the processes."""
        self.run_worker(self._read(), name="project", group="project", exclusive=True)

    async def _read(self) -> None:
        try:
            self._shown = await self._backend.projects.looks.processes(self._node, self._project)
        except AenError as error:
            self._rows.show([[(f" {visible_line(error.message)}", "warning")]])
            self._shown = []
            return
        node = self._backend.snapshot().nodes[self._node]
        there, glyphs = self._backend.clock.wall() + node.connection.ahead_seconds, glyphs_of(self)
        empty = [[(" nothing of it runs any more", "muted")]]
        self._rows.show([process_row(one, there, glyphs) for one in self._shown] or empty)

    @on(Rows.Chosen, "#processes")
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        if event.index < len(self._shown):
            self.run_worker(self._read_one(self._shown[event.index]), name="process", group="process", exclusive=True)

    async def _read_one(self, process: InProject) -> None:
        try:
            fields = in_full(await self._backend.projects.looks.in_full(self._node, process))
        except AenError as error:
            fields = [Field("pid", ((str(process.pid), "text!"),)), Field("error", ((error.message, "warning"),))]
        self._fields.show(fields)
        self.query_one("#whole").display = True

    def action_why(self) -> None:
        """Ask why it may not start."""
        self.post_message(WhyRequested(self._project))

    def action_close(self) -> None:
        """The process first, then the project."""
        whole = self.query_one("#whole")
        if whole.display:
            whole.display = False
        else:
            self.dismiss(None)

"""The node page: everything known of one node, each fact with its age."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll

from aen_tui.actions.scene import find_service
from aen_tui.model.causes import Cause, Explained, by_trouble
from aen_tui.model.facts import ClusterState, NodeState, ServiceState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Target
from aen_tui.model.text import visible_line
from aen_tui.ui.backend import Backend
from aen_tui.ui.messages import ActionRequested, OpenLogs, ShellRequested
from aen_tui.ui.presentation import node_text
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.presentation.histories import METRICS, curves, mark_of, restarts_of
from aen_tui.ui.presentation.service_rows import name_width, service_row, target_of
from aen_tui.ui.screens.frame import FramedScreen
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.heading import Heading
from aen_tui.ui.widgets.palette import Palette
from aen_tui.ui.widgets.projects_part import ProjectsPart
from aen_tui.ui.widgets.rows import Rows

WIDE_COLUMNS = 110
"""From here on the charts stand beside the facts."""
PAIR_COLUMNS = 76
"""From here on they stand two by two below the facts, so that a small terminal shows all four at once."""
FACTS_PERCENT = 55
"""Of the width, where charts stand beside them; node.tcss says the same."""
_EDGES = 3
"""Cells beside the facts: the padding, and the scroll bar, whose cell is kept for it."""


class NodeScreen(FramedScreen):
    """One node; `[` and `]` go to its neighbours.

    Args:
        backend: what is known.
        node: which node first.
        moment: a time to mark in the charts, epoch seconds.
    """

    AUTO_FOCUS = "#services"
    CSS_PATH = "node.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r", "restart", "restart", id="node.restart", tooltip="Card for restarting the service under the cursor"
        ),
        Binding(
            "R",
            "rolling",
            "rolling",
            id="node.rolling",
            tooltip="Rolling restart of this service in the whole data center",
            show=False,
        ),
        Binding("l", "logs", "logs", id="node.logs", tooltip="The log under the cursor, or the node's default logs"),
        Binding("a", "actions", "actions", id="node.actions", tooltip="What can be done with the service"),
        Binding(
            "space,pagedown,ctrl+d", "page(1)", "more", id="node.page_down", tooltip="Page down, as far as the charts"
        ),
        Binding("s", "shell", "shell", id="node.shell", tooltip="An ssh shell on this node"),
        Binding("escape,q", "back", "back", id="node.back", tooltip="Back to where you came from"),
        Binding("tab", "app.focus_next", "next part", id="node.tab", tooltip="Services, logs", show=False),
        Binding("left_square_bracket", "neighbour(-1)", "prev", id="node.previous", tooltip="Previous node"),
        Binding("right_square_bracket", "neighbour(1)", "next", id="node.next", tooltip="Next node"),
        Binding(
            "at",
            "app.command('goto ')",
            "go to",
            id="node.goto",
            tooltip="Go to a time in all views",
            key_display="@",
            show=False,
        ),
        Binding("b,pageup,ctrl+u", "page(-1)", "page up", id="node.page_up", tooltip="Page up", show=False),
    ]

    def __init__(self, backend: Backend, node: NodeName, *, moment: float | None = None) -> None:
        super().__init__(backend)
        self._moment = moment
        self._at = node
        self._shown: NodeState | None = None
        self._causes: tuple[Cause, ...] = ()
        self._explained: Explained = {}

    @property
    def node_name(self) -> NodeName:
        """Which node is shown."""
        return self._at

    def compose_body(self) -> ComposeResult:
        """Facts, and charts beside or below them: which of the two is settled before the first paint."""
        self._arrange(self.app.size.width)
        with Container(id="page"):
            with VerticalScroll(id="facts", can_focus=False):
                yield Fields(id="state")
                yield Heading("services", id="services-head")
                yield Rows(id="services", empty="none is known")
                yield Heading("findings", id="findings-head")
                yield Fields(id="findings", label_width=1)
                yield ProjectsPart(id="projects")
                yield Heading("logs", id="logs-head")
                yield Rows(id="logs", empty="none is known")
                yield Heading("http", id="http-head")
                yield Fields(id="http", label_width=10)
                yield Heading("disks", id="disks-head")
                yield Fields(id="disks", label_width=1)
                yield Heading("connection", id="connection-head")
                yield Fields(id="connection")
            with Vertical(id="charts"):
                for metric in METRICS:
                    yield Chart(metric.title, metric.unit, id=f"chart-{metric.name}")

    def on_mount(self) -> None:
        """What is known already."""
        self.take(self.backend.snapshot())

    def on_unmount(self) -> None:
        """Nobody looks closely any more."""
        self.backend.projects.looks.attend(())

    def on_resize(self, event: events.Resize) -> None:
        """Charts beside the facts, or below them."""
        self._arrange(event.size.width)

    def _arrange(self, width: int) -> None:
        self.set_class(width >= WIDE_COLUMNS, "-wide")
        self.set_class(PAIR_COLUMNS <= width < WIDE_COLUMNS, "-pairs")

    def _cells(self) -> int:
        """Cells for a row of the facts; those that it will have, before anything has a size."""
        if known := self.query_one("#logs", Rows).size.width:
            return known
        width = self.app.size.width
        return (width * FACTS_PERCENT // 100 if self.has_class("-wide") else width) - _EDGES

    @on(Rows.Resized)
    def _fit(self, event: Rows.Resized) -> None:
        """Paths are cut to the width."""
        event.stop()
        if self._shown is not None:
            self._show(self._shown)

    # -- facts -----------------------------------------------------------------------------------

    def take(self, state: ClusterState) -> None:
        """Draw what is new of this node."""
        super().take(state)
        node = state.nodes.get(self._at)
        is_told = state.causes is self._causes
        if node is None or (node is self._shown and is_told) or not self.is_mounted:
            return
        if not is_told:
            self._causes, self._explained = state.causes, by_trouble(state.causes)
        before, self._shown = self._shown, node
        is_other = before is None or before.name != node.name
        if is_other:
            self.header.title = visible_line(node.name)
        service = None if is_other else self._service_key(before)
        self._show(node)
        if is_other:
            self.query_one("#services", Rows).cursor = 0
            self.query_one("#logs", Rows).cursor = 0
            self._show_charts()
            self.backend.projects.looks.attend([node.name])
        elif service is not None:
            keys = [(one.name, one.manager, one.supervisor) for one in _present(node)]
            if service in keys:
                self.query_one("#services", Rows).cursor = keys.index(service)

    def tick(self) -> None:
        """Ages and charts move on."""
        super().tick()
        if self._shown is not None:
            self._show(self._shown)
            self._show_charts()

    def seek(self, moment: float | None) -> None:
        """Mark a time in the charts."""
        self._moment = moment
        self._show_charts()

    def _service_key(self, node: NodeState | None) -> tuple[str, str, str | None] | None:
        index = self.query_one("#services", Rows).cursor
        if node is None or index >= len(_present(node)):
            return None
        service = _present(node)[index]
        return (service.name, service.manager, service.supervisor)

    def _show(self, node: NodeState) -> None:
        now, wall = self.backend.clock.monotonic(), self.backend.clock.wall()
        glyphs = Palette.of(self).glyphs
        is_up = node_text.is_up(node)
        state = node_text.state(node, now, wall, glyphs)
        state.insert(1, node_text.figures(node, self.backend.series, now, glyphs))
        self.query_one("#state", Fields).show([*state, *node_text.cause(node, glyphs), *node_text.said(node, now)])
        self._part("connection", node_text.connection(node))
        self._part("findings", node_text.findings(node, glyphs, self._explained))
        services = _present(node)
        width = name_width(one.name for one in services)
        self.query_one("#services", Rows).show(
            [service_row(one, now, is_up=is_up, name_width=width, glyphs=glyphs) for one in services]
        )
        absent = ", ".join(visible_line(one.name) for one in node.services if one.state == "absent")
        self.query_one("#services-head", Heading).note = f"absent: {absent}" if absent else ""
        cells = self._cells()
        self.query_one(ProjectsPart).show(node, now, wall, cells)
        logs = self.query_one("#logs", Rows)
        logs.show([node_text.log_row(one, cells, glyphs, is_fresh=is_up) for one in node.logs])
        answers = [node_text.http(one, node.name, now, glyphs, is_fresh=is_up) for one in node.http]
        self._part("http", [field for fields in [*answers, node_text.page(node, now)] for field in fields])
        known = node.metrics.value
        limits = node.spec.thresholds.disk_percent
        self._part(
            "disks", [node_text.disk(one, limits, glyphs, is_fresh=is_up) for one in known.disks] if known else []
        )
        as_of = "" if is_up or node.metrics.seen_at is None else f"as of {age_text(node.metrics.age_seconds(now))} ago"
        for head in self.query("#logs-head, #disks-head, #connection-head").results(Heading):
            head.note = as_of

    def _part(self, name: str, fields: list[Field]) -> None:
        """A part with nothing to say takes no room."""
        self.query_one(f"#{name}-head").display = bool(fields)
        part = self.query_one(f"#{name}", Fields)
        part.display = bool(fields)
        part.show(fields)

    def _show_charts(self) -> None:
        now = self.backend.clock.monotonic()
        for metric in METRICS:
            chart = self.query_one(f"#chart-{metric.name}", Chart)
            shown, window = curves(self.backend.series, [self._at], metric, now, has_names=False)
            mark = mark_of(self._moment, self.backend.clock.wall())
            chart.show(shown, window, mark=mark, restarts=restarts_of(self.backend.events, [self._at], now))

    # -- keys ------------------------------------------------------------------------------------

    @property
    def _target(self) -> Target | None:
        """The service under the cursor, as it is drawn."""
        index = self.query_one("#services", Rows).cursor
        if self._shown is None or index >= len(_present(self._shown)):
            return None
        return target_of(self._at, _present(self._shown)[index])

    def action_back(self) -> None:
        """Back to where the page was opened from."""
        self.dismiss(None)

    def action_page(self, direction: int) -> None:
        """Scroll the page."""
        part = self.query_one("#facts" if self.has_class("-wide") else "#page")
        part.scroll_relative(y=direction * max(1, part.size.height - 2), animate=False)

    def action_neighbour(self, step: int) -> None:
        """The same page of the previous or next node."""
        names = list(self.backend.snapshot().nodes)
        self._at = names[(names.index(self._at) + step) % len(names)]
        self.take(self.backend.snapshot())

    def action_restart(self) -> None:
        """Ask for the card; nothing is done here."""
        target = self._target
        if target is not None:
            self.post_message(ActionRequested(ActionName.RESTART, [target], nodes=[self._at]))

    def action_rolling(self) -> None:
        """Ask for the rolling card of the same service on every node of the data center that has it."""
        target = self._target
        if target is None:
            return
        nodes = self.backend.snapshot().nodes
        center = nodes[self._at].spec.data_center
        found = [
            replace(target, node=name)
            for name, node in nodes.items()
            if (name == self._at or (center is not None and node.spec.data_center == center))
            and find_service(node, target) is not None
        ]
        self.post_message(ActionRequested(ActionName.RESTART, found, nodes=[self._at], rolling=True))

    def action_actions(self) -> None:
        """Ask for the action menu."""
        target = self._target
        self.post_message(ActionRequested(None, [target] if target else [], nodes=[self._at]))

    def action_logs(self) -> None:
        """Open the log under the cursor where the logs have the focus, else the node's default logs."""
        logs = self.query_one("#logs", Rows)
        if logs.has_focus and logs.rows:
            self._open_log(logs.cursor)
        else:
            self.post_message(OpenLogs(nodes=[self._at]))

    def _open_log(self, index: int) -> None:
        if self._shown is not None and index < len(self._shown.logs):
            self.post_message(OpenLogs([LogKey(self._at, self._shown.logs[index].path)]))

    def action_shell(self) -> None:
        """Ask for a shell."""
        self.post_message(ShellRequested(self._at))

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        if event.rows.id == "logs":
            self._open_log(event.index)
        else:
            self.action_logs()


def _present(node: NodeState) -> tuple[ServiceState, ...]:
    """The services that are there; what is neither installed nor configured is only named."""
    return tuple(service for service in node.services if service.state != "absent")

"""View 3: CPU, memory, disk and network of the nodes, computes first; the one under the cursor charted large."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from aen_tui.model.facts import ClusterState, NodeState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName, Role
from aen_tui.ui.backend import Backend
from aen_tui.ui.messages import OpenLogs, OpenNode
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation import metric_rows
from aen_tui.ui.presentation.fields import Field, Span
from aen_tui.ui.presentation.histories import (
    ALL_METRICS,
    CURVES_AT_MOST,
    METRICS,
    WINDOWS,
    Metric,
    curves,
    mark_of,
    restarts_of,
    window_text,
)
from aen_tui.ui.presentation.host_details import LABEL_WIDTH, details
from aen_tui.ui.presentation.metric_rows import Columns
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.palette import Palette
from aen_tui.ui.widgets.rows import Rows

WIDE_COLUMNS = 130
"""From here on the table stands beside the charts."""
_SPREAD_SECONDS = 0.2
TABLE_SHARE = 0.45
"""How much of the height the table takes at most where it stands above them."""
TALL_ROWS = 30
"""From here on the other metrics have small charts of their own."""
DETAILS_ROWS = 44
"""From here on the details of the node under the cursor are shown unasked."""


class MetricsPanel(Panel):
    """Table and charts. Order, cursor and marks are the panel's own."""

    DEFAULT_CSS = """
    MetricsPanel { layout: vertical; }
    MetricsPanel #table Rows { height: 1fr; }
    MetricsPanel #charts { height: 1fr; }
    MetricsPanel #others { height: 10; display: none; }
    MetricsPanel.-tall #others { display: block; }
    MetricsPanel.-wide { layout: horizontal; }
    MetricsPanel.-wide #table { width: 44%; max-width: 88; margin-right: 1; }
    MetricsPanel.-wide #charts { width: 1fr; }
    MetricsPanel.-wide #others { height: 30%; }
    MetricsPanel #details { display: none; margin-top: 1; max-height: 14; }
    MetricsPanel.-details #details { display: block; }
    MetricsPanel.-details.-low #charts Chart { display: none; }
    MetricsPanel.-details.-low #details { margin-top: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,m", "next_metric(1)", "metric", id="metrics.next", tooltip="Chart the next metric"),
        Binding("shift+tab,M", "next_metric(-1)", "", id="metrics.previous", tooltip="Previous metric", show=False),
        Binding("space", "mark", "mark", id="metrics.mark", tooltip="Overlay this node's curve, or take it away"),
        Binding("u", "unmark", "clear marks", id="metrics.unmark", tooltip="Take all overlays away", show=False),
        Binding("left_square_bracket", "window(-1)", "shorter", id="metrics.shorter", tooltip="Chart a shorter time"),
        Binding("right_square_bracket", "window(1)", "longer", id="metrics.longer", tooltip="Up to a day"),
        Binding(
            "d", "details", "details", id="metrics.details", tooltip="Cores, load, swap, interfaces, disks, limits"
        ),
        Binding(
            "O",
            "sort",
            "sort",
            id="metrics.sort",
            tooltip="Order by the charted metric, by what is slower than in its last hour, or as in the inventory",
        ),
        Binding(
            "at",
            "app.command('goto ')",
            "go to",
            id="metrics.goto",
            tooltip="Go to a time in all views",
            key_display="@",
            show=False,
        ),
        Binding("l", "logs", "logs", id="metrics.logs", tooltip="Logs of the node under the cursor"),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._metric = METRICS[0]
        self._order = _computes_first(backend.snapshot())
        self._sorted = ""
        """`` as in the inventory, `metric` or `slower`."""
        self._window: int | None = None
        """Seconds that are charted; None: what there is, an hour at most."""
        self._marks: dict[NodeName, None] = {}
        self._shown: dict[NodeName, NodeState] = {}
        self._cached: dict[NodeName, tuple[Span, ...]] = {}
        self._columns = Columns(8, 0, has_network=False)
        self._is_details_chosen = False
        self._moment: float | None = None
        """What time is marked in the charts, epoch seconds."""

    @property
    def order(self) -> tuple[NodeName, ...]:
        """The nodes from top to bottom."""
        return self._order

    @property
    def charted(self) -> tuple[NodeName, ...]:
        """The node under the cursor, then the marked ones."""
        here = self._order[self._rows.cursor : self._rows.cursor + 1]
        return (*here, *(name for name in self._marks if name not in here))[:CURVES_AT_MOST]

    def compose(self) -> ComposeResult:
        """The table, the large chart, the small ones."""
        with Vertical(id="table"):
            yield Fields(label_width=0, id="columns")
            yield Rows(empty="no node in the inventory")
        with Vertical(id="charts"):
            yield Chart(self._metric.title, self._metric.unit, id="large")
            with Horizontal(id="others"):
                for metric in METRICS[1:]:
                    yield Chart(metric.title, metric.unit, id=f"small-{metric.name}")
            yield Fields(label_width=LABEL_WIDTH, id="details")

    @property
    def _rows(self) -> Rows:
        return self.query_one(Rows)

    # -- facts -----------------------------------------------------------------------------------

    def reveal(self) -> None:
        """Everything anew: rows may be old."""
        self._cached.clear()

    def aim(self, nodes: Sequence[NodeName], keys: Sequence[LogKey] = ()) -> None:
        """The first of the nodes under the cursor, the others marked."""
        wanted = [name for name in nodes if name in self._order]
        if wanted and self.is_mounted:
            self._marks = dict.fromkeys(wanted[1:])
            self._cached.clear()
            self._rows.cursor = self._order.index(wanted[0])

    def chart(self, series: str) -> None:
        """Chart the metric that a series belongs to, where there is one."""
        self._metric = next((one for one in ALL_METRICS if series in one.series), self._metric)
        if self.is_mounted:
            self._show_rows()
            self._show_charts()

    def seek(self, moment: float | None) -> None:
        """Mark a time in the charts; they reach back as far as anything is known."""
        self._moment = moment
        if self.is_mounted and self.display:
            self._show_charts()

    def take(self, state: ClusterState) -> None:
        """Rows of the nodes that changed."""
        for name in self._order:
            node = state.nodes.get(name)
            if node is not None and node is not self._shown.get(name):
                self._shown[name] = node
                self._cached.pop(name, None)
        self._show_rows()
        if not self.query_one("#large", Chart).plots:
            self._show_charts()

    def tick(self) -> None:
        """Ages of what is not up; the charts move on."""
        now = self.backend.clock.monotonic()
        for name, node in self._shown.items():
            age = node.metrics.age_seconds(now)
            if age is not None and age > node.fresh_seconds:
                self._cached.pop(name, None)
        self._fit_columns()
        self._show_rows()
        self._show_details()
        self._chart(self.query_one("#large", Chart), self._metric)
        for number, (chart, metric) in enumerate(self._small_charts(), 1):
            # one after the other: keys are answered in between
            self.set_timer(number * _SPREAD_SECONDS, partial(self._chart, chart, metric))

    def on_resize(self, event: events.Resize) -> None:
        """Table beside or above the charts."""
        self.set_class(event.size.width >= WIDE_COLUMNS, "-wide")
        self.set_class(event.size.height >= TALL_ROWS, "-tall")
        self.set_class(event.size.height < TALL_ROWS, "-low")
        if not self._is_details_chosen:
            self.set_class(event.size.height >= DETAILS_ROWS, "-details")
        share = max(4, int(event.size.height * TABLE_SHARE))
        is_wide = event.size.width >= WIDE_COLUMNS
        self.query_one("#table").styles.height = "1fr" if is_wide else min(len(self._order) + 1, share)

    @on(Rows.Resized)
    def _fit(self, event: Rows.Resized) -> None:
        event.stop()
        self._fit_columns()
        self._show_rows()
        self._show_charts()

    def _fit_columns(self) -> None:
        has_slower = self._sorted == "slower" or any(node.trends.slower for node in self._shown.values())
        columns = Columns.fit(self._rows.size.width - 1, self._order, has_slower=has_slower)
        if columns != self._columns:
            self._columns = columns
            self._cached.clear()

    def notify_style_update(self) -> None:
        """Glyphs come with the palette; rows name roles only."""
        super().notify_style_update()
        self._cached.clear()

    def _show_rows(self) -> None:
        glyphs = Palette.of(self).glyphs
        now = self.backend.clock.monotonic()
        for name in self._order:
            if name not in self._cached and name in self._shown:
                self._cached[name] = metric_rows.row(
                    self._shown[name],
                    self.backend.series,
                    now,
                    self._columns,
                    glyphs,
                    is_marked=name in self._marks,
                )
        self._rows.show([self._cached.get(name, ()) for name in self._order])
        self.query_one("#columns", Fields).show([Field("", metric_rows.header(self._columns, self._metric.name))])

    def _show_charts(self) -> None:
        self._show_details()
        self._chart(self.query_one("#large", Chart), self._metric)
        for chart, metric in self._small_charts():
            self._chart(chart, metric)

    def _small_charts(self) -> list[tuple[Chart, Metric]]:
        if not self.has_class("-tall"):
            return []
        others = [metric for metric in METRICS if metric is not self._metric][: len(METRICS) - 1]
        return list(zip(self.query("#others Chart").results(Chart), others, strict=False))

    def _show_details(self) -> None:
        """Of the node under the cursor."""
        if not self.has_class("-details") or not self._order:
            return
        node = self._shown.get(self._order[self._rows.cursor])
        if node is not None:
            now, glyphs = self.backend.clock.monotonic(), Palette.of(self).glyphs
            self.query_one("#details", Fields).show(details(node, now, glyphs))

    def _chart(self, chart: Chart, metric: Metric) -> None:
        nodes = self.charted
        now = self.backend.clock.monotonic()
        is_large = chart.id == "large"  # the others are of the same nodes, in the same order
        shown, window = curves(self.backend.series, nodes, metric, now, has_names=is_large, window=self._window)
        title = f"{metric.title} {nodes[0]}" if is_large and metric.words and len(nodes) == 1 else metric.title
        mark = mark_of(self._moment, self.backend.clock.wall())
        restarts = restarts_of(self.backend.events, nodes, now)
        chart.show(shown, window, title=title, unit=metric.unit, mark=mark, restarts=restarts)

    # -- keys ------------------------------------------------------------------------------------

    def action_next_metric(self, step: int) -> None:
        """Chart another metric."""
        self._metric = ALL_METRICS[(ALL_METRICS.index(self._metric) + step) % len(ALL_METRICS)]
        self._show_rows()
        self._show_charts()

    def action_window(self, step: int) -> None:
        """Chart a shorter or longer time, from two minutes to a day; beyond the longest, what there is."""
        choices = (None, *WINDOWS)
        if self._window is None:  # from what is shown
            nodes, now = self.charted, self.backend.clock.monotonic()
            _, here = curves(self.backend.series, nodes, self._metric, now)
            place = choices.index(here) + step
        else:
            place = choices.index(self._window) + step
        self._window = choices[place] if 0 < place < len(choices) else None
        for chart in self.query(Chart):
            chart.renew()
        self._show_chip()
        self._show_charts()

    def action_details(self) -> None:
        """Show or hide what is known of the node under the cursor; where there is little room, in the chart's place."""
        self._is_details_chosen = True
        self.toggle_class("-details")
        self._show_charts()

    def _show_chip(self) -> None:
        order = {"": "", "metric": f"by {self._metric.name}", "slower": "slower first"}[self._sorted]
        window = window_text(self._window) if self._window is not None else ""
        self.chip = ", ".join(word for word in (order, window) if word)

    def action_mark(self) -> None:
        """Overlay the node under the cursor, or take it away; the cursor moves on."""
        if not self._order:
            return
        name = self._order[self._rows.cursor]
        if name in self._marks:
            del self._marks[name]
        elif len(self._marks) < CURVES_AT_MOST:
            self._marks[name] = None
        else:
            self.notify(f"{CURVES_AT_MOST} curves are the most", severity="warning", markup=False)
        self._cached.pop(name, None)
        self._rows.cursor += 1
        self._show_rows()
        self._show_charts()

    def action_unmark(self) -> None:
        """Take all overlays away."""
        self._marks.clear()
        self._cached.clear()
        self._show_rows()
        self._show_charts()

    def action_sort(self) -> None:
        """The next of: by the charted metric, by what is slower, as in the inventory; the order then stays."""
        here = self._order[self._rows.cursor] if self._order else None
        plain = _computes_first(self.backend.snapshot())
        self._sorted = {"": "metric", "metric": "slower", "slower": ""}[self._sorted]
        keys = {"metric": self._newest, "slower": self._times_slower}
        key = keys.get(self._sorted)
        self._order = tuple(sorted(plain, key=key, reverse=True)) if key else plain
        self._fit_columns()
        self._show_chip()
        self._show_rows()
        if here is not None:
            self._rows.cursor = self._order.index(here)

    def _times_slower(self, name: NodeName) -> float:
        node = self._shown.get(name)
        return node.trends.slower.times if node is not None and node.trends.slower is not None else 0.0

    def _newest(self, name: NodeName) -> float:
        newest = [self.backend.series.of(name, series).recent(1) for series in self._metric.series]
        return sum(values[0] for values in newest if values)

    def action_logs(self) -> None:
        """Logs of the node under the cursor, or of the marked ones."""
        self.post_message(OpenLogs(nodes=tuple(self._marks) or self.charted[:1]))

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._show_charts()

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.post_message(OpenNode(self._order[event.index]))


def _computes_first(state: ClusterState) -> tuple[NodeName, ...]:
    ranks = {Role.COMPUTE: 0, Role.GATEWAY: 1, Role.SERVER: 2, Role.STORE: 3}
    return tuple(sorted(state.nodes, key=lambda name: min(ranks[role] for role in state.nodes[name].spec.roles)))


PANEL = PanelEntry(digit=3, title="Metrics", panel=MetricsPanel)

"""One store of view 5: state and figures, small charts, what is in progress, what lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from aen_tui.model.facts import StoreState
from aen_tui.model.stores import MongoFigures, SearchFigures
from aen_tui.ui.presentation import store_rows
from aen_tui.ui.presentation.axes import Unit
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.presentation.histories import Metric, curves
from aen_tui.ui.presentation.rows import Line
from aen_tui.ui.presentation.store_tables import COLLECTIONS, INDICES, StoreTable, contents_words
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.heading import Heading
from aen_tui.ui.widgets.palette import Palette
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

CHART_ROWS = 34
"""From so many rows of a pane on there are charts."""
OPERATIONS_SHOWN = 6
CHARTS = {
    "mongodb": (
        Metric("ops", "operations/s", Unit.COUNT, ("mongo_ops",)),
        Metric("connections", "connections", Unit.COUNT, ("mongo_connections",)),
        Metric("memory", "memory MiB", Unit.COUNT, ("mongo_memory_mib",)),
    ),
    "elasticsearch": (Metric("heap", "heap", Unit.PERCENT, ("search_heap",)),),
}
TITLES = {"mongodb": "MongoDB", "elasticsearch": "Elasticsearch"}


class StorePane(Vertical):
    """Draws one store; the table at its foot has the cursor.

    Args:
        backend: histories and the clock.
        store: mongodb | elasticsearch.
    """

    DEFAULT_CSS = """
    StorePane { width: 1fr; height: 1fr; }
    StorePane .figures { height: auto; max-height: 60%; }
    StorePane .charts { height: 9; display: none; }
    StorePane.-tall .charts { display: block; }
    StorePane .columns { height: 1; }
    StorePane .contents { height: 1fr; min-height: 2; }
    """

    class Sized(Message):
        """The pane has another size."""

    def __init__(self, backend: Backend, store: str) -> None:
        super().__init__(id=store)
        self.backend = backend
        self.store = store
        self.table: StoreTable[Any] = COLLECTIONS if store == "mongodb" else INDICES
        self.order = self.table.orders[0]
        self._state: StoreState | None = None
        self._figures = Rows(empty="", shows_cursor=False)
        self._columns = Rows(empty="", shows_cursor=False)
        self._contents = Rows(empty="nothing known of what lies in it")
        self._figures.can_focus = self._columns.can_focus = False

    def compose(self) -> ComposeResult:
        """Heading, figures, charts, table."""
        yield Heading(TITLES[self.store])
        self._figures.add_class("figures")
        yield self._figures
        with Horizontal(classes="charts"):
            for metric in CHARTS[self.store]:
                yield Chart(metric.title, metric.unit, is_brief=True, id=f"{self.store}-{metric.name}")
        yield Heading("", classes="between")
        self._columns.add_class("columns")
        yield self._columns
        self._contents.add_class("contents")
        yield self._contents

    @property
    def contents(self) -> Rows:
        """The table."""
        return self._contents

    def show(self, state: StoreState | None) -> None:
        """Another state of the store, or the same a second later."""
        self._state = state
        self._draw()

    def next_order(self) -> str:
        """Order the table by the next column; its word."""
        orders = self.table.orders
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]
        self._draw()
        return self.order

    def on_resize(self) -> None:
        """Charts where there is room."""
        self.set_class(self.size.height >= CHART_ROWS, "-tall")
        self._draw()

    @on(Rows.Resized)
    def _fit(self, event: Rows.Resized) -> None:
        event.stop()
        self._draw()

    def draw_charts(self) -> None:
        """The charts move on."""
        node = self._state.asked_on if self._state is not None else None
        if node is None or not self.has_class("-tall"):
            return
        now = self.backend.clock.monotonic()
        for metric in CHARTS[self.store]:
            shown, window = curves(self.backend.series, (node,), metric, now, has_names=False)
            self.query_one(f"#{self.store}-{metric.name}", Chart).show(shown, window)

    def _recent(self, metric: str, samples: int) -> Sequence[float]:
        node = self._state.asked_on if self._state is not None else None
        return self.backend.series.of(node, metric).recent(samples) if node is not None else ()

    def _draw(self) -> None:
        width = self.size.width
        if not width or not self.is_mounted:
            return
        glyphs, now = Palette.of(self).glyphs, self.backend.clock.monotonic()
        state, recent = self._state, self._recent
        lines: list[Line] = [store_rows.head(state, now, glyphs), *store_rows.trouble(state)]
        figures = state.figures if state is not None else None
        if isinstance(figures, MongoFigures):
            lines += store_rows.mongo_lines(figures, recent, now, width - 2, glyphs)
            slow = store_rows.slow(figures)
            if slow:
                lines.append([(f"in progress for more than {store_rows.SLOW_SECONDS:.0f} s", "accent")])
                lines += [store_rows.operation_line(one, glyphs) for one in slow[:OPERATIONS_SHOWN]]
        elif isinstance(figures, SearchFigures):
            lines += store_rows.search_lines(figures, recent, now, width - 2, glyphs)
        self._figures.show(lines)
        self._draw_contents(now)
        self.draw_charts()

    def _draw_contents(self, now: float) -> None:
        figures = self._state.figures if self._state is not None else None
        heading, rows = self.query_one(".between", Heading), []
        reading: Any = None
        if isinstance(figures, MongoFigures):
            reading = figures.contents
            rows = list(reading.value.collections) if reading.value is not None else []
            words = contents_words(reading.value) if reading.value is not None else ""
        elif isinstance(figures, SearchFigures):
            reading = figures.indices
            rows = list(reading.value or ())
            words = f"{len(rows)} indices, {sum(one.documents or 0 for one in rows):,} documents"
        if reading is None:
            heading.note = ""
        else:
            age = reading.age_seconds(now)
            told = f"{words}, {age_text(age)} old" if age is not None else "not counted yet"
            heading.note = f"{told}: {reading.error}" if reading.error else told
        width, glyphs = max(20, self._contents.size.width - 2), Palette.of(self).glyphs
        self._columns.show([self.table.header(width, self.order)])
        self._contents.show([self.table.line(one, width, glyphs) for one in self.table.sorted(rows, self.order)])

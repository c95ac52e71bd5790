"""One store of view 5: state and figures, small charts, what is in progress, what lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from aen_tui.model.facts import StoreState
from aen_tui.model.stores import MongoFigures, SearchFigures
from aen_tui.ui.presentation import store_rows
from aen_tui.ui.presentation.axes import Unit
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.presentation.format import age_text
from aen_tui.ui.presentation.histories import Metric, curves
from aen_tui.ui.presentation.operation_rows import in_progress, operation_fields, operation_lines
from aen_tui.ui.presentation.rows import Line
from aen_tui.ui.presentation.store_tables import COLLECTIONS, INDICES, StoreTable, contents_words
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.heading import Heading
from aen_tui.ui.widgets.palette import Palette
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend

CHART_ROWS = (8, 20)
"""The least and the most rows of the charts, of what figures and table leave free."""
_TABLE_ROWS = 8
"""Kept for the table where there are charts."""
_HEADINGS = 3
"""The pane's own, the table's two."""
_FIGURE_SHARE = 60
"""Per cent of the pane, at most, for state, operations and figures."""
_FIGURE_ROWS = 5
"""Of these what stands beside operations: state, their heading, figures."""
_OPERATIONS_SHOWN = (2, 6)
"""The holder of a lock and who waits longest, and where there is room more."""
CHARTS = {
    "mongodb": (
        Metric("ops", "operations/s", Unit.COUNT, ("mongo_ops",)),
        Metric("connections", "connections", Unit.COUNT, ("mongo_connections",)),
        Metric("memory", "memory MiB", Unit.COUNT, ("mongo_memory_mib",)),
    ),
    "elasticsearch": (Metric("heap", "heap", Unit.PERCENT, ("search_heap",)),),
}
TITLES = {"mongodb": "MongoDB", "elasticsearch": "Elasticsearch"}


class Figures(Rows):
    """State, operations and figures; keys come here only when they are led here: a view begins with its table."""

    def __init__(self) -> None:
        super().__init__(empty="")
        self.add_class("figures")
        self.can_focus = False
        self.leads_on = False
        """Whether Enter opens something."""

    def on_blur(self) -> None:
        """Until they are led here again."""
        self.can_focus = False

    def offers(self, action: str) -> bool:
        """Enter only where it opens something."""
        return self.leads_on if action == "choose" else super().offers(action)

    def action_choose(self) -> None:
        """Open what is in progress."""
        if self.leads_on:
            super().action_choose()


class StorePane(Vertical):
    """Draws one store; the table at its foot has the cursor.

    Args:
        backend: histories and the clock.
        store: mongodb | elasticsearch.
    """

    DEFAULT_CSS = f"""
    StorePane {{ width: 1fr; height: 1fr; }}
    StorePane .figures {{ height: auto; max-height: {_FIGURE_SHARE}%; }}
    StorePane .charts {{ display: none; }}
    StorePane.-tall .charts {{ display: block; }}
    StorePane .columns {{ height: 1; }}
    StorePane .contents {{ height: 1fr; min-height: 2; }}
    """

    def __init__(self, backend: Backend, store: str) -> None:
        super().__init__(id=store)
        self.backend = backend
        self.store = store
        self.table: StoreTable[Any] = COLLECTIONS if store == "mongodb" else INDICES
        self.order = self.table.orders[0]
        self._state: StoreState | None = None
        self._figures = Figures()
        self._columns = Rows(empty="", shows_cursor=False)
        self._contents = Rows(empty="nothing known of what lies in it")
        self._columns.can_focus = False

    def compose(self) -> ComposeResult:
        """Heading, figures, charts, table."""
        yield Heading(TITLES[self.store])
        yield self._figures
        with Horizontal(classes="charts"):
            for metric in CHARTS[self.store]:
                yield Chart(metric.title, metric.unit, id=f"{self.store}-{metric.name}")
        yield Heading("", classes="between")
        self._columns.add_class("columns")
        yield self._columns
        self._contents.add_class("contents")
        yield self._contents

    @property
    def contents(self) -> Rows:
        """The table."""
        return self._contents

    @property
    def parts(self) -> tuple[Rows, ...]:
        """What keys can do something in, from above: figures that are scrolled or lead on, the table."""
        leads_on = self._figures.leads_on or self._figures.max_scroll_y > 0 or self._figures.has_focus
        return (self._figures, self._contents) if leads_on else (self._contents,)

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
        """Charts, and operations, where there is room."""
        self._draw()

    @on(Rows.Chosen, ".figures")
    def _read_operations(self, event: Rows.Chosen) -> None:
        from aen_tui.ui.screens.operations import OperationsScreen

        event.stop()
        self.app.push_screen(OperationsScreen(self._operations))

    def _operations(self) -> list[Field]:
        return operation_fields(in_progress(self._state), Palette.of(self).glyphs)

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
        state, operations = self._state, in_progress(self._state)
        lines: list[Line] = [store_rows.head(state, now, glyphs), *store_rows.trouble(state)]
        lines += store_rows.fsync_lines(state, glyphs)
        lines += operation_lines(operations, self._operations_shown, glyphs)
        lines += store_rows.figure_lines(state, self._recent, now, width - 2, glyphs)
        self._figures.leads_on = bool(operations)
        self._figures.show(lines)
        rows = self._draw_contents(now)
        self._fit_charts(len(lines), rows)
        self.draw_charts()

    @property
    def _operations_shown(self) -> int:
        least, most = _OPERATIONS_SHOWN
        return max(least, min(most, self.size.height * _FIGURE_SHARE // 100 - _FIGURE_ROWS))

    def _fit_charts(self, lines: int, rows: int) -> None:
        """As high as figures and table leave room for; none where that is little."""
        least, most = CHART_ROWS
        free = self.size.height - lines - _HEADINGS
        is_roomy = free - min(rows, _TABLE_ROWS) >= least and self._state is not None
        if is_roomy:
            self.query_one(".charts").styles.height = max(least, min(most, free - rows))
        self.set_class(is_roomy, "-tall")

    def _draw_contents(self, now: float) -> int:
        """Draw the table; its rows."""
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
        return len(rows)

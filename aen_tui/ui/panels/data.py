"""View 5: MongoDB and Elasticsearch, side by side or above each other, live."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from aen_tui.model.facts import ClusterState, StoreState
from aen_tui.ui.backend import Backend
from aen_tui.ui.messages import OpenLogs, OpenNode
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.widgets.rows import Rows
from aen_tui.ui.widgets.store_pane import StorePane

WIDE_COLUMNS = 130
"""From here on the two stand side by side."""
SHORT_ROWS = 18
"""Above each other in fewer rows, one of the two is drawn in brief."""


class DataPanel(Panel):
    """Two panes; the one with the focus is the one that keys concern."""

    DEFAULT_CSS = """
    DataPanel { layout: vertical; }
    DataPanel #mongodb { height: 3fr; }
    DataPanel #elasticsearch { height: 2fr; }
    DataPanel.-short #mongodb, DataPanel.-short #elasticsearch { height: 4; }
    DataPanel.-short #mongodb.-chosen, DataPanel.-short #elasticsearch.-chosen { height: 1fr; }
    DataPanel.-short StorePane .figures { max-height: 3; }
    DataPanel.-short StorePane.-chosen .figures { max-height: 50%; }
    DataPanel.-wide { layout: horizontal; }
    DataPanel.-wide #mongodb { height: 1fr; width: 1fr; margin-right: 2; }
    DataPanel.-wide #elasticsearch { height: 1fr; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next(1)", "next part", id="data.next", tooltip="Figures and tables of both, in turn"),
        Binding("shift+tab", "next(-1)", "part before", id="data.before", tooltip="The part before", show=False),
        Binding("O", "sort", "sort", id="data.sort", tooltip="Order the table by its next column"),
        Binding("ctrl+r,f5", "ask", "ask now", id="data.ask", tooltip="Ask both now; also for a password again"),
        Binding("l", "logs", "logs", id="data.logs", tooltip="Logs of the node that carries them"),
        Binding("d", "node", "node", id="data.node", tooltip="The page of the node that carries them", show=False),
    ]  # fmt: skip

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._panes = (StorePane(backend, "mongodb"), StorePane(backend, "elasticsearch"))
        self._last = self._panes[0]
        self._shown: dict[str, StoreState | None] = {}

    def compose(self) -> ComposeResult:
        """MongoDB, which AEN cannot live without, first."""
        self._choose()
        yield from self._panes

    def reveal(self) -> None:
        """Details are asked more often while they are looked at."""
        self.backend.attend_stores(True)

    def conceal(self) -> None:
        """Back to the slow pace."""
        self.backend.attend_stores(False)

    def take(self, state: ClusterState) -> None:
        """Only what is another."""
        for pane in self._panes:
            found = state.stores.get(pane.store)
            if pane.store not in self._shown or found is not self._shown[pane.store]:
                self._shown[pane.store] = found
                pane.show(found)

    def tick(self) -> None:
        """Ages."""
        for pane in self._panes:
            pane.show(self._shown.get(pane.store))

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where both have room; where neither has, the one with the focus has most of it."""
        is_wide = event.size.width >= WIDE_COLUMNS
        self.set_class(is_wide, "-wide")
        self.set_class(not is_wide and event.size.height < SHORT_ROWS, "-short")

    def on_descendant_focus(self) -> None:
        """The other pane, or part of one."""
        self._choose()

    def _choose(self) -> None:
        chosen = self.focused
        for pane in self._panes:
            pane.set_class(pane is chosen, "-chosen")

    @property
    def focused(self) -> StorePane:
        """The pane that keys concern: the one with the focus, or that had it last."""
        self._last = next((pane for pane in self._panes if pane.has_focus_within), self._last)
        return self._last

    def action_next(self, step: int) -> None:
        """To the next part."""
        parts = [part for pane in self._panes for part in pane.parts]
        here = next((number for number, part in enumerate(parts) if part.has_focus), 0)
        part = parts[(here + step) % len(parts)]
        part.can_focus = True
        part.focus(scroll_visible=False)

    def action_sort(self) -> None:
        """By the next column."""
        pane = self.focused
        self.chip = f"{pane.store} by {pane.next_order()}"

    def action_ask(self) -> None:
        """Now, with another password too."""
        if self.backend.inventory.store is not None:
            self.backend.retry_now(self.backend.inventory.store)

    def action_logs(self) -> None:
        """View 2 on the node that carries them."""
        if self.backend.inventory.store is not None:
            self.post_message(OpenLogs(nodes=(self.backend.inventory.store,)))

    def action_node(self) -> None:
        """Its page."""
        if self.backend.inventory.store is not None:
            self.post_message(OpenNode(self.backend.inventory.store))

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.action_node()


PANEL = PanelEntry(digit=5, title="Data", panel=DataPanel)

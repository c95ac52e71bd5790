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


class DataPanel(Panel):
    """Two panes; the one with the focus is the one that keys concern."""

    DEFAULT_CSS = """
    DataPanel { layout: vertical; }
    DataPanel #mongodb { height: 3fr; }
    DataPanel #elasticsearch { height: 2fr; }
    DataPanel.-wide { layout: horizontal; }
    DataPanel.-wide #mongodb { height: 1fr; width: 1fr; margin-right: 2; }
    DataPanel.-wide #elasticsearch { height: 1fr; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,shift+tab", "other", "other store", id="data.other", tooltip="Go to the other store's table"),
        Binding("O", "sort", "sort", id="data.sort", tooltip="Order the table by its next column"),
        Binding("ctrl+r,f5", "ask", "ask now", id="data.ask", tooltip="Ask both now; also for a password again"),
        Binding("l", "logs", "logs", id="data.logs", tooltip="Logs of the node that carries them"),
        Binding("d", "node", "node", id="data.node", tooltip="The page of the node that carries them", show=False),
    ]  # fmt: skip

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._panes = (StorePane(backend, "mongodb"), StorePane(backend, "elasticsearch"))
        self._shown: dict[str, StoreState | None] = {}

    def compose(self) -> ComposeResult:
        """MongoDB, which AEN cannot live without, first."""
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
        """Beside each other where both have room."""
        self.set_class(event.size.width >= WIDE_COLUMNS, "-wide")

    @property
    def focused(self) -> StorePane:
        """The pane that keys concern."""
        return next((pane for pane in self._panes if pane.contents.has_focus), self._panes[0])

    def action_other(self) -> None:
        """The other table."""
        here = self._panes.index(self.focused)
        self._panes[1 - here].contents.focus()

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

"""Which service? Worst first, in an order that stays as it was when the key was pressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.model.node import NodeName
from aen_tui.model.plans import Target
from aen_tui.model.text import visible_line
from aen_tui.ui.backend import Backend
from aen_tui.ui.presentation.service_rows import choice_row, choices, name_width
from aen_tui.ui.presentation.severity import UNICODE
from aen_tui.ui.widgets.rows import Rows


class PickerScreen(ModalScreen[tuple[Target, ...]]):
    """Answers with the targets of the service that was picked; with none where it was closed.

    Args:
        backend: what is known.
        nodes: the nodes as they stood under the cursor or marked.
        purpose: what the service is picked for, in words for the title.
    """

    AUTO_FOCUS = "Rows"
    CSS_PATH = "menu.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,n", "close", "close", id="picker.close", tooltip="Close; nothing is done"),
    ]

    def __init__(self, backend: Backend, nodes: Sequence[NodeName], purpose: str) -> None:
        super().__init__()
        self._backend = backend
        self._on_nodes = tuple(nodes)
        self._purpose = purpose
        self._choices = choices(backend.snapshot(), self._on_nodes)

    def compose(self) -> ComposeResult:
        """One list."""
        with Vertical(classes="menu"):
            yield Rows(empty="no service is known here")

    def on_mount(self) -> None:
        """The order is frozen; what a row says goes on."""
        place = visible_line(self._on_nodes[0]) if len(self._on_nodes) == 1 else f"{len(self._on_nodes)} nodes"
        box = self.query_one(".menu")
        self.set_class(getattr(self.app, "glyphs", UNICODE).is_ascii, "-ascii")
        box.border_title = Content(f" {self._purpose} which service on {place}? ")
        box.border_subtitle = Content(" Enter opens the card, Esc closes ")
        self._show()
        self.set_interval(1.0, self._show)

    def _show(self) -> None:
        now = self._backend.clock.monotonic()
        state = self._backend.snapshot()
        width = name_width(choice.name for choice in self._choices)
        glyphs = getattr(self.app, "glyphs", UNICODE)
        self.query_one(Rows).show(
            [choice_row(choice, state, now, width=width, glyphs=glyphs) for choice in self._choices]
        )

    @on(Rows.Chosen)
    def _picked(self, event: Rows.Chosen) -> None:
        event.stop()
        self.dismiss(self._choices[event.index].targets)

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(())

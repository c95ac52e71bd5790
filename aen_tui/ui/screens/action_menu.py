"""What can be done: every entry opens a card, none acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.model.facts import ClusterState
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Target
from aen_tui.model.text import visible_line
from aen_tui.ui.backend import Backend
from aen_tui.ui.presentation.fields import Span
from aen_tui.ui.presentation.plan_text import find_service
from aen_tui.ui.presentation.service_rows import target_of
from aen_tui.ui.presentation.severity import UNICODE
from aen_tui.ui.widgets.rows import Rows

_HINTS = {
    ActionName.RESTART: "stop it and start it; proved by a new pid",
    ActionName.START: "start what is not running; clears a FATAL loop",
    ActionName.STOP: "stop it; it stays down until it is started",
    ActionName.RELOAD_NGINX: "same master, new workers",
}
_DOWN = ("STOPPED", "EXITED", "FATAL", "BACKOFF")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    action: ActionName
    targets: tuple[Target, ...]
    """Empty where a service is still to be picked."""
    words: str


def entries(state: ClusterState, nodes: Sequence[NodeName], targets: Sequence[Target]) -> tuple[Entry, ...]:
    """What can be done with the targets, or with the services of the nodes; what is likeliest first."""
    order = [ActionName.RESTART, ActionName.START, ActionName.STOP]
    known = [service for target in targets if (service := find_service(state, target)) is not None]
    if known and all(service.state in _DOWN for service in known):
        order = [ActionName.START, ActionName.RESTART, ActionName.STOP]
    names = ", ".join(sorted({visible_line(target.service) for target in targets})) or "a service"
    made = [Entry(action, tuple(targets), f"{action.value} {names}") for action in order]
    nginx = tuple(
        target_of(name, service)
        for name in nodes
        if (node := state.nodes.get(name)) is not None
        for service in node.services
        if service.name == "nginx" and service.manager == "sysv" and service.state != "absent"
    )
    if nginx:
        made.append(Entry(ActionName.RELOAD_NGINX, nginx, "reload nginx"))
    return tuple(made)


class ActionMenuScreen(ModalScreen[Entry | None]):
    """Answers with the entry that was chosen.

    Args:
        backend: what is known.
        nodes: the nodes under the cursor or marked.
        targets: the services under the cursor; none where a service is still to be picked.
    """

    AUTO_FOCUS = "Rows"
    CSS_PATH = "menu.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,n", "close", "close", id="menu.close", tooltip="Close; nothing is done"),
    ]

    def __init__(self, backend: Backend, nodes: Sequence[NodeName], targets: Sequence[Target] = ()) -> None:
        super().__init__()
        self._on_nodes = tuple(nodes)
        self._entries = entries(backend.snapshot(), nodes, targets)

    def compose(self) -> ComposeResult:
        """One list."""
        with Vertical(classes="menu"):
            yield Rows()

    def on_mount(self) -> None:
        """The entries do not change while they are read."""
        place = visible_line(self._on_nodes[0]) if len(self._on_nodes) == 1 else f"{len(self._on_nodes)} nodes"
        box = self.query_one(".menu")
        self.set_class(getattr(self.app, "glyphs", UNICODE).is_ascii, "-ascii")
        box.border_title = Content(f" actions on {place} ")
        box.border_subtitle = Content(" Enter opens the card, Esc closes ")
        width = max(len(entry.words) for entry in self._entries)
        self.query_one(Rows).show([self._row(entry, width) for entry in self._entries])

    @staticmethod
    def _row(entry: Entry, width: int) -> tuple[Span, ...]:
        return ((f"{entry.words:<{width}}", "text!"), (f"  {_HINTS[entry.action]}", "muted"))

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.dismiss(self._entries[event.index])

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

"""All that a check says: nodes, values, what is documented, remedy, seed, age."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.screens.reading import ReadingScreen
from aen_tui.ui.widgets.fields import Fields

if TYPE_CHECKING:
    from aen_tui.model.facts import ClusterState


class CheckFindingScreen(ReadingScreen):
    """Reads one check, as it is at each moment. Enter, Esc or q close it.

    Args:
        fields: what it says.
        again: what it says a second later, and so on; None where it stays as it is.
    """

    TITLES = ("check", "Esc close")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "app.pop_screen", "close", id="finding.close", tooltip="Close"),
        Binding("j,down", "scroll(1)", "down", id="finding.down", tooltip="Scroll down", show=False),
        Binding("k,up", "scroll(-1)", "up", id="finding.up", tooltip="Scroll up", show=False),
        Binding("space,pagedown", "scroll(10)", "page down", id="finding.page_down", tooltip="A page on", show=False),
        Binding("b,pageup", "scroll(-10)", "page up", id="finding.page_up", tooltip="A page back", show=False),
    ]

    def __init__(self, fields: Sequence[Field], again: Callable[[], Sequence[Field]] | None = None) -> None:
        super().__init__()
        self._fields = fields
        self._again = again

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Fields).show(self._fields)

    def take(self, state: ClusterState) -> None:
        """Said a second later, with the rest."""

    def tick(self) -> None:
        """Ages move on, and what is live may be another."""
        if self._again is not None:
            self.query_one(Fields).show(self._again())

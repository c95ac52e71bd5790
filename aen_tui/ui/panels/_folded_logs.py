"""The other face of the logs view: warnings of all nodes folded to messages. `D` turns it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.ui.panels import Panel
from aen_tui.ui.widgets.fold_view import FoldView
from aen_tui.ui.widgets.log_view import LogView

if TYPE_CHECKING:
    from aen_tui.ui.backend import Backend


class FoldedLogs(Panel):
    """What a logs panel is made of that can be turned over. The panel has the lines, this the messages.

    A row opens the logs that said it, at its moment, whatever filters there are; turning over again
    and back brings the logs that were shown before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("D", "folds", "fold", id="logs.folds", tooltip="Warnings of all nodes, one row a message; and back"),
    ]

    view: LogView
    _fixed: bool
    _aimed: frozenset[NodeName]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.folds = FoldView(backend.folding, backend.silences, backend.clock)
        self.folds.display = False
        self._hidden: list[Widget] = []
        """What else the panel shows, while the list is shown."""
        self._before: tuple[tuple[NodeName, ...], tuple[LogKey, ...]] | None = None
        """What was shown before a row was opened: nodes aimed at, or exactly these logs."""

    def compose_folds(self) -> ComposeResult:
        """The list, not shown until it is asked for."""
        yield self.folds

    @property
    def keys(self) -> tuple[LogKey, ...]:
        """The logs that are shown."""
        raise NotImplementedError

    def set_sources(self, keys: Sequence[LogKey]) -> None:
        """Show exactly these logs."""
        raise NotImplementedError

    def tick(self) -> None:
        """A second has passed."""
        if self.folds.display:
            self.folds.update()

    def action_folds(self) -> None:
        """Messages instead of lines, or back to the lines that were there before."""
        if not self.folds.display:
            self._turn(folds=True)
            return
        self.hide_folds()
        if self._before is not None:
            (nodes, keys), self._before = self._before, None
            self.aim(nodes, keys)

    def hide_folds(self) -> None:
        """Lines are wanted."""
        if self.folds.display:
            self._turn(folds=False)

    def _turn(self, *, folds: bool) -> None:
        if folds:
            self._hidden = [child for child in self.children if child.display]
        for child in self._hidden:
            child.display = not folds
        had_focus = self.folds.has_focus
        self.folds.display = folds
        if folds:
            self.folds.update()
            self.folds.focus(scroll_visible=False)
        elif had_focus:
            self.view.focus(scroll_visible=False)

    def on_fold_view_closed(self, message: FoldView.Closed) -> None:
        """Back to the lines."""
        message.stop()
        self.action_folds()

    def on_fold_view_opened(self, message: FoldView.Opened) -> None:
        """The lines of a row, from its first on; filters are laid by, they may hide it."""
        message.stop()
        if self._before is None:
            self._before = (tuple(self._aimed), self.keys if self._fixed else ())
        self.set_sources(message.keys)
        self.hide_folds()
        view = self.view
        if view.lookup.chips:
            view.lookup.park()
            view.window.show(view.lookup.stream)
        view.go_to_time(message.moment)
        if message.begin is not None:
            # The time is as exact as the node's clock was measured then; the number is exact.
            log, number = message.begin
            at = next((n for n, source in enumerate(view.window.base.sources) if source.book.key == log), None)
            if at is not None and view.window.base.sources[at].book.chunk_at(number) is not None:
                view.window.go_to(view.window.stream.index_of((at, number)))

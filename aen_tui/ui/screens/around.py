"""The lines around a hit, read from the file on the node in which it stands, however old."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from aen_tui.errors import AenError
from aen_tui.model.text import visible_line
from aen_tui.ui.log_export import copy_and_tell
from aen_tui.ui.presentation.search_rows import marked
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.model.searches import Hit, LineAround
    from aen_tui.state.patterns import BytesPattern
    from aen_tui.ui.backend import Backend


class AroundScreen(ModalScreen[None]):
    """Reads a place of a log.

    Args:
        backend: what is watched.
        hit: the line in the middle.
        pattern: what is marked.
        why: why it is shown here and not in the log view; empty where it was asked for.
    """

    AUTO_FOCUS = "Rows"
    DEFAULT_CSS = """
    AroundScreen { align: center middle; }
    AroundScreen Vertical {
        width: 96%; height: auto; max-height: 92%; background: $surface; border: round $primary;
        border-title-style: bold;
    }
    AroundScreen Rows { max-height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,space", "app.pop_screen", "close", id="around.close", tooltip="Close"),
        Binding("c", "copy", "copy", id="around.copy", tooltip="Copy the lines (OSC 52)"),
    ]

    def __init__(self, backend: Backend, hit: Hit, pattern: BytesPattern, why: str = "") -> None:
        super().__init__()
        self._backend, self._hit, self._pattern, self._why = backend, hit, pattern, why
        self._rows = Rows(empty="reading …")
        self._lines: list[LineAround] = []

    def compose(self) -> ComposeResult:
        """One list."""
        with Vertical() as box:
            box.border_title = Content(f" {visible_line(str(self._hit.key))} ")
            box.border_subtitle = Content(f" {self._why or f'{self._hit.file}, byte {self._hit.offset:,}'} ")
            yield self._rows

    def on_mount(self) -> None:
        """Ask."""
        self.run_worker(self._read(), name="around")

    async def _read(self) -> None:
        from aen_tui.runtime.log_search import lines_around

        try:
            self._lines = await lines_around(self._backend, self._hit)
        except AenError as error:
            self._rows.show([[(visible_line(error.message), "warning")]])
            return
        place = next((at for at, one in enumerate(self._lines) if one.offset >= self._hit.offset), 0)
        self._rows.show(
            [
                marked(one.text, self._pattern) if at == place else [(one.text, "text")]
                for at, one in enumerate(self._lines)
            ]
        )
        self.call_after_refresh(self._go_to, place)

    def _go_to(self, place: int) -> None:
        self._rows.cursor = place
        self._rows.scroll_to(y=place - self._rows.size.height // 2, animate=False, force=True)

    def action_copy(self) -> None:
        """Copy what is shown."""
        copy_and_tell(self.app, "\n".join(one.text for one in self._lines))

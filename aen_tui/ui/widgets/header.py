"""The first line of every view: installation, nodes up, worst severity, what may be changed, the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.format import clock_text, countdown_text
from aen_tui.ui.presentation.severity import severity_sign
from aen_tui.ui.widgets.palette import Palette, Span, spans_width

if TYPE_CHECKING:
    from aen_tui.model.facts import ClusterState
    from aen_tui.ui.backend import Backend

_GAP = 2
_NAME_AT_LEAST = 4


class Header(Widget):
    """One line. At every width from 60 the words are whole; the installation's name gives way first."""

    DEFAULT_CSS = """
    Header { height: 1; dock: top; }
    """

    armed_until: reactive[float | None] = reactive(None)
    """Monotonic second at which arming runs out; None where nothing is armed."""
    views: reactive[tuple[tuple[int, str], ...]] = reactive(())
    """Digit and title of the views, shown where there is room."""
    active: reactive[int] = reactive(0)
    """The digit of the view on screen; 0 where it is none of them."""
    title: reactive[str] = reactive("")
    """What is on screen where it is none of the views, such as a node's name."""

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self._backend = backend
        self._palette: Palette | None = None
        self._up = 0
        self._all = len(backend.inventory.nodes)
        self._severity = Severity.UNKNOWN
        self._clock = ""

    def take(self, state: ClusterState) -> None:
        """A new snapshot; draws only if one of the header's words changes."""
        facts = (state.up_count, len(state.nodes), state.severity)
        if facts != (self._up, self._all, self._severity):
            self._up, self._all, self._severity = facts
            self.refresh()

    def tick(self) -> None:
        """A second has passed: the clock."""
        if clock_text(self._backend.clock.wall()) != self._clock:
            self.refresh()

    def notify_style_update(self) -> None:
        """The theme may be another."""
        self._palette = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """The line."""
        self._palette = palette = self._palette or Palette.of(self)
        width = self.size.width
        self._clock = clock_text(self._backend.clock.wall())
        right: list[Span] = [*self._lock(), (self._clock + " ", "muted")]
        facts = self._facts(palette)
        spare = width - spans_width(right) - spans_width(facts) - 1
        name = self._installation(max(_NAME_AT_LEAST, spare))
        left: list[Span] = [(" ", "text"), *name, *facts]
        spare = width - spans_width(left) - spans_width(right)
        middle = self._middle(spare)
        spare -= spans_width(middle)
        line = [*left, *middle, (" " * max(0, spare), "text"), *right]
        return Strip(palette.paint(line, width, on="header"), width)

    def _installation(self, room: int) -> list[Span]:
        demo: list[Span] = [("DEMO ", "chip!")] if self._backend.inventory.is_demo else []
        name = visible_line(self._backend.inventory.name)
        left = room - _GAP - spans_width(demo)
        if len(name) > left:
            assert self._palette is not None
            name = name[: max(0, left - 1)] + self._palette.glyphs.ellipsis if left > 0 else ""
        return [*demo, (name, "accent!"), (" " * _GAP, "text")]

    def _facts(self, palette: Palette) -> list[Span]:
        sign = severity_sign(self._severity, palette.glyphs)
        role = "ok" if self._up == self._all else "warning" if self._up else "critical"
        word = sign.word.upper() if self._severity > Severity.OK else sign.word
        return [
            (f"{self._up}/{self._all} up", f"{role}!"),
            (" " * _GAP, "text"),
            (f"{sign.glyph} {word}", f"{sign.role}!"),
            (" " * _GAP, "text"),
        ]

    def _lock(self) -> list[Span]:
        if self._backend.read_only:
            return [("READ-ONLY", "chip!"), (" " * _GAP, "text")]
        if self.armed_until is not None:
            left = self.armed_until - self._backend.clock.monotonic()
            if left > 0:
                return [(f"ARMED {countdown_text(left)}", "warning!"), (" " * _GAP, "text")]
        if self._backend.inventory.actions.arming_required:
            return [("LOCKED", "muted!"), (" " * _GAP, "text")]
        return []

    def _middle(self, room: int) -> list[Span]:
        tabs: list[Span] = []
        for digit, title in self.views:
            here = digit == self.active
            tabs += [(" ", "text"), (f" {digit} ", "accent!" if here else "faint")]
            tabs.append((f"{title} ", "text!" if here else "muted"))
        if tabs and spans_width(tabs) <= room - _GAP:
            return tabs
        title = self.title or next((title for digit, title in self.views if digit == self.active), "")
        return [(visible_line(title), "text!")] if title and len(title) <= room - _GAP else []

"""`:why OWNER/PROJECT`: causes in order of likelihood, then what each compute says; asked again by `u`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from aen_tui.model.text import visible_line
from aen_tui.ui.presentation import why_rows
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.screens.frame import FramedScreen
from aen_tui.ui.widgets.fields import Fields
from aen_tui.ui.widgets.heading import Heading
from aen_tui.ui.widgets.palette import glyphs_of

if TYPE_CHECKING:
    from aen_tui.runtime.project_why import ProjectWhy
    from aen_tui.ui.backend import Backend

_DRAW_SECONDS = 0.2


class WhyScreen(FramedScreen):
    """The answers to one question.

    Args:
        backend: what is watched.
        why: what is asked; it begins with the screen.
    """

    AUTO_FOCUS = "#answers"
    DEFAULT_CSS = """
    WhyScreen #answers { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", id="why.back", tooltip="Back to where you came from"),
        Binding("u", "again", "again", id="why.again", tooltip="Ask the computes again"),
        Binding("j,down", "scroll(1)", "down", id="why.down", tooltip="Scroll down", show=False),
        Binding("k,up", "scroll(-1)", "up", id="why.up", tooltip="Scroll up", show=False),
        Binding("space,pagedown", "scroll(10)", "page down", id="why.page_down", tooltip="A page on", show=False),
        Binding("b,pageup", "scroll(-10)", "page up", id="why.page_up", tooltip="A page back", show=False),
    ]

    def __init__(self, backend: Backend, why: ProjectWhy) -> None:
        super().__init__(backend)
        self._why = why
        self._drawn: object = None

    def compose_body(self) -> ComposeResult:
        """Causes above, facts below."""
        with VerticalScroll(id="answers"):
            yield Fields(id="state")
            yield Heading("causes, the likeliest first", id="causes-head")
            yield Fields(id="causes", label_width=2)
            yield Heading("what the nodes say", id="facts-head")
            yield Fields(id="facts")

    def on_mount(self) -> None:
        """Ask."""
        self.header.title = visible_line(f"why {self._why.project}")
        self.run_worker(self._why.run(), name="why", group="why", exclusive=True)
        self.set_interval(_DRAW_SECONDS, self._draw)
        self._draw()

    def tick(self) -> None:
        """Ages move on."""
        super().tick()
        self._drawn = None
        self._draw()

    def _draw(self) -> None:
        if self._drawn == self._why.revision:
            return
        self._drawn = self._why.revision
        glyphs, now = glyphs_of(self), self.backend.clock.monotonic()
        self.query_one("#state", Fields).show(why_rows.state(self._why, glyphs))
        self.query_one("#causes", Fields).show(why_rows.causes(self._why, glyphs))
        fields: list[Field] = []
        there = [self._why.there[name] for name in self._why.nodes if name in self._why.there]
        for one in sorted(there, key=lambda one: not one.is_there):
            fields += [*why_rows.facts(one, now, glyphs), Field("", (("", "text"),))]
        self.query_one("#facts", Fields).show(fields)

    def action_again(self) -> None:
        """Ask once more."""
        self._why = self.backend.projects.why(self._why.project, self._why.nodes)
        self.run_worker(self._why.run(), name="why", group="why", exclusive=True)
        self._drawn = None
        self._draw()

    def action_scroll(self, rows: int) -> None:
        """Scroll."""
        self.query_one("#answers").scroll_relative(y=rows, animate=False)

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)

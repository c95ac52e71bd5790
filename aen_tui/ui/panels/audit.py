"""View 8, Audit: who did what, where, why, with what result; colleagues' steps too, and whether the record is whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from aen_tui.errors import AuditError
from aen_tui.model.text import visible_line
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation.audit_rows import (
    Counts,
    audit_row,
    heading,
    search_text,
    verdict_line,
)
from aen_tui.ui.presentation.nothing import AUDIT, nothing_lines
from aen_tui.ui.widgets.filter_input import FilterInput
from aen_tui.ui.widgets.footer import key_of
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.runtime.audit_book import AuditStep
    from aen_tui.runtime.audit_verify import Verdict
    from aen_tui.ui.backend import Backend

_SHOWN = 2000
"""The newest steps; `aen-tui audit` has all."""


class AuditPanel(Panel):
    """A list of steps, the newest first."""

    DEFAULT_CSS = """
    AuditPanel { layout: vertical; }
    AuditPanel #state, AuditPanel #head { height: 1; }
    AuditPanel #steps { height: 1fr; }
    AuditPanel #nothing { height: auto; padding: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", id="audit.filter", tooltip="Only steps that hold these words"),
        Binding("x", "reads", "reads", id="audit.reads", tooltip="Probes that only read under sudo too, and back"),
        Binding("v", "verify", "verify", id="audit.verify", tooltip="Verify the chain again, and ask syslog"),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._state = Rows(id="state", empty="", shows_cursor=False)
        self._head = Rows(id="head", empty="", shows_cursor=False)
        self._state.can_focus = self._head.can_focus = False
        self._table = Rows(id="steps", empty="")
        self._empty = Rows(id="nothing", empty="", shows_cursor=False)
        self._empty.can_focus = False
        self._input = FilterInput(placeholder="words: user, node, action, result, reason")
        self._mark: object = None
        self._steps: list[AuditStep] = []
        self._found: list[AuditStep] = []
        self._verdict: Verdict | None = None
        self._error = ""
        self._filter = ""
        self._is_read = False
        self._shows_reads = False

    def compose(self) -> ComposeResult:
        """The verdict, titles, steps, and the line for a filter."""
        yield self._state
        yield self._head
        yield self._empty
        yield self._table
        yield self._input

    def reveal(self) -> None:
        """Read what there is."""
        self.call_after_refresh(self.tick)

    def on_resize(self) -> None:
        """Columns come and go with the width."""
        self._head.show([heading(self.size.width - 1)])
        self._draw()

    def tick(self) -> None:
        """A second has passed: read again where something was recorded."""
        mark = self.backend.audit_book.mark()
        if mark != self._mark:
            self._mark = mark
            self.run_worker(self._read(), name="audit", group="audit", exclusive=True)

    async def _read(self) -> None:
        book = self.backend.audit_book
        try:
            steps = await asyncio.to_thread(book.steps)
            self._steps, self._error = steps[::-1], ""
            self._is_read = True
            self._draw()
            self._verdict = await asyncio.to_thread(book.verify)
        except AuditError as error:
            self._error = error.message
        self._draw()

    def _draw(self) -> None:
        if not self.size.width:
            return
        glyphs = glyphs_of(self)
        needle = self._filter.lower().split()
        here = self._found[self._table.cursor] if self._table.cursor < len(self._found) else None
        wanted = [step for step in self._steps if self._shows_reads or not step.is_read]
        self._found = [step for step in wanted if not needle or _holds(step, needle)][:_SHOWN]
        hidden = len(self._steps) - len(wanted)
        width = self.size.width - 1
        self._table.show([audit_row(step, width, glyphs) for step in self._found])
        if here is not None and self._table.cursor:  # what is read stays under the cursor when newer ones come
            key = here.intent.get("id")
            same = (index for index, step in enumerate(self._found) if step.intent.get("id") == key)
            self._table.cursor = next(same, self._table.cursor)
        if self._error:
            self._state.show([[(f"{glyphs.critical} AUDIT {visible_line(self._error)}", "critical!")]])
        else:
            counts = Counts(len(self._found), len(wanted), hidden, key_of(self, "audit.reads"))
            self._state.show([verdict_line(self._verdict, counts, glyphs)])
        nothing = self._is_read and not self._steps and not self._error
        self._empty.display = nothing
        self._empty.show(nothing_lines(AUDIT, width) if nothing else [])

    @on(Rows.Chosen, "#steps")
    def _chosen(self, event: Rows.Chosen) -> None:
        from aen_tui.ui.screens.audit_record import AuditRecordScreen

        event.stop()
        if event.index < len(self._found):
            self.app.push_screen(AuditRecordScreen(self._found[event.index]))

    def action_verify(self) -> None:
        """Again, from the start."""
        self._verdict = None
        self._draw()
        self.run_worker(self._read(), name="audit", group="audit", exclusive=True)

    def action_reads(self) -> None:
        """Show the reads too, or leave them out again."""
        self._shows_reads = not self._shows_reads
        self._show_chip()

    def action_filter(self) -> None:
        """Open the line."""
        self._input.open(self._filter)

    @on(Input.Changed)
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._set_filter(event.value)

    @on(FilterInput.Closed)
    def _filter_closed(self, event: FilterInput.Closed) -> None:
        event.stop()
        if not event.kept:
            self._set_filter("")
        self._table.focus()

    def _set_filter(self, text: str) -> None:
        self._filter = text
        self._show_chip()

    def _show_chip(self) -> None:
        self.chip = " ".join(filter(None, ("with reads" if self._shows_reads else "", self._filter)))
        self._draw()


def _holds(step: AuditStep, needle: list[str]) -> bool:
    text = search_text(step)
    return all(word in text for word in needle)


PANEL = PanelEntry(8, "Audit", AuditPanel)

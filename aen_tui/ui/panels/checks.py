"""View 4, Checks: preflight as a matrix, checks down and nodes across, the worst first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from aen_tui.checks.preflight import requirements
from aen_tui.model.facts import ClusterState, Finding, LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import explained_findings
from aen_tui.runtime.check_matrix import Matrix, Row, matrix_of
from aen_tui.ui.panels import Panel, PanelEntry
from aen_tui.ui.presentation.check_rows import (
    OLD_SECONDS,
    check_row,
    heading,
    legend,
    row_details,
    state_line,
    unjudged_line,
)
from aen_tui.ui.presentation.fields import Field
from aen_tui.ui.presentation.rows import last_seen
from aen_tui.ui.widgets.palette import glyphs_of
from aen_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from aen_tui.model.logs import LogKey
    from aen_tui.ui.backend import Backend

_LEGEND_LINES = 3
_AT_A_TIME = 8
"""Nodes judged between two looks at keys: about 5 ms."""


class ChecksPanel(Panel):
    """Facts are gathered when the view is opened, for nodes that come up while it is open, and on request."""

    DEFAULT_CSS = """
    ChecksPanel { layout: vertical; }
    ChecksPanel #state, ChecksPanel #head { height: 1; }
    ChecksPanel #legend { height: auto; max-height: 3; }
    ChecksPanel #checks { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,f5", "gather", "ask again", id="checks.gather", tooltip="Gather the facts of all nodes anew"),
        Binding(
            "x", "problems", "problems", id="checks.problems", tooltip="Only checks that found something, and back"
        ),
    ]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._state_row = Rows(id="state", empty="", shows_cursor=False)
        self._legend = Rows(id="legend", empty="", shows_cursor=False)
        self._head = Rows(id="head", empty="", shows_cursor=False)
        for part in (self._state_row, self._legend, self._head):
            part.can_focus = False
        self._table = Rows(id="checks", empty="")
        self._state: ClusterState | None = None
        self._aimed: tuple[NodeName, ...] = ()
        self._asked: set[NodeName] = set()
        self._seen: dict[NodeName, tuple[Finding, ...]] = {}
        self._matrix: Matrix | None = None
        """None until nodes were judged for the first time: that nothing was found would not be true."""
        self._rows: tuple[Row, ...] = ()
        self._only_problems = False
        self._is_judging = False

    def compose(self) -> ComposeResult:
        """What was found, what the letters mean, titles, checks."""
        yield self._state_row
        yield self._legend
        yield self._head
        yield self._table

    def on_mount(self) -> None:
        """Keys go to the table."""
        self._table.focus()

    def on_resize(self) -> None:
        """Columns come and go with the width."""
        self._draw()

    def reveal(self) -> None:
        """Ask what was never asked, or is old."""
        now = self.backend.clock.monotonic()
        for name, facts in self.backend.checkup.facts.items():
            if facts.seen_at is None or now - facts.seen_at > OLD_SECONDS:
                self._asked.discard(name)

    def aim(self, nodes: Sequence[NodeName], keys: Sequence[LogKey] = ()) -> None:
        """Only these nodes; all where there are none."""
        self._aimed = tuple(nodes)
        self._tell()
        self._judge()

    def take(self, state: ClusterState) -> None:
        """A new snapshot: what is up and was never asked is asked; findings follow once a second."""
        first, self._state = self._state is None, state
        self._ask_new()
        if first:
            self._judge()

    def tick(self) -> None:
        """A second has passed."""
        self._ask_new()
        self._judge()

    def _ask_new(self) -> None:
        if self._state is None:
            return
        up = [name for name, node in self._state.nodes.items() if node.connection.state is LinkState.UP]
        new = [name for name in up if name not in self._asked]
        if new:
            self._asked |= set(new)
            self.backend.checkup.refresh(new)

    def _judge(self) -> None:
        """Findings of every node, unless that is under way."""
        self._draw()
        if not self._is_judging:
            self._is_judging = True
            self.run_worker(self._judge_all(), name="checks", group="checks")

    async def _judge_all(self) -> None:
        """A few nodes at a time, so that keys are never waited for; a new matrix where one has other findings."""
        try:
            state = self._state
            if state is None:
                return
            await asyncio.to_thread(requirements)  # their files are read when first asked for
            found: dict[NodeName, tuple[Finding, ...]] = {}
            for number, name in enumerate(self._aimed or tuple(state.nodes), 1):
                found[name] = self.backend.checkup.findings(state.nodes[name], state)
                if number % _AT_A_TIME == 0:
                    await asyncio.sleep(0)
            is_other = found.keys() != self._seen.keys() or any(self._seen[name] is not found[name] for name in found)
            if self._matrix is None or is_other:
                matrix = await asyncio.to_thread(_matrix, state, found)
                self._seen, self._matrix = found, matrix
            self._draw()
        finally:
            self._is_judging = False

    def _draw(self) -> None:
        if not self.size.width or self._state is None:
            return
        width, glyphs, matrix = self.size.width - 2, glyphs_of(self), self._matrix
        busy = len(self.backend.checkup.busy)
        if matrix is None:
            self._state_row.show([unjudged_line(busy)])
            return
        self._table.empty = "nothing was found"
        here = self._rows[self._table.cursor].check if self._table.cursor < len(self._rows) else None
        self._rows = tuple(row for row in matrix.rows if not self._only_problems or row.severity is not Severity.OK)
        live = [self._state.nodes[name].connection.state is LinkState.UP for name in self._seen]
        self._state_row.show([state_line(matrix, live, list(self._ages().values()), busy, width, glyphs)])
        self._legend.show(legend(matrix, width, _LEGEND_LINES, glyphs))
        self._head.show([heading(matrix, width)])
        self._table.show([check_row(row, matrix, width, glyphs) for row in self._rows])
        if here is not None and self._table.cursor:  # what is read stays under the cursor when others come before it
            same = (index for index, row in enumerate(self._rows) if row.check == here)
            self._table.cursor = next(same, self._table.cursor)

    def _ages(self) -> dict[str, float | None]:
        """Seconds since the oldest part of each node's facts was seen."""
        now, facts = self.backend.clock.monotonic(), self.backend.checkup.facts
        found: dict[str, float | None] = {}
        for name in self._seen:
            seen_at = facts[name].seen_at if name in facts else None
            found[name] = None if seen_at is None else now - seen_at
        return found

    def _heard(self) -> dict[str, float | None]:
        """Seconds since each node's probe said anything."""
        if self._state is None:
            return {}
        now = self.backend.clock.monotonic()
        seen = {name: last_seen(self._state.nodes[name]) for name in self._seen}
        return {name: None if at is None else now - at for name, at in seen.items()}

    @on(Rows.Chosen, "#checks")
    def _chosen(self, event: Rows.Chosen) -> None:
        from aen_tui.ui.screens.check_finding import CheckFindingScreen

        event.stop()
        if event.index < len(self._rows):
            check = self._rows[event.index].check
            self.app.push_screen(CheckFindingScreen(self._details(check), lambda: self._details(check)))

    def _details(self, check: str) -> list[Field]:
        """What the check says at the moment."""
        rows = self._matrix.rows if self._matrix is not None else ()
        row = next((row for row in rows if row.check == check), None)
        if row is None:
            return [Field("check", ((check, "text!"),)), Field("found", (("it concerns no node any more", "muted"),))]
        return row_details(row, self._ages(), self._heard(), glyphs_of(self))

    def action_gather(self) -> None:
        """All that are shown, now."""
        if self._state is not None:
            self.backend.checkup.refresh(self._aimed or tuple(self._state.nodes))
            self._judge()

    def action_problems(self) -> None:
        """Only what is not well, and back."""
        self._only_problems = not self._only_problems
        self._tell()
        self._draw()

    def _tell(self) -> None:
        words = ["problems"] if self._only_problems else []
        words += [f"{len(self._aimed)} nodes" if len(self._aimed) > 1 else str(self._aimed[0])] if self._aimed else []
        self.chip = " ".join(words)


def _matrix(state: ClusterState, found: Mapping[NodeName, Sequence[Finding]]) -> Matrix:
    uncounted = {name for name in found if state.nodes[name].is_uncounted}
    return matrix_of(explained_findings(state, found), uncounted)


PANEL = PanelEntry(4, "Checks", ChecksPanel)

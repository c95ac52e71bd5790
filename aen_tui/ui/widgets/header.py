"""The first line of every view: installation, nodes up, worst severity, what may be changed, the clock."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.jobs import JobPhase
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
_TITLE_AT_LEAST = 3
"""Of what is on screen where its name is cut."""
_JOBS_DIGIT = 7
_ROOMY = 100
"""Cells from which on the worst severity's nodes are counted."""


class Header(Widget):
    """One line. At every width from 60 the words are whole; the installation's name gives way first."""

    DEFAULT_CSS = """
    Header { height: 1; dock: top; }
    """

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
        self._worst_nodes = 0
        """How many are as bad as the worst, those not counted whose troubles follow from another node's."""
        self._second: object = None
        """What the line says beside the facts; another once it must be drawn."""

    def take(self, state: ClusterState) -> None:
        """A new snapshot; draws only if one of the header's words changes."""
        worst = [node for node in state.nodes.values() if node.severity is state.severity]
        facts = (state.up_count, len(state.nodes), state.severity, sum(not node.explained_by for node in worst))
        if facts != (self._up, self._all, self._severity, self._worst_nodes):
            self._up, self._all, self._severity, self._worst_nodes = facts
            self.refresh()

    def tick(self) -> None:
        """A second has passed: the clock, what may be changed, the audit, who else is at work."""
        if (second := self._look()) != self._second:
            self._second = second
            self.refresh()

    def _look(self) -> object:
        guard = self._backend.guard
        clock = clock_text(self._backend.clock.wall())
        return clock, guard.armed_until, guard.is_locked, guard.audit_health, guard.holders, self._own_jobs()

    def notify_style_update(self) -> None:
        """The theme may be another."""
        self._palette = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """The line."""
        self._palette = palette = self._palette or Palette.of(self)
        width = self.size.width
        facts = self._facts(palette)
        right, name_least = self._right(palette, width - spans_width(facts) - 1)
        spare = width - spans_width(right) - spans_width(facts) - 1
        name = self._installation(max(name_least, spare))
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
        if self._severity > Severity.UNKNOWN and self._worst_nodes > 1 and self.size.width >= _ROOMY:
            word += f" on {self._worst_nodes}"
        return [
            (f"{self._up}/{self._all} up", f"{role}!"),
            (" " * _GAP, "text"),
            (f"{sign.glyph} {word}", f"{sign.role}!"),
            (" " * _GAP, "text"),
        ]

    def _right(self, palette: Palette, room: int) -> tuple[list[Span], int]:
        """Audit, lock and clock, as wide as there is room, and the least cells for the name.

        The words are whole at every width: gaps give way first, then the clock's seconds, then the name.
        """
        words = [*self._audit(palette), *self._lock()]
        clock = clock_text(self._backend.clock.wall())
        bare = _GAP + (len("DEMO ") if self._backend.inventory.is_demo else 0)
        least = _NAME_AT_LEAST + bare
        right: list[Span] = []
        for gap, shown, name in ((_GAP, clock, least), (1, clock, least), (1, clock[:5], least), (1, clock[:5], bare)):
            right = [part for word in words for part in (word, (" " * gap, "text"))]
            right.append((shown + " ", "muted"))
            if spans_width(right) + name <= room:
                return right, name
        return right, bare

    def _audit(self, palette: Palette) -> list[Span]:
        """Only where nothing can be recorded, or in syslog alone."""
        health = self._backend.guard.audit_health
        if health.is_well:
            return []
        return [(f"{palette.glyphs.critical} AUDIT", "critical!")]

    def _lock(self) -> list[Span]:
        guard = self._backend.guard
        if guard.read_only:
            return [("READ-ONLY", "chip!")]
        if guard.armed_until is not None:
            left = guard.armed_until - self._backend.clock.monotonic()
            return [(f"ARMED {countdown_text(left)}", "warning!")]
        return [("LOCKED", "muted!")] if guard.is_locked else []

    def _title(self) -> str:
        found = self.title or next((title for digit, title in self.views if digit == self.active), "")
        return visible_line(found)

    def _own_jobs(self) -> str:
        """Rolling jobs of this run that are on their way, where their view is not on screen: `7 restart 3/6`."""
        states = self._backend.jobs.states() if self.active != _JOBS_DIGIT or self.title else ()
        busy = [state for state in states if state.is_rolling and not state.has_ended]
        words = (f"{_JOBS_DIGIT} {state.action} {'/'.join(map(str, state.progress))}" for state in busy)
        paused = " paused" if any(state.phase is JobPhase.PAUSED for state in busy) else ""
        return ", ".join(words) + paused

    def _others(self) -> str:
        """What other operators do here, as far as leases say."""
        others = [one for one in self._backend.guard.holders if one.is_group and one.pid != os.getpid()]
        placed = {one.plan_id for one in others if not one.is_front}
        groups = [one for one in others if not one.is_front or one.plan_id not in placed]
        return "; ".join(visible_line(f"{one.user}: {one.what or 'at work'} on {one.group}", 60) for one in groups)

    def _middle(self, room: int) -> list[Span]:
        told = "; ".join(filter(None, (self._own_jobs(), self._others())))
        if told and len(told) <= room - _GAP:
            title = self._title()
            is_roomy = len(title) + len(told) <= room - 2 * _GAP
            return [(f"{title}  " if is_roomy and title else "", "text!"), (told, "warning!")]
        tabs: list[Span] = []
        for digit, title in self.views:
            here = digit == self.active
            tabs += [(" ", "text"), (f" {digit} ", "accent!" if here else "faint")]
            tabs.append((f"{title} ", "text!" if here else "muted"))
        if tabs and spans_width(tabs) <= room - _GAP:
            return tabs
        title = self._title()
        if len(title) > room - _GAP:
            assert self._palette is not None
            left = room - _GAP - 1
            title = title[:left] + self._palette.glyphs.ellipsis if left >= _TITLE_AT_LEAST else ""
        return [(title, "text!")] if title else []

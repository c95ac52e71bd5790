"""Everything that decides which events are shown: what was typed, problems only, a least severity, some nodes."""

from __future__ import annotations

from dataclasses import dataclass, field

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.state.event_row import EventRow
from aen_tui.ui.presentation.event_filter import EventFilter

_NEXT_LEVEL = {Severity.OK: Severity.WARNING, Severity.WARNING: Severity.CRITICAL, Severity.CRITICAL: Severity.OK}


@dataclass
class EventSieve:
    """What somebody wants to see of the events."""

    filters: list[EventFilter] = field(default_factory=list)
    """All of them, the one that is typed last."""
    only_problems: bool = False
    least: Severity = Severity.OK
    aimed: tuple[NodeName, ...] = ()
    """Only events of these nodes; all where there are none."""

    def __call__(self, row: EventRow) -> bool:
        """Whether a row is shown."""
        if self.only_problems and not row.is_problem:
            return False
        if row.event.severity < self.least or (self.least > Severity.OK and row.event.is_planned):
            return False
        if self.aimed and row.nodes and not any(name in row.nodes for name in self.aimed):
            return False
        return all(wanted(row) for wanted in self.filters)

    @property
    def looks(self) -> tuple[object, ...]:
        """Equal where the same rows are shown."""
        return tuple(self.filters), self.only_problems, self.least, self.aimed

    @property
    def chip(self) -> str:
        """What it leaves out, in words."""
        words = [one.text for one in self.filters if one.text]
        words += ["problems"] if self.only_problems else []
        words += [f"{self.least.word} or worse"] if self.least > Severity.OK else []
        words += [f"{len(self.aimed)} nodes" if len(self.aimed) > 1 else self.aimed[0]] if self.aimed else []
        return " & ".join(words)

    def next_level(self) -> None:
        """All events, warnings and worse, critical ones."""
        self.least = _NEXT_LEVEL[self.least]

    def drop(self) -> bool:
        """Take away the last thing that was asked for; whether there was any."""
        if self.filters:
            del self.filters[-1:]
        elif self.only_problems or self.least > Severity.OK:
            self.only_problems, self.least = False, Severity.OK
        elif self.aimed:
            self.aimed = ()
        else:
            return False
        return True

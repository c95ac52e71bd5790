"""One thing that happened. Log lines are not events."""

from __future__ import annotations

from dataclasses import dataclass

from aen_tui.model.causes import Trouble
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity


@dataclass(frozen=True, slots=True)
class Mark:
    """What an event leaves in the node's charts: a restart, or a boot of the whole machine."""

    at_monotonic: float
    """When it happened."""
    service: str | None = None
    """Of a restart; None for a boot."""
    pid_before: int | None = None
    """None where it was down before."""
    pid_after: int | None = None
    by: str | None = None
    """Who, where it was done by this program; None: somebody else, or nobody."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened."""

    at_wall: float
    """Epoch seconds of the jump host."""
    node: NodeName | None
    """None where it concerns the whole installation, or this program."""
    kind: str
    """A short word that groups events of one sort: `link`, `service`, `http`, `finding`, `silence`, `restart` …"""
    severity: Severity
    text: str
    """One line for people, the node in it; safe to show."""
    log: LogKey | None = None
    """The log it was seen in."""
    mark: Mark | None = None
    """Where it is one that charts show."""
    source: str = ""
    """What had it, and what it came to: the same again is the same row. Empty: the text says it."""
    about: str = ""
    """What of the node it is about, without what it came to: the next about the same ends this. Empty: nothing does."""
    trouble: Trouble | None = None
    """What is not well, as causes name it."""
    short: str = ""
    """The text without node and particulars, for a row of several nodes; empty: the text."""
    detail: str = ""
    """The particulars that `short` lacks."""
    check: str | None = None
    """The id of the check whose finding it is."""
    metric: str | None = None
    """The series that shows it."""
    is_cause: bool = False
    """Whether the others of its row follow from this one."""
    is_planned: bool = False
    """Whether it fell into a maintenance: told, and counted nowhere."""

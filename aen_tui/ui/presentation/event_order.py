"""Which row of events stands where: by time, and what follows from another right under it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aen_tui.state.event_row import EventRow
from aen_tui.state.timeline import Timeline

NEAR_SECONDS = 120.0
"""What comes so long after its cause stands at its own time; else nobody who reads the end would see it."""


def in_order(timeline: Timeline) -> list[int]:
    """The numbers of all rows, the one that grew last at the end."""
    rows = sorted(timeline, key=lambda row: (row.last, row.number))
    return _grouped(rows, timeline)


def with_new(order: Sequence[int], timeline: Timeline) -> list[int]:
    """The rows in an order that somebody reads, new ones after them or under what they follow from."""
    known = {number: place for place, number in enumerate(order)}
    rows = sorted(timeline, key=lambda row: (known.get(row.number, len(known)), row.last, row.number))
    return _grouped(rows, timeline)


def _grouped(rows: Iterable[EventRow], timeline: Timeline) -> list[int]:
    heads: list[int] = []
    under: dict[int, list[int]] = {}
    for row in rows:
        above = head_of(row, timeline)
        if above is row:
            heads.append(row.number)
        else:
            under.setdefault(above.number, []).append(row.number)
    return [number for head in heads for number in (head, *under.get(head, ()))]


def head_of(row: EventRow, timeline: Timeline) -> EventRow:
    """The row that another stands under; itself where it stands at its own time."""
    head, seen = row, {row.number}
    while (above := timeline.above(head)) is not None and above.number not in seen:
        if abs(row.last - above.last) > NEAR_SECONDS:
            break
        seen.add(above.number)
        head = above
    return head


@dataclass(frozen=True, slots=True)
class Under:
    """How a row is shown that follows from another."""

    words: str
    """What it follows from; empty where it stands right under it."""
    is_quiet: bool
    """Whether that is as bad: what is worse than its cause is counted, and as loud as any other."""


def followers(shown: Sequence[EventRow], timeline: Timeline) -> dict[int, Under]:
    """The rows that follow from others, by number.

    Args:
        shown: the rows as they are shown.
        timeline: where they are from.
    """
    found: dict[int, Under] = {}
    last: EventRow | None = None
    for row in shown:
        head = head_of(row, timeline)
        if head is row:
            last = row
        if (above := timeline.above(row)) is not None:
            words = "" if head is last and head is not row else above.event.short or above.event.text
            found[row.number] = Under(words, timeline.is_told_above(row))
    return found

"""What went bad in a maintenance and still is when that has ended: it is told then, as what nobody planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aen_tui.checks.roots import troubles
from aen_tui.model.causes import Part, Trouble
from aen_tui.model.facts import ClusterState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.runtime.noticing.following import place_of
from aen_tui.state.event import Event
from aen_tui.state.event_row import EventRow
from aen_tui.state.timeline import Timeline


def overdue(timeline: Timeline, state: ClusterState, wall: float) -> list[Event]:
    """Events of what is still as a planned row says, and planned no more.

    Args:
        timeline: the rows.
        state: what is under maintenance, and what is not well.
        wall: now, epoch seconds.
    """
    return [
        replace(told_after(row.event, node, wall), trouble=trouble)
        for row in timeline
        if row.event.is_planned and row.event.severity > Severity.OK
        for node, trouble in _still(row, state)
    ]


def _still(row: EventRow, state: ClusterState) -> Iterator[tuple[NodeName, Trouble]]:
    for name, trouble in row.troubles.items():
        node = state.nodes.get(name)
        if node is None or name in row.over or _is_covered(node, trouble):
            continue
        if any(place_of(one) == place_of(trouble) for one in troubles(node)):
            yield name, trouble


def _is_covered(node: NodeState, trouble: Trouble) -> bool:
    planned = node.planned
    if planned is None or planned.is_whole:
        return planned is not None
    if trouble.part is Part.SERVICE:
        return planned.covers(trouble.name, trouble.words or None)
    return trouble.part is Part.HTTP and planned.covers_answer(trouble.name)


def told_after(event: Event, node: NodeName, wall: float) -> Event:
    """A planned event as one that nobody planned, of a node of its row."""
    detail = "still so after the maintenance"
    return replace(
        event,
        at_wall=wall,
        node=node,
        text=f"{event.short} on {visible_line(node, 100)}: {detail}",
        detail=detail,
        log=event.log if event.node == node else None,
        is_cause=event.is_cause and event.node == node,
        is_planned=False,
    )

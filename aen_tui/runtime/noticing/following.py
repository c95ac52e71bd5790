"""Rows of events put under the row of what they follow from, as `state.causes` explains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from aen_tui.model.causes import Cause, Explained, Part, Trouble, by_trouble
from aen_tui.model.facts import ClusterState
from aen_tui.model.node import NodeName
from aen_tui.state.event_row import EventRow
from aen_tui.state.timeline import Timeline

YOUNG_SECONDS = 60.0
"""So long after a row grew its cause may still be found: what follows is often seen before its cause is."""
_STATE = "program-state"
"""The check whose findings tell what events tell as states of services."""

Place = tuple[str, ...]


class Following:
    """Looks at the young rows once a second."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._explained: dict[int, int] = {}
        """Rows that were put under another -> how they were then."""

    def look(self, state: ClusterState, wall: float) -> None:
        """Put what follows under its cause; what came again without one stands for itself.

        Args:
            state: what explains what.
            wall: now, epoch seconds.
        """
        young = list(self._young(wall))
        if not young:
            return
        known = _by_place(by_trouble(state.causes))
        roots = self._roots({cause.root.node for cause in known.values()}) if known else {}
        for row in young:
            above = _above(row, known, roots)
            if above is not None and above is not row:
                self._timeline.put_under(row, above)
                self._explained[row.number] = row.changed
            elif row.under is not None and self._explained.get(row.number) != row.changed:
                self._timeline.put_under(row, None)
        if len(self._explained) > 2 * len(self._timeline):
            self._explained = {n: at for n, at in self._explained.items() if self._timeline.row(n) is not None}

    def _young(self, wall: float) -> Iterator[EventRow]:
        for row in self._timeline:  # in the order in which they came, which is not that of their times
            if row.troubles and wall - row.last <= YOUNG_SECONDS:
                yield row

    def _roots(self, nodes: Set[NodeName]) -> dict[Place, EventRow]:
        """Rows that tell of what is still not well on some nodes, by its place; of a service's by its name too."""
        found: dict[Place, EventRow] = {}
        for row in self._timeline.newest():
            for node in (row.troubles.keys() & nodes) - row.over:
                place = place_of(row.troubles[node])
                found.setdefault(place, row)
                if row.troubles[node].part is Part.SERVICE:
                    found.setdefault(place[:-1], row)
        return found


def _by_place(known: Explained) -> Mapping[Place, Cause]:
    """Causes by what they explain; where a check found several things, only what has one cause for all of them."""
    found: dict[Place, Cause] = {}
    several: set[Place] = set()
    for trouble, cause in known.items():
        if found.setdefault(place_of(trouble), cause) is not cause:
            several.add(place_of(trouble))
    return {place: cause for place, cause in found.items() if place not in several}


def _above(row: EventRow, known: Mapping[Place, Cause], roots: Mapping[Place, EventRow]) -> EventRow | None:
    """The one row that all of a row follows from."""
    found: EventRow | None = None
    for trouble in row.troubles.values():
        cause = known.get(place_of(trouble))
        if cause is None:
            return None
        above = roots.get(place_of(cause.root)) or roots.get(_service_of(cause.root))
        if above is None or (found is not None and above is not found):
            return None
        found = above
    return found


def place_of(trouble: Trouble) -> Place:
    """What a trouble is, whatever its words are at the moment; a service's are its supervisord."""
    return (trouble.node, trouble.part, trouble.name, trouble.words if trouble.part is Part.SERVICE else "")


def _service_of(root: Trouble) -> Place:
    """The place, whatever its supervisord, of a service whose state is told as a finding: `mongod is STOPPED …`."""
    if root.part is not Part.FINDING or root.name != _STATE:
        return ()
    return (root.node, Part.SERVICE, root.words.partition(" is ")[0])

"""Events from what changed between two looks at the state: connections, services, answers, findings, new messages.

One look a second. The first look at a node tells whether it is connected; the rest of it is what later ones are
compared with. A node that is not up is compared in its connection only, because nothing else of it is known.
Restarts and boots are told by `runtime.markers`, silence by `runtime.fleet_folding`; folding of what flaps is
`state.timeline`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.runtime.noticing.answers import AnswersSeen
from aen_tui.runtime.noticing.findings import FindingsSeen
from aen_tui.runtime.noticing.following import Following
from aen_tui.runtime.noticing.kills import KillsSeen
from aen_tui.runtime.noticing.links import LinkSeen
from aen_tui.runtime.noticing.messages import MessagesSeen
from aen_tui.runtime.noticing.overdue import overdue
from aen_tui.runtime.noticing.services import ServicesSeen
from aen_tui.state.events import Event, Events
from aen_tui.state.folding import Folding


class _NodeSeen:
    """What was seen of one node."""

    __slots__ = ("answers", "findings", "kills", "link", "node", "services")

    def __init__(self) -> None:
        self.node: NodeState | None = None
        self.link = LinkSeen()
        self.services = ServicesSeen()
        self.answers = AnswersSeen()
        self.findings = FindingsSeen()
        self.kills = KillsSeen()


class Noticing:
    """Compares each look with the one before.

    Args:
        events: takes what happened.
        clock: now.
        folding: messages of the logs; None: new ones are not told.
    """

    def __init__(self, events: Events, clock: Clock, folding: Folding | None = None) -> None:
        self._events = events
        self._clock = clock
        self._seen: dict[NodeName, _NodeSeen] = {}
        self._messages = MessagesSeen(folding) if folding is not None else None
        self._following = Following(events.timeline)

    @property
    def known(self) -> frozenset[NodeName]:
        """Nodes that were seen whole, so that whatever changes there is told."""
        return frozenset(name for name, seen in self._seen.items() if seen.services.is_known)

    def look(self, state: ClusterState) -> None:
        """Notice what is other than at the last look."""
        wall = self._clock.wall()
        carriers = {node.connection.via for node in state.nodes.values()}
        away = frozenset(name for name, node in state.nodes.items() if node.connection.state is not LinkState.UP)
        for name, node in state.nodes.items():
            seen = self._seen.setdefault(name, _NodeSeen())
            if node is seen.node:
                continue
            seen.node = node
            for event in self._changes(seen, node, wall, away, is_carrier=name in carriers):
                self._events.add(event)
        if self._messages is not None:
            for event in self._messages.changes(wall, state.nodes):
                self._events.add(event)
        for event in overdue(self._events.timeline, state, wall):
            self._events.add(event)
        self._following.look(state, wall)

    def _changes(
        self, seen: _NodeSeen, node: NodeState, wall: float, away: frozenset[NodeName], *, is_carrier: bool
    ) -> Iterator[Event]:
        yield from seen.link.changes(node, wall, is_carrier=is_carrier)
        yield from seen.answers.changes(node, wall, away)
        if node.connection.state is LinkState.UP and node.complete:
            yield from seen.services.changes(node, wall)
            yield from seen.kills.changes(node, wall)
            yield from seen.findings.changes(node, wall)

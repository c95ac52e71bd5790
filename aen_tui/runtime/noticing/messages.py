"""Error messages that this installation has never said before, once each. Marks only: nobody is woken by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aen_tui.model.facts import NodeState
from aen_tui.model.logs import Level
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.model.templates import message_of
from aen_tui.model.text import visible_line
from aen_tui.state.event import Event
from aen_tui.state.folding import Fold, Folding

KIND = "new-message"
_TOLD = 2000
"""Templates remembered as told; as many as there are rows to be told of."""


class MessagesSeen:
    """Which new messages were told."""

    def __init__(self, folding: Folding) -> None:
        self._folding = folding
        self._revision = -1
        self._told: dict[bytes, None] = {}

    def changes(self, wall: float, nodes: Mapping[NodeName, NodeState]) -> Iterator[Event]:
        """The new ones since the last look, of level error or worse.

        Args:
            wall: now, epoch seconds.
            nodes: for what is planned.
        """
        if self._folding.revision == self._revision:
            return
        self._revision = self._folding.revision
        for fold in self._folding.rows:
            if fold.level < Level.ERROR or fold.template in self._told or not fold.is_new(wall):
                continue
            self._told[fold.template] = None
            while len(self._told) > _TOLD:
                del self._told[next(iter(self._told))]
            for node in sorted(fold.nodes):
                known = nodes.get(node)
                yield _event(fold, node, is_planned=known is not None and known.planned is not None)


def _event(fold: Fold, node: NodeName, *, is_planned: bool) -> Event:
    said = " ".join(visible_line(message_of(fold.sample, fold.said), 300).split())
    key = next((source for source in fold.sources if source.node == node), fold.begin[0])
    return Event(
        at_wall=fold.first,
        node=node,
        kind=KIND,
        severity=Severity.WARNING,
        text=f"never said before on {visible_line(node, 100)}: {said}",
        log=key,
        source=fold.template.hex(),
        short=f"never said before: {said}",
        is_planned=is_planned,
    )

"""Processes that were killed for want of memory, an event each, beyond the one that the finding's coming is.

The finding says that there were any within the hour; what was killed before the first look is told by that alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from aen_tui.checks import kernel_oom
from aen_tui.model.facts import LogPath, NodeState
from aen_tui.model.logs import LogKey
from aen_tui.model.severity import Severity
from aen_tui.model.text import visible_line
from aen_tui.model.trends import Kill
from aen_tui.runtime.noticing.findings import KIND
from aen_tui.state.event import Event

_KNOWN = 1000
"""Kills that are remembered; a node shows no more than 200 at once."""


class KillsSeen:
    """Which kills of one node were seen."""

    __slots__ = ("_began", "_known", "_were_any")

    def __init__(self) -> None:
        self._began: float | None = None
        """When it was looked at first, epoch seconds."""
        self._known: dict[str, None] = {}
        self._were_any = False

    def changes(self, node: NodeState, wall: float) -> Iterator[Event]:
        """Those since the first look that no look has seen yet, but for one that the finding tells as it comes."""
        kills = next((sign.kills for sign in node.signs if sign.kills), ())
        new = [kill for kill in kills if kill.text not in self._known]
        self._known |= dict.fromkeys(kill.text for kill in new)
        while len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]
        were_any, self._were_any = self._were_any, bool(kills)
        if self._began is None:
            self._began = wall
            return
        for kill in new:
            is_the_finding_s = not were_any and kill is kills[-1]
            if kill.at >= self._began and not is_the_finding_s:
                yield _event(node, kill)


def _event(node: NodeState, kill: Kill) -> Event:
    detail = visible_line(kernel_oom.words(kill.subject, kill.text), 300)
    return Event(
        at_wall=kill.at,
        node=node.name,
        kind=KIND,
        severity=Severity.CRITICAL,
        text=f"{kernel_oom.ID} on {visible_line(node.name, 100)}: {detail}",
        log=LogKey(node.name, LogPath(kill.source)) if kill.source.startswith("/") else None,
        source=f"{kernel_oom.ID}:{kill.subject.rpartition('pid ')[0]}",
        short=kernel_oom.ID,
        detail=detail,
        check=kernel_oom.ID,
        is_planned=node.is_uncounted,
    )

"""Which rows of events are told outside the screen, and when. Pure but for what it remembers.

Three seconds after a row began it is told, with all nodes that it has by then; nodes that join it later are told
half a minute after that at the soonest, so that ten programs that fail one after the other are some notices, and
none of them is missing. The same again on the same node is told again after a pause, which doubles each time from one
minute to an hour and begins anew after an hour without it: what is still so when the pause is over is told then, what
went away meanwhile is not. What follows from a row that was told is not told, unless it is worse.

At most so many a minute, where less severe notices take no room from worse ones. What has no room is held back, and
told as one summary as soon as there is some.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.notices import Notice, notice_of, summary_of
from aen_tui.state.event import Event
from aen_tui.state.event_row import EventRow, RowKey
from aen_tui.state.timeline import Timeline

SETTLE_SECONDS = 3.0
"""So long a row may grow before it is told."""
MORE_SECONDS = 30.0
"""So long it may grow after it was told."""
FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3600.0
CALM_SECONDS = 3600.0
"""After so long without it the same is news again."""
MINUTE_SECONDS = 60.0
HELD = 200
"""Notices of one severity that are held back as they are; more are summed up at once."""


@dataclass(slots=True)
class _Told:
    """What was told of one sort of event on one node."""

    number: int
    """Of the last event that was told, or went away untold."""
    noticed: int
    """Of the last event that came."""
    at: float
    """When it was told last, monotonic seconds."""
    pause: float
    seen: float
    """When it came last."""


class Telling:
    """Looks at the rows once a second.

    Args:
        timeline: the rows.
        is_wanted: whether anybody is to be told of events like this one.
        most_per_minute: notices of one severity or worse.
    """

    def __init__(self, timeline: Timeline, is_wanted: Callable[[Event], bool], most_per_minute: int) -> None:
        self._timeline = timeline
        self._is_wanted = is_wanted
        self._most = most_per_minute
        self._revision = 0
        self._waiting: dict[int, float] = {}
        """Rows with something untold -> since when, monotonic seconds."""
        self._rows_told: dict[int, float] = {}
        """Rows -> when they were told last."""
        self._told: dict[tuple[RowKey, NodeName | None], _Told] = {}
        self._minute: deque[tuple[float, Severity]] = deque()
        """What was told within the last minute."""
        self._held: dict[Severity, list[Notice]] = {}
        self._tidied = 0.0

    def look(self, now: float) -> list[Notice]:
        """What is to be told, the worst first.

        Args:
            now: monotonic seconds.
        """
        while self._minute and now - self._minute[0][0] >= MINUTE_SECONDS:
            self._minute.popleft()
        self._notice_growth(now)
        found = [notice for number in list(self._waiting) if (notice := self._due(number, now)) is not None]
        for notice in found:
            held = self._held.setdefault(notice.severity, [])
            held.append(notice)
            if len(held) > HELD:
                held[:2] = [summary_of(held[:2])]
        self._tidy(now)
        return [notice for severity in sorted(self._held, reverse=True) for notice in self._released(severity, now)]

    def _notice_growth(self, now: float) -> None:
        grown: list[EventRow] = []
        for row in self._timeline.newest():
            if row.changed <= self._revision:
                break
            grown.append(row)
        for row in reversed(grown):
            self._revision = row.changed
            if self._is_wanted(row.event):
                self._waiting.setdefault(row.number, now)

    # -- one row -------------------------------------------------------------------------------------

    def _due(self, number: int, now: float) -> Notice | None:
        """The notice of a row that waits, where it is time; what has nothing to wait for waits no longer."""
        row = self._timeline.row(number)
        if row is None or row.acknowledged:
            del self._waiting[number]
            return None
        if now - self._waiting[number] < SETTLE_SECONDS:
            return None
        new = [node for node, event in row.latest.items() if self._is_new(row, node, event, now)]
        if self._is_told_above(row):
            for node in new:
                self._mark(row, node, now)
            new = []
        if new and now - self._rows_told.get(number, -MORE_SECONDS) < MORE_SECONDS:
            return None
        ready = [node for node in new if self._is_due(row, node, now)]
        if len(ready) == len(new):
            del self._waiting[number]
        if not ready:
            return None
        for node in ready:
            self._mark(row, node, now)
        self._rows_told[number] = now
        return notice_of(row, [node for node in ready if node is not None])

    def _is_new(self, row: EventRow, node: NodeName | None, event: int, now: float) -> bool:
        """Whether something of a node is untold; what came and went while it paused is done with."""
        told = self._told.get((row.key, node))
        if told is None:
            return True
        if event > told.noticed:
            if now - told.seen >= CALM_SECONDS:
                del self._told[row.key, node]
                return True
            told.noticed, told.seen = event, now
        if event > told.number and node in row.over and now - told.at < told.pause:
            told.number = event
        return event > told.number

    def _is_due(self, row: EventRow, node: NodeName | None, now: float) -> bool:
        told = self._told.get((row.key, node))
        return told is None or now - told.at >= told.pause

    def _mark(self, row: EventRow, node: NodeName | None, now: float) -> None:
        told, number = self._told.get((row.key, node)), row.latest[node]
        pause = FIRST_PAUSE_SECONDS if told is None else min(LONGEST_PAUSE_SECONDS, 2 * told.pause)
        self._told[row.key, node] = _Told(number, number, now, pause, now if told is None else told.seen)

    def _is_told_above(self, row: EventRow) -> bool:
        """Whether what it follows from is told, or was read, and is as bad."""
        above = self._timeline.above(row)
        if above is None or not self._timeline.is_told_above(row):
            return False
        return above.acknowledged or self._is_wanted(above.event)

    # -- how much ------------------------------------------------------------------------------------

    def _released(self, severity: Severity, now: float) -> list[Notice]:
        """What there is room for: each for itself, what has none later as one."""
        held = [one for one in self._held.pop(severity) if not self._was_read(one)]
        room = self._most - sum(1 for _at, one in self._minute if one >= severity)
        if not held or room <= 0:
            if held:
                self._held[severity] = held
            return []
        first, rest = held[: room - 1], held[room - 1 :]
        told = [*first, summary_of(rest)] if rest else first
        self._minute.extend((now, severity) for _one in told)
        return told

    def _was_read(self, notice: Notice) -> bool:
        rows = [self._timeline.row(number) for number in notice.rows]
        return all(row is not None and row.acknowledged for row in rows)

    def _tidy(self, now: float) -> None:
        """Forget what is no news any more."""
        if now - self._tidied < MINUTE_SECONDS:
            return
        self._tidied = now
        self._told = {key: told for key, told in self._told.items() if now - told.seen < 2 * CALM_SECONDS}
        self._rows_told = {number: at for number, at in self._rows_told.items() if now - at < MORE_SECONDS}

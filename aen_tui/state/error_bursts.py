"""Logs that say far more errors than they do: when that began, and when it is over.

A burst begins where a log says 30 lines of level error or worse within a minute, and more than three times as many
as in the minutes of its last hour, the six noisiest of them left out: what comes every ten minutes is usual, what came
once is not. A log of which less than five minutes are known is not judged: nobody knows what is usual in it. A burst
is over when a minute has had less than half of that for five minutes on end, so that a log that stays
noisy is told once; ten times as many as it had in its first five minutes is another burst. Times are the lines' own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from math import ceil

from aen_tui.model.logs import Level, LogKey
from aen_tui.model.node import NodeName
from aen_tui.state.fold_scan import Found

LEAST_LINES = 30
"""In a minute."""
FACTOR = 3
WORSE_FACTOR = 10
QUIET_MINUTES = 0.9
"""The part of an hour's minutes that says what is usual."""
LEAST_MINUTES = 5
"""Whole ones, before the last minute, that must be known to say so."""
CALM_SECONDS = 300.0
SETTLE_SECONDS = 5.0
"""So long its lines are counted before it is told."""
LATE_SECONDS = 600.0
"""What was written longer ago when it came is history."""
_MINUTE = 60.0
_HOUR = 60


@dataclass(frozen=True, slots=True)
class Burst:
    """A log that began to say many errors, or says them no more."""

    key: LogKey
    first: float
    """When its first line was written, or when it was over; epoch seconds."""
    lines: int
    """In the minute until it was told."""
    usual: int
    """Lines in a minute."""
    is_over: bool = False


class _Log:
    """What one log said of errors within the last hour."""

    __slots__ = (
        "_counted", "_usual", "begun", "calm_since", "count", "first", "found_at", "least", "minutes", "now", "peak",
        "recent", "since", "usual",
    )  # fmt: skip

    def __init__(self, since: float) -> None:
        self.since = since
        """From when on it is known."""
        self.now = 0.0
        """When the newest line was written."""
        self.minutes: dict[int, int] = {}
        self.recent: deque[list[float]] = deque()
        """Of the last minute: second, its first line, how many."""
        self.count = 0
        """In the last minute."""
        self.found_at: float | None = None
        """When a burst was found that was not told yet."""
        self.first = self.begun = 0.0
        """When the burst's first line was written; when it was told."""
        self.usual = self.peak = 0
        self.least = 0
        """So many lines in a minute made it a burst; 0 where none goes on."""
        self.calm_since: float | None = None
        self._counted = (0, 0)
        """Up to which minute, and how many, `_usual` was counted over: a log that is always noisy asks at each line."""
        self._usual = 0

    def add(self, written: float) -> None:
        minute = int(written // _MINUTE)
        self.minutes[minute] = self.minutes.get(minute, 0) + 1
        if len(self.minutes) > 2 * _HOUR:
            self.minutes = {known: self.minutes[known] for known in sorted(self.minutes)[-_HOUR - 2 :]}
        self.since = min(self.since, written)
        if written > self.now:
            self.now = written
            self.pass_by(written)
        if written <= self.now - _MINUTE:
            return
        second = float(int(written))
        if self.recent and self.recent[-1][0] >= second:
            self.recent[-1][2] += 1
        else:
            self.recent.append([second, written, 1])
        self.count += 1

    def pass_by(self, now: float) -> None:
        while self.recent and self.recent[0][0] <= now - _MINUTE:
            self.count -= int(self.recent.popleft()[2])

    def found(self, wall: float, usual: int) -> None:
        self.found_at, self.usual, self.first, self.peak = wall, usual, self.recent[0][1], self.count

    def usual_lines(self) -> int | None:
        """Lines in a minute of the hour before the last minute, its noisiest ones left out; None where unknown."""
        last = int((self.now - _MINUTE) // _MINUTE)
        known = min(_HOUR, last - ceil(self.since / _MINUTE))
        if known < LEAST_MINUTES:
            return None
        if self._counted != (last, known):
            counts = sorted(self.minutes.get(minute, 0) for minute in range(last - known, last))
            self._counted, self._usual = (last, known), counts[ceil(QUIET_MINUTES * known) - 1]
        return self._usual


class ErrorBursts:
    """Counts errors by log."""

    def __init__(self) -> None:
        self._logs: dict[LogKey, _Log] = {}

    def add(self, found: Found, wall: float, since: float) -> None:
        """A line that is a warning or worse.

        Args:
            found: the line.
            wall: now, epoch seconds.
            since: from when on all lines of its log are known by their times, epoch seconds.
        """
        if found.level < Level.ERROR:
            return
        log = self._logs.get(found.key)
        if log is None:
            log = self._logs[found.key] = _Log(since)
        log.add(found.written)
        if log.found_at is not None or (log.least and wall - log.begun < CALM_SECONDS):
            log.peak = max(log.peak, log.count)
        elif found.written < wall - LATE_SECONDS:
            return
        elif log.least:
            if log.count >= WORSE_FACTOR * log.peak:
                log.found(wall, log.usual)
        elif log.count >= LEAST_LINES:
            usual = log.usual_lines()
            if usual is not None and log.count > FACTOR * usual:
                log.found(wall, usual)

    def look(self, wall: float, listens: Collection[NodeName]) -> list[Burst]:
        """Bursts that began or are over since the last look; once a second.

        Args:
            wall: now, epoch seconds.
            listens: nodes of which lines come; of another nobody knows whether it is over.
        """
        found: list[Burst] = []
        for key, log in self._logs.items():
            if log.found_at is not None:
                if wall - log.found_at >= SETTLE_SECONDS:
                    log.found_at, log.calm_since, log.begun = None, None, wall
                    log.least = max(LEAST_LINES, FACTOR * log.usual)
                    found.append(Burst(key, log.first, log.peak, log.usual))
            elif log.least and self._is_over(log, wall, is_heard=key.node in listens):
                found.append(Burst(key, wall, log.count, log.usual, is_over=True))
                log.least = 0
        return found

    def lasts(self, key: LogKey) -> bool:
        """Whether a burst that was told goes on, as of the last look: its last minute was not calm."""
        log = self._logs.get(key)
        return log is not None and log.least > 0 and log.calm_since is None

    @staticmethod
    def _is_over(log: _Log, wall: float, *, is_heard: bool) -> bool:
        log.pass_by(wall)
        if not is_heard or log.count >= log.least / 2:
            log.calm_since = None
            return False
        if log.calm_since is None:
            log.calm_since = wall
        return wall - log.calm_since >= CALM_SECONDS

"""Logs that used to speak and do not any more. How often a log speaks is learned, log by log.

What counts as usual is the gap that a moment taken at random lies in: the mean of all gaps, each
weighted by its length. A log that writes bursts and pauses for an hour is so known for its pauses,
one that writes every second for its seconds. The past fades by half in six hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aen_tui.model.logs import LogKey

FACTOR = 10.0
"""Silence is this many usual gaps long; nights and lunches are shorter than that for all but the busiest logs."""
LEAST_SILENCE_SECONDS = 300.0
LEAST_GAPS = 20
"""Fewer gaps say nothing of what is usual."""
LEAST_SECONDS = 600.0
"""Nor does a shorter time of watching."""
HALF_LIFE_SECONDS = 6 * 3600.0
LONGEST_LOOK_SECONDS = 10.0
"""Who has not looked for longer (suspended, or the machine slept) has not listened."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A log that is silent now."""

    key: LogKey
    since: float
    """Arrival of its last line, epoch seconds of the jump host."""
    usual_seconds: float
    """The gap between its lines that was usual."""
    noticed: float
    """When it was long enough to be told, epoch seconds."""


class Habit:
    """What is known of how often one log speaks. Monotonic seconds unless named otherwise."""

    __slots__ = ("_squares", "_sum", "gaps", "heard", "last", "last_wall", "limit", "silence", "watched")

    def __init__(self) -> None:
        self.last: float | None = None
        """Since when nothing was heard; None while nobody listens."""
        self.heard = False
        """Whether a line came at `last`: else the listening began there."""
        self.last_wall = 0.0
        self.gaps = 0
        self.watched = 0.0
        """Seconds that the gaps cover."""
        self.limit = float("inf")
        """So long a gap is silence."""
        self.silence: Silence | None = None
        self._sum = 0.0
        self._squares = 0.0

    @property
    def usual_seconds(self) -> float:
        """The gap that a moment taken at random lies in; 0 where there was none."""
        return self._squares / self._sum if self._sum else 0.0

    def speak(self, now: float, wall: float) -> None:
        """Lines came."""
        if self.last is not None and self.heard:
            self._learn(now - self.last)
        self.last, self.last_wall, self.heard = now, wall, True

    def _learn(self, gap: float) -> None:
        # An outage is no habit: what counted as silence counts as little more than it took to be one.
        gap = min(gap, 2 * self.limit)
        fading = 0.5 ** (gap / HALF_LIFE_SECONDS)
        self._sum = self._sum * fading + gap
        self._squares = self._squares * fading + gap * gap
        self.gaps += 1
        self.watched += gap
        if self.gaps >= LEAST_GAPS and self.watched >= LEAST_SECONDS:
            self.limit = max(FACTOR * self.usual_seconds, LEAST_SILENCE_SECONDS)


class Silences:
    """The habits of all logs, and who is silent. One look a second."""

    def __init__(self) -> None:
        self._habits: dict[LogKey, Habit] = {}
        self._silent: dict[LogKey, Silence] = {}
        self._looked: float | None = None

    @property
    def now(self) -> Iterable[Silence]:
        """Who is silent."""
        return self._silent.values()

    def __contains__(self, key: LogKey) -> bool:
        """Whether a log is silent."""
        return key in self._silent

    def __len__(self) -> int:
        return len(self._silent)

    def habit(self, key: LogKey) -> Habit:
        """What is known of a log."""
        habit = self._habits.get(key)
        if habit is None:
            habit = self._habits[key] = Habit()
        return habit

    def begin(self, now: float) -> None:
        """A look begins; after a long time without one nobody is silent, all are listened to anew."""
        if self._looked is not None and now - self._looked > LONGEST_LOOK_SECONDS:
            for habit in self._habits.values():
                self._deafen(habit)
        self._looked = now

    def look(self, key: LogKey, now: float, wall: float, *, spoke: float | None, listens: bool) -> Silence | None:
        """Judge one log; a silence that begins or ends with this look.

        Args:
            key: the log.
            now: monotonic seconds.
            wall: epoch seconds.
            spoke: arrival of the newest line since the last look, epoch seconds; None = none came.
            listens: whether its node is connected: a lost node's logs are not silent, they are not heard.
        """
        habit = self._habits.get(key)
        if habit is None:
            habit = self.habit(key)
        if not listens:
            if habit.last is not None:
                self._deafen(habit)
            return None
        if spoke is not None:
            habit.speak(now, spoke)
            if habit.silence is not None:
                return self._end(habit)
        elif habit.last is None:
            habit.last, habit.heard = now, False
        elif now - habit.last >= habit.limit and habit.silence is None:
            since = habit.last_wall or wall - (now - habit.last)
            habit.silence = self._silent[key] = Silence(key, since, habit.usual_seconds, wall)
            return habit.silence
        return None

    def _end(self, habit: Habit) -> Silence | None:
        ended, habit.silence = habit.silence, None
        if ended is not None:
            self._silent.pop(ended.key, None)
        return ended

    def _deafen(self, habit: Habit) -> None:
        habit.last, habit.heard = None, False
        self._end(habit)

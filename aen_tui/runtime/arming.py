"""Armed for some minutes, with a reason: where it is required, nothing is carried out without."""

from __future__ import annotations

import math
import re

from aen_tui.errors import PlanRefusedError
from aen_tui.model.clock import Clock
from aen_tui.model.text import visible_line

IDLE_SECONDS = 15 * 60.0
"""Nobody pressed a key for this long: locked again."""
MOST_MINUTES = 60
_WORDS = re.compile(r"(?P<minutes>\d{1,4})m?\s+(?P<reason>\S.*)", re.DOTALL)
_REASON_CHARACTERS = 300


class Arming:
    """The lock and its key.

    Args:
        clock: its monotonic time counts, which no change of the time of day moves.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = -math.inf
        self._touched_at = -math.inf
        self._reason = ""

    def arm(self, minutes: int, reason: str) -> None:
        """Unlock for some minutes, from now.

        Raises:
            PlanRefusedError: minutes out of 1 to 60, or no reason.
        """
        if not 1 <= minutes <= MOST_MINUTES:
            raise PlanRefusedError(f"{minutes} minutes are not 1 to {MOST_MINUTES}", hint=":arm 15m REASON")
        self._unlock(self._clock.monotonic() + minutes * 60.0, reason)

    def arm_this_command(self, reason: str) -> None:
        """Unlock until this process ends: `do --reason`, which is one command.

        Raises:
            PlanRefusedError: no reason.
        """
        self._unlock(math.inf, reason)

    def _unlock(self, until: float, reason: str) -> None:
        words = visible_line(" ".join(reason.split()), _REASON_CHARACTERS)
        if not words:
            raise PlanRefusedError("there is no reason", hint=":arm 15m REASON")
        self._until, self._reason = until, words
        self._touched_at = math.inf if math.isinf(until) else self._clock.monotonic()

    def disarm(self) -> None:
        """Lock."""
        self._until = -math.inf

    def touch(self) -> None:
        """A key was pressed: somebody is there. What is locked stays locked."""
        if self.is_armed and not math.isinf(self._touched_at):
            self._touched_at = self._clock.monotonic()

    @property
    def is_armed(self) -> bool:
        """Whether it is unlocked now."""
        return self._clock.monotonic() < min(self._until, self._touched_at + IDLE_SECONDS)

    @property
    def until(self) -> float | None:
        """Monotonic second at which it locks at the latest; None where it is locked, or for one command."""
        return self._until if self.is_armed and not math.isinf(self._until) else None

    @property
    def reason(self) -> str | None:
        """Why it was unlocked; None where it is locked."""
        return self._reason if self.is_armed else None


def parse_arm(argument: str) -> tuple[int, str]:
    """`15m ticket 123` -> 15 and the reason.

    Raises:
        PlanRefusedError: it is neither.
    """
    match = _WORDS.fullmatch(argument.strip())
    if match is None:
        raise PlanRefusedError(":arm wants minutes and a reason", hint=":arm 15m REASON")
    return int(match["minutes"]), match["reason"]

"""What the terminal itself is to say: its bell, a notification. The screen takes it once a second."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_KEPT = 20


@dataclass(frozen=True, slots=True)
class Alert:
    """One word to the terminal."""

    bell: bool
    notification: str
    """Check and node, words of ours and of the inventory only; empty: none."""


class Alerts:
    """Alerts that nobody has taken yet; the oldest leave."""

    def __init__(self) -> None:
        self._waiting: deque[Alert] = deque(maxlen=_KEPT)

    def add(self, alert: Alert) -> None:
        """One more."""
        self._waiting.append(alert)

    def take(self) -> tuple[Alert, ...]:
        """All that wait; they wait no longer."""
        found = tuple(self._waiting)
        self._waiting.clear()
        return found

"""How bad something is: `ok < unknown < warning < critical`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Severity(IntEnum):
    """Ordered, so that the worst of several is their maximum."""

    OK = 0
    UNKNOWN = 1
    WARNING = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The word that JSON and screens show."""
        return self.name.lower()

    @property
    def exit_code(self) -> int:
        """What `status` and `check` exit with: 0 ok, 1 warning, 2 critical, 3 unknown."""
        return {Severity.OK: 0, Severity.WARNING: 1, Severity.CRITICAL: 2, Severity.UNKNOWN: 3}[self]


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of some severities; ok where there are none."""
    return max(severities, default=Severity.OK)


def over(value: float, limits: tuple[float, float]) -> Severity:
    """What a value is against the limits of warning and critical."""
    warning, critical = limits
    return Severity.CRITICAL if value >= critical else Severity.WARNING if value >= warning else Severity.OK

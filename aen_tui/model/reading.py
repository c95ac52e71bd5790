"""A fact with its age: nothing is shown without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Reading(Generic[T_co]):
    """A value, when it was seen, and why the last try failed.

    `seen_at` is the jump host's monotonic clock in seconds: a node's own clock never decides
    how old something is.
    """

    value: T_co | None = None
    """The last value seen; None where there never was one."""
    seen_at: float | None = None
    """Monotonic seconds at which the value was seen; None where there never was one."""
    error: str | None = None
    """Why the last try failed; None where it did not. Sanitised."""

    def age_seconds(self, now: float) -> float | None:
        """Seconds since the value was seen; None where it never was."""
        return None if self.seen_at is None else max(0.0, now - self.seen_at)


def newest(first: Reading[T], second: Reading[T]) -> Reading[T]:
    """Of two looks at the same thing the one that was seen later; the first where they are as old."""
    return second if (second.seen_at or 0.0) > (first.seen_at or 0.0) else first

"""The clocks, injected so that a test can stop them. `time.time` is called nowhere else."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two times: one that never jumps, one that people read."""

    def monotonic(self) -> float:
        """Seconds that never go back; ages and deadlines."""
        ...

    def wall(self) -> float:
        """Seconds since the epoch; shown and recorded, never compared for age."""
        ...


class SystemClock:
    """This machine's clocks."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time()

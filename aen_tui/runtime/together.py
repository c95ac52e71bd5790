"""What may wait a moment is done together: 53 nodes' samples one by one each find the processor's caches cold.

When idle a third of what is spent here is samples that say nothing new; of that, this saves a third.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from aen_tui.model.clock import Clock

WAIT_SECONDS = 0.2
"""Figures come every two seconds, and are drawn once a second."""
_SLICE_SECONDS = 0.005
"""Then the loop gets its turn: a thousand nodes' samples are not to hold up a key."""


class Arrival(NamedTuple):
    """When a frame came: here, by both clocks."""

    monotonic: float
    wall: float

    @classmethod
    def now(cls, clock: Clock) -> Arrival:
        """This moment."""
        return cls(clock.monotonic(), clock.wall())


class Together:
    """Work that is put off, done in the order in which it came; the loop must run."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def put_off(self, work: Callable[[], None]) -> None:
        """Do it within `WAIT_SECONDS`."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(WAIT_SECONDS, self._do)
        self._waiting.append(work)

    def _do(self) -> None:
        until = perf_counter() + _SLICE_SECONDS
        try:
            while self._waiting:
                self._waiting.popleft()()
                if perf_counter() >= until:
                    break
        finally:
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._do)

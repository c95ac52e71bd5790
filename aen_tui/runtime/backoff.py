"""How long to wait before the next try: doubling, capped, with jitter, for ever."""

from __future__ import annotations

import random

FIRST_SECONDS = 1.0
CAP_SECONDS = 30.0
JITTER = 0.25


class Backoff:
    """Delays of one node; jitter keeps a thousand nodes from coming back at one moment."""

    def __init__(self) -> None:
        self._delay = FIRST_SECONDS

    def reset(self) -> None:
        """After a connection that was up."""
        self._delay = FIRST_SECONDS

    def next_seconds(self) -> float:
        """The delay before the next try."""
        delay = self._delay
        self._delay = min(CAP_SECONDS, self._delay * 2)
        return delay * (1 + random.uniform(-JITTER, JITTER))  # noqa: S311 - not a secret

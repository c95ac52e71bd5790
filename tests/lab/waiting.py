"""Waiting for a state, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(true: Callable[[], object], what: str, *, seconds: float = 60) -> None:
    """Returns as soon as `true` is; an AssertionError that says `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.03)

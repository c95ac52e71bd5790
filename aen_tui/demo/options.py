"""What a demo is asked for, and how long it may take to start."""

from __future__ import annotations

import math

import msgspec

SCENARIOS = ("living", "none")
MOST_NODES = 250
"""The nodes share the last byte of an address block 127.a.b.0/24."""


class DemoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The size and the story of a demo; travels to the demo's own process as JSON.

    Raises:
        ValueError: no gateway, a negative number, no such scenario, or more nodes than addresses.
    """

    computes: int = 6
    """All computes together; they are dealt to the gateways in order."""
    gateways: int = 2
    scenario: str = "living"
    """living: users, load, warnings, a gateway that turns bad; none: nothing ever happens."""
    seed: int = 7
    """Of everything that looks like chance."""
    turns_bad_after_seconds: float = 90.0
    """When the last gateway's status turns bad, counted from the start of the day."""

    def __post_init__(self) -> None:
        if self.gateways < 1 or self.computes < 0:
            raise ValueError("a demo needs at least one gateway")
        if self.scenario not in SCENARIOS:
            raise ValueError(f"a demo has no scenario {self.scenario!r}")
        if 1 + self.gateways + self.computes > MOST_NODES:
            raise ValueError(f"a demo has {MOST_NODES} nodes at most")

    @property
    def start_deadline_seconds(self) -> float:
        """How long a start may take on a slow machine: far more than it does."""
        return 20.0 + math.ceil((1 + self.gateways + self.computes) / 2)

"""The facade that the dashboard and the headless commands are given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aen_tui.model.clock import Clock, SystemClock
from aen_tui.model.facts import ClusterState
from aen_tui.model.inventory import Inventory
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName, Plan, PlanEvent, Result, Target
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store

Emit = Callable[[PlanEvent], None]


class Runtime:
    """Everything that runs while the program looks at an installation.

    Args:
        inventory: what is looked at.
        read_only: plans are refused where they are executed; nothing lifts it.
    """

    def __init__(self, inventory: Inventory, *, read_only: bool = False, clock: Clock | None = None) -> None:
        self.inventory = inventory
        self.read_only = read_only
        self.clock = clock or SystemClock()
        self.store = Store(inventory, self.clock)
        self.series = SeriesStore()
        self.books = LogBooks(limit_bytes=inventory.log_memory_megabytes * 1024 * 1024)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connect to every node and keep at it until the block is left; then everything is closed."""
        yield

    def snapshot(self) -> ClusterState:
        """The state of this moment."""
        return self.store.snapshot()

    def follow(self, key: LogKey) -> None:
        """Follow a log from now on (64 KiB before its end); its book fills. Idempotent."""

    def poke(self, node: NodeName) -> None:
        """Ask the node's probe for a sample now."""

    def retry_now(self, node: NodeName) -> None:
        """Try a lost node at once instead of at its next try."""

    def plan(self, action: ActionName, targets: Sequence[Target]) -> Plan:
        """Make a plan from the present state; pure.

        Raises:
            PlanRefusedError: no such target, or nothing that could be done.
        """
        raise NotImplementedError

    def start(self, plan: Plan, emit: Emit, *, reason: str | None = None) -> None:
        """Carry a plan out in the runtime's own task group; `emit` gets what happens, last a `finished`."""
        raise NotImplementedError

    async def execute(self, plan: Plan, emit: Emit, *, reason: str | None = None, settle: bool = False) -> Result:
        """Carry a plan out and wait for its end."""
        raise NotImplementedError

"""The single writer of what is known of the installation; readers get immutable snapshots.

Dispatch is synchronous and on the loop, so there is no queue to overflow. A snapshot shares the
parts that did not change, so a screen compares parts by identity.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace

from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, NodeState, StoreState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.severity import worst

Change = Callable[[NodeState], NodeState]


class Store:
    """What is known; written by the runtime, read by everybody."""

    def __init__(self, inventory: Inventory, clock: Clock) -> None:
        self._clock = clock
        self._name = inventory.name
        self._nodes: dict[NodeName, NodeState] = {name: NodeState(spec) for name, spec in inventory.nodes.items()}
        self._stores: dict[str, StoreState | None] = {"mongodb": None, "elasticsearch": None}
        self._revision = 0
        self._snapshot: ClusterState | None = None
        self._changed = asyncio.Event()

    @property
    def revision(self) -> int:
        """Grows with every change."""
        return self._revision

    def node(self, name: NodeName) -> NodeState:
        """The present state of one node."""
        return self._nodes[name]

    def update(self, name: NodeName, change: Change) -> None:
        """Replace a node's state; a change that returns the same object changes nothing."""
        before = self._nodes[name]
        after = change(before)
        if after is before:
            return
        self._nodes[name] = replace(after, revision=before.revision + 1)
        self._touch()

    def set_stores(self, stores: Mapping[str, StoreState | None]) -> None:
        """Replace what is known of MongoDB and Elasticsearch."""
        self._stores = dict(stores)
        self._touch()

    def _touch(self) -> None:
        self._revision += 1
        self._snapshot = None
        self._changed.set()

    def snapshot(self) -> ClusterState:
        """The state of this moment; the same object while nothing changes."""
        if self._snapshot is None:
            stores = [store.severity for store in self._stores.values() if store is not None]
            self._snapshot = ClusterState(
                name=self._name,
                nodes=dict(self._nodes),
                stores=dict(self._stores),
                revision=self._revision,
                severity=worst([*(node.severity for node in self._nodes.values()), *stores]),
                taken_at=self._clock.monotonic(),
                wall_at=self._clock.wall(),
            )
        return self._snapshot

    async def snapshots(self, interval_seconds: float = 0.1) -> AsyncIterator[ClusterState]:
        """Snapshots as things change, at most one an interval; nothing while nothing changes. One reader."""
        while True:
            self._changed.clear()
            yield self.snapshot()
            await self._changed.wait()
            await asyncio.sleep(interval_seconds)

    async def wait_for(self, condition: Callable[[ClusterState], bool]) -> ClusterState:
        """Wait until a snapshot meets the condition; the caller brings the deadline."""
        while not condition(snapshot := self.snapshot()):
            revision = self._revision
            while revision == self._revision:
                await asyncio.sleep(0.02)
        return snapshot

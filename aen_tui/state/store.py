"""The single writer of what is known of the installation; readers get immutable snapshots.

Dispatch is synchronous and on the loop, so there is no queue to overflow. A snapshot shares the
parts that did not change, so a screen compares parts by identity.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager

from aen_tui.model.causes import Cause
from aen_tui.model.clock import Clock
from aen_tui.model.facts import ClusterState, Connection, HttpState, NodeState, StoreState, counted_stores
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, NodeSpec
from aen_tui.model.severity import worst

Change = Callable[[NodeState], NodeState]


class Store:
    """What is known; written by the runtime, read by everybody."""

    def __init__(self, inventory: Inventory, clock: Clock) -> None:
        self._clock = clock
        self._name = inventory.name
        self._nodes: dict[NodeName, NodeState] = {name: _unknown(spec) for name, spec in inventory.nodes.items()}
        self._stores: dict[str, StoreState | None] = {"mongodb": None, "elasticsearch": None}
        self._causes: tuple[Cause, ...] = ()
        self._revision = 0
        self._snapshot: ClusterState | None = None
        self._waiting: set[asyncio.Event] = set()
        self._waiting_for: dict[NodeName, set[asyncio.Event]] = {}

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
        self._nodes[name] = after
        self._touch()
        for waiting in self._waiting_for.get(name, ()):
            waiting.set()

    def set_stores(self, stores: Mapping[str, StoreState | None]) -> None:
        """Replace what is known of MongoDB and Elasticsearch; the same facts change nothing."""
        if all(_same(store, self._stores.get(name)) for name, store in stores.items()):
            return
        self._stores = dict(stores)
        self._touch()

    def set_causes(self, causes: tuple[Cause, ...]) -> None:
        """Replace what explains what; the same causes change nothing."""
        if causes != self._causes:
            self._causes = causes
            self._touch()

    def _touch(self) -> None:
        self._revision += 1
        self._snapshot = None
        for waiting in self._waiting:
            waiting.set()

    def snapshot(self) -> ClusterState:
        """The state of this moment; the same object while nothing changes."""
        if self._snapshot is None:
            stores = counted_stores(self._stores, self._nodes)
            self._snapshot = ClusterState(
                name=self._name,
                nodes=dict(self._nodes),
                stores=dict(self._stores),
                revision=self._revision,
                severity=worst([*(node.severity for node in self._nodes.values()), *stores]),
                taken_at=self._clock.monotonic(),
                wall_at=self._clock.wall(),
                causes=self._causes,
            )
        return self._snapshot

    async def snapshots(self, interval_seconds: float = 0.1) -> AsyncIterator[ClusterState]:
        """Snapshots as things change, at most one an interval; nothing while nothing changes."""
        with _changes(self._waiting) as changed:
            while True:
                changed.clear()
                yield self.snapshot()
                await changed.wait()
                await asyncio.sleep(interval_seconds)

    async def wait_for(self, condition: Callable[[ClusterState], bool]) -> ClusterState:
        """Wait until a snapshot meets the condition; the caller brings the deadline."""
        with _changes(self._waiting) as changed:
            while not condition(snapshot := self.snapshot()):
                changed.clear()
                await changed.wait()
            return snapshot

    async def wait_for_node(self, name: NodeName, condition: Callable[[NodeState], bool]) -> NodeState:
        """Wait until one node meets the condition: what others say wakes nobody here, and no snapshot is made."""
        with _changes(self._waiting_for.setdefault(name, set())) as changed:
            while not condition(node := self._nodes[name]):
                changed.clear()
                await changed.wait()
            return node


@contextmanager
def _changes(waiting: set[asyncio.Event]) -> Iterator[asyncio.Event]:
    changed = asyncio.Event()
    waiting.add(changed)
    try:
        yield changed
    finally:
        waiting.discard(changed)


def _unknown(spec: NodeSpec) -> NodeState:
    """A node of which nothing is known yet: what will be asked is named, none of it is answered."""
    http = {
        target.name: HttpState(target.name, target.url, target.asked_on, error="not asked yet")
        for target in reversed(spec.http)
    }
    link = Connection(via=NodeName(spec.jump) if spec.jump else None)
    return NodeState(spec, connection=link, http=tuple(reversed(http.values())))


def _same(one: StoreState | None, other: StoreState | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.state, one.error, one.version, one.seen_at) == (other.state, other.error, other.version, other.seen_at)

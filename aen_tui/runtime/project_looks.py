"""Looks at what runs in projects: once a minute for every compute, more often where somebody looks; never dear."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from aen_tui.checks import rate
from aen_tui.errors import AenError, ProbeError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, Role
from aen_tui.model.projects import InFull, InProject, ProjectsLook
from aen_tui.model.reading import Reading
from aen_tui.runtime.errands import Asks, Errand, first_row, rows_of
from aen_tui.sources import projects
from aen_tui.state.store import Store

EVERY_SECONDS = 60.0
ATTENDED_SECONDS = 10.0
SHARE, ATTENDED_SHARE = 0.005, 0.02
"""Of one core of the node: a look that costs more is done more seldom."""
AT_ONCE = 4
FIRST_AFTER_SECONDS = 3.0
FRESH_SECONDS = 15.0
"""A card is not shown before a count that is no older, if it comes within `WAIT_SECONDS`."""
WAIT_SECONDS = 8.0


class ProjectLooks:
    """Keeps `NodeState.projects` of the computes.

    Args:
        inventory: what is looked at.
        store: where it is written.
        clock: ages.
        ask: `Runtime.errand`.
    """

    def __init__(self, inventory: Inventory, store: Store, clock: Clock, ask: Asks) -> None:
        self._specs = {name: spec for name, spec in inventory.nodes.items() if Role.COMPUTE in spec.roles}
        self._store = store
        self._clock = clock
        self._ask = ask
        self._due: dict[NodeName, float] = {}
        self._attended: frozenset[NodeName] = frozenset()
        self._busy: set[NodeName] = set()
        self._limit = asyncio.Semaphore(AT_ONCE)

    def attend(self, nodes: Collection[NodeName]) -> None:
        """Somebody looks at these nodes' projects, and at no others': they are asked every 10 s, soon first."""
        self._attended = frozenset(nodes)
        now = self._clock.monotonic()
        for name in self._attended & self._specs.keys():
            seen = self._store.node(name).projects.seen_at
            soon = now if seen is None else seen + self._pause(name)
            self._due[name] = min(self._due.get(name, soon), max(now, soon))

    async def run(self) -> None:
        """Look for ever; nodes are spread over the minute."""
        spread = EVERY_SECONDS / max(1, len(self._specs))
        begin = self._clock.monotonic() + FIRST_AFTER_SECONDS
        for number, name in enumerate(self._specs):
            self._due.setdefault(name, begin + number * min(spread, 0.25))
        async with asyncio.TaskGroup() as group:
            while True:
                for name in self._wanted():
                    self._busy.add(name)
                    group.create_task(self._one(name), name=f"projects of {name}")
                await asyncio.sleep(1.0)

    def _wanted(self) -> list[NodeName]:
        now = self._clock.monotonic()
        return [
            name
            for name, due in self._due.items()
            if due <= now and name not in self._busy and self._store.node(name).connection.state is LinkState.UP
        ]

    def _pause(self, name: NodeName) -> float:
        look = self._store.node(name).projects.value
        cost = look.cost_seconds if look is not None else 0.0
        if name in self._attended:
            return max(ATTENDED_SECONDS, cost / ATTENDED_SHARE)
        return max(EVERY_SECONDS, cost / SHARE)

    async def _one(self, name: NodeName, window: float = projects.WINDOW_SECONDS) -> None:
        try:
            async with self._limit:
                await self.look(name, window)
        finally:
            self._busy.discard(name)
            self._due[name] = self._clock.monotonic() + self._pause(name)

    async def look(self, name: NodeName, window: float = projects.WINDOW_SECONDS) -> None:
        """Look at one node now; what fails is said in the reading."""
        rows, spec = projects.Loads(), self._specs[name]
        try:
            await self._ask(
                name,
                Errand(
                    projects.ERRAND,
                    projects.request(spec, window),
                    row=bytes,
                    take=rows.take,
                    seconds=projects.SECONDS,
                    most_bytes=projects.MOST_BYTES,
                    raised=True,
                ),
            )
            if rows.look is None:
                raise ProbeError("the errand projects said nothing", node=name)
            self._put(name, Reading(rows.look, self._clock.monotonic()))
        except AenError as error:
            before = self._store.node(name).projects
            self._put(name, Reading(before.value, before.seen_at, error.message))

    def _put(self, name: NodeName, reading: Reading[ProjectsLook]) -> None:
        def change(node: NodeState) -> NodeState:
            return rate(replace(node, projects=reading))

        self._store.update(name, change)

    async def freshen(self, nodes: Iterable[NodeName]) -> None:
        """Have counts of computes that are not old, for a plan; gives up after 8 s."""
        now = self._clock.monotonic()
        old = [
            name
            for name in nodes
            if name in self._specs
            and self._store.node(name).connection.state is LinkState.UP
            and ((age := self._store.node(name).projects.age_seconds(now)) is None or age > FRESH_SECONDS)
        ]
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS), asyncio.TaskGroup() as group:
                for name in old:
                    group.create_task(self._one(name, projects.SHORT_SECONDS))

    async def apps_now(self, name: NodeName) -> int | None:
        """How many apps run on a node, by a look that begins now; None where that is not known, or not within 8 s."""
        asked_at = self._clock.monotonic()
        if name not in self._specs:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS):
                await self._one(name, projects.SHORT_SECONDS)
        found = self._store.node(name).projects
        if found.value is None or found.seen_at is None or found.seen_at < asked_at or found.error is not None:
            return None
        return found.value.known_apps

    async def processes(self, name: NodeName, project: str) -> list[InProject]:
        """The processes of one project, heaviest first.

        Raises:
            AenError: the node is away, or did not answer.
        """
        found = await rows_of(
            self._ask,
            name,
            projects.ERRAND,
            projects.request_processes(self._specs[name], project),
            projects.decode_process,
            seconds=projects.SECONDS,
            most_bytes=projects.MOST_BYTES,
            raised=True,
        )
        return [one for one in found if one is not None]

    async def in_full(self, name: NodeName, process: InProject) -> InFull:
        """A process with its arguments, masked on the node.

        Raises:
            AenError: it has ended, or the node did not answer.
        """
        order, seconds = projects.request_text(process.pid, process.started), projects.SECONDS
        decode, most_bytes = projects.decode_text, projects.MOST_BYTES
        found = await first_row(
            self._ask, name, projects.ERRAND, order, decode, seconds=seconds, most_bytes=most_bytes, raised=True
        )
        if found is None:
            raise ProbeError("the process was not described", node=name)
        return found

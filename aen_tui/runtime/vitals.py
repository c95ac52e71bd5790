"""Asks every node once a minute for what its frames do not say, spread over the minute."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from aen_tui.checks import rate
from aen_tui.errors import AenError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.reading import Reading
from aen_tui.runtime.errands import Asks, Errand
from aen_tui.runtime.signs import SystemSigns
from aen_tui.sources import vitals
from aen_tui.state.store import Store

EVERY_SECONDS = 60.0
FIRST_SECONDS = 15.0
"""Not before everything is up; a command that looks once asks none."""
BEFORE_SECONDS = 2.5 * EVERY_SECONDS
"""A look longer ago says nothing about what lies between."""


class VitalsWatch:
    """For ever, all nodes.

    Args:
        names: the nodes.
        store: gets what they say.
        signs: gets their kernels' messages.
        clock: now.
        ask: how a node is asked.
    """

    def __init__(self, names: Sequence[NodeName], *, store: Store, signs: SystemSigns, clock: Clock, ask: Asks) -> None:
        self._names = tuple(names)
        self._store = store
        self._signs = signs
        self._clock = clock
        self._ask = ask
        self._before: dict[NodeName, tuple[float, dict[int, vitals.Waiting]]] = {}

    async def run(self) -> None:
        """One task a node, each in its own part of the minute."""
        async with asyncio.TaskGroup() as group:
            for place, name in enumerate(self._names):
                group.create_task(self._watch(name, FIRST_SECONDS + EVERY_SECONDS * place / len(self._names)))

    async def _watch(self, name: NodeName, first_seconds: float) -> None:
        await asyncio.sleep(first_seconds)
        while True:
            if self._store.node(name).connection.state is LinkState.UP:
                await self.look(name)
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self, name: NodeName) -> None:
        """Ask one node, by the probe under sudo where there is one; what fails stands beside what was known."""
        node, now = self._store.node(name), self._clock.monotonic()
        answer = vitals.Answer(now)
        try:
            await self._ask(
                name,
                Errand(
                    vitals.ERRAND,
                    vitals.request(node),
                    row=vitals.decode,
                    take=answer.take,
                    seconds=vitals.SECONDS,
                    most_bytes=vitals.MOST_BYTES,
                    raised=True,
                ),
            )
        except AenError as error:
            why = error.message
            self._store.update(name, lambda node: replace(node, vitals=replace(node.vitals, error=why)))
            return
        wall = self._clock.wall()
        self._signs.kernel(name, [(wall - ago, text) for ago, text in answer.kernel])
        if answer.vitals is not None:
            at, before = self._before.get(name, (0.0, {}))
            stuck = answer.stuck(before) if now - at <= BEFORE_SECONDS else ()
            self._before[name] = (now, answer.waiting)
            known = Reading(replace(answer.vitals, stuck=stuck), now)
            self._store.update(name, lambda node: rate(replace(node, vitals=known)))

"""Keeps what is known of MongoDB and Elasticsearch true, each in a loop of its own."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Protocol

from aen_tui.checks import rate
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LogPath, NodeState, StoreState
from aen_tui.model.inventory import Inventory
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity, worst
from aen_tui.model.stores import DAEMONS, MongoFigures, SearchFigures, StoreFigures
from aen_tui.runtime.errands import Asks
from aen_tui.runtime.stores.data_space import DataSpaceLook
from aen_tui.runtime.stores.presence import Presence, addresses, presence
from aen_tui.runtime.supervised import supervised
from aen_tui.services import elasticsearch
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store
from aen_tui.transports import Link
from aen_tui.transports.credentials import Prompter

LOOK_SECONDS = 10.0
"""Samples further apart than 12 s are not joined by a line in a chart."""
CLOSE_LOOK_SECONDS = 5.0
"""While somebody looks at view 5."""
CONTENTS_SECONDS = 300.0
"""Counting collections opens their files."""
CLOSE_CONTENTS_SECONDS = 30.0
_TICK_SECONDS = 1.0
_LATE = ("httpcore", "anyio._backends._asyncio")
"""What httpx loads at its first question, and so on the loop, unless it is there."""
_CHECKS = {"mongodb": "mongo", "elasticsearch": "elasticsearch"}
"""What the ids of a store's checks begin with."""


class Asker(Protocol):
    """What looks at one store."""

    async def look(self, link: Link, before: StoreState, *, contents: bool) -> StoreState:
        """One look; what it found, whatever that is."""
        ...

    def record(self, state: StoreState, series: SeriesStore) -> None:
        """What the charts show."""
        ...

    def ask_again(self) -> None:
        """Somebody wants another try."""
        ...

    async def close(self) -> None:
        """Be done with it; nothing is waited for."""
        ...


class StoresWatch:
    """Both stores of an installation.

    Args:
        inventory: names the node that carries them.
        link_of: the open connection to a node.
        is_heard: whether a node still talks on a connection.
        ports_of: which of the stores' ports that node's probe sees listening.
        prompter: asks for MongoDB's password.
        follow: follows a log of the carrier's that a store has told of.
        told_logs: those of which a node's own configuration has told; None before it is read.
        ask: `Runtime.errand`.
    """

    def __init__(
        self,
        inventory: Inventory,
        *,
        store: Store,
        series: SeriesStore,
        clock: Clock,
        link_of: Callable[[NodeName], Link | None],
        is_heard: Callable[[NodeName, Link], Awaitable[bool]],
        ports_of: Callable[[NodeName], Mapping[str, bool]],
        prompter: Prompter | None,
        follow: Callable[[LogKey], None],
        told_logs: Callable[[NodeName], Sequence[LogPath] | None],
        ask: Asks,
    ) -> None:
        assert inventory.store is not None
        self._inventory = inventory
        self._node = inventory.store
        self._store = store
        self._series = series
        self._clock = clock
        self._link_of = link_of
        self._is_heard = is_heard
        self._ports_of = ports_of
        self._prompter = prompter
        self._follow = follow
        self._told_logs = told_logs
        self._space = DataSpaceLook(ask, clock)
        self._attended = 0
        self._due: dict[str, float] = {}
        self._began = clock.monotonic()
        self._contents_at: dict[str, float] = {}
        self._presences: dict[str, Presence] = {}
        self._askers: dict[str, Asker] = {}
        for name in DAEMONS:
            self._set(name, StoreState("unknown", error="not asked yet", is_pending=True))

    def attend(self, closely: bool) -> None:
        """Somebody looks at the stores' details, or does no longer."""
        self._attended += 1 if closely else -1
        if closely:
            self.ask_soon()

    def ask_soon(self) -> None:
        """Look within a second."""
        self._due.clear()

    def ask_again(self) -> None:
        """Somebody wants another try at once; a password may be typed again."""
        for asker in self._askers.values():
            asker.ask_again()
        self.ask_soon()

    async def run(self) -> None:
        """Look for ever."""
        try:
            async with asyncio.TaskGroup() as group:
                for name in DAEMONS:
                    group.create_task(supervised(f"watch of {name}", partial(self._keep, name), self._failed(name)))
        finally:
            for asker in self._askers.values():
                await asker.close()

    async def _keep(self, name: str) -> None:
        await self._store.wait_for_node(self._node, lambda node: self._presence(name, node) is not Presence.PENDING)
        while True:
            if self._clock.monotonic() >= self._due.get(name, 0.0) or self._is_other(name):
                await self._look(name)
                pause = CLOSE_LOOK_SECONDS if self._attended > 0 else LOOK_SECONDS
                self._due[name] = self._clock.monotonic() + pause
            await asyncio.sleep(_TICK_SECONDS)

    def _presence(self, name: str, node: NodeState) -> Presence:
        return presence(self._inventory, name, node, self._ports_of(self._node))

    def _is_other(self, name: str) -> bool:
        """Whether the node, or the service on it, came or went since the last look."""
        here = self._presence(name, self._store.node(self._node))
        return here is not Presence.PENDING and here is not self._presences.get(name)

    async def _look(self, name: str) -> None:
        node = self._store.node(self._node)
        before = node.stores.get(name) or StoreState("unknown")
        here, link = self._presence(name, node), self._link_of(self._node)
        self._presences[name] = here
        if here is Presence.ABSENT:
            self._set(name, None)
        elif here is Presence.AWAY or link is None:
            self._set(name, self._away(before))
        elif here is Presence.HERE:
            wants_contents = self._wants_contents(name)
            asker = await self._asker(name)
            found = await asker.look(link, before, contents=wants_contents)
            if _is_silent(found) and not await self._is_heard(self._node, link):
                self._set(name, self._away(before))
                return
            if wants_contents and found.state == "up":
                self._contents_at[name] = self._clock.monotonic()
            asker.record(found, self._series)
            self._set(name, found)
            self._follow_own(found.figures)
            spaced = await self._space.look(self._store.node(self._node), found)
            if spaced is not found:
                self._set(name, spaced)

    def _away(self, before: StoreState) -> StoreState:
        error = f"{self._node} is not up"
        return replace(before, state="unknown", error=error, is_pending=False, severity=Severity.UNKNOWN)

    def _follow_own(self, figures: StoreFigures | None) -> None:
        """Elasticsearch's log is called after its cluster, and lies where its configuration says."""
        if not isinstance(figures, SearchFigures):
            return
        told = self._told_logs(self._node)
        if told is None:
            return
        folder = posixpath.dirname(told[0]) if told else elasticsearch.LOGS
        path = elasticsearch.log_of(figures.cluster, folder)
        if path is not None:
            self._follow(LogKey(self._node, LogPath(path)))

    def _wants_contents(self, name: str) -> bool:
        """At once and often while somebody looks, seldom else, and not at the first look: `status` wants none."""
        last, is_attended = self._contents_at.get(name), self._attended > 0
        if last is None and is_attended:
            return True
        ago = self._clock.monotonic() - (self._began if last is None else last)
        return ago >= (CLOSE_CONTENTS_SECONDS if is_attended else CONTENTS_SECONDS)

    async def _asker(self, name: str) -> Asker:
        """Made at the first look, in a thread: pymongo and httpx take a tenth of a second to load."""
        if name not in self._askers:
            self._askers[name] = await asyncio.to_thread(self._made, name)
        return self._askers[name]

    def _made(self, name: str) -> Asker:
        spec = self._inventory.nodes[self._node]
        where = addresses(self._inventory, spec.listen_address)
        if name == "mongodb":
            from aen_tui.runtime.stores.mongodb import MongoAsker

            return MongoAsker(spec, where.mongo, self._clock, self._prompter)
        from aen_tui.runtime.stores.search import SearchAsker

        for late in _LATE:
            import_module(late)
        return SearchAsker(spec, where.elasticsearch, self._inventory.elasticsearch_nodes, self._clock)

    def _failed(self, name: str) -> Callable[[Exception], None]:
        def show(error: Exception) -> None:
            text = f"a fault of the program, its log has more: {type(error).__name__}"
            self._set(name, StoreState("unknown", error=text, severity=Severity.UNKNOWN))

        return show

    def _set(self, name: str, found: StoreState | None) -> None:
        """Into the node, whose checks then speak, and into the installation, with the worst that they say."""

        def change(node: NodeState) -> NodeState:
            others = {other: state for other, state in node.stores.items() if other != name}
            return rate(replace(node, stores=others if found is None else {**others, name: found}))

        self._store.update(self._node, change)
        rated = found
        if found is not None:
            said = [
                one.severity for one in self._store.node(self._node).findings if one.check.startswith(_CHECKS[name])
            ]
            rated = replace(found, severity=worst([found.severity, *said]))
        self._store.set_stores({**self._store.snapshot().stores, name: rated})


def _is_silent(found: StoreState) -> bool:
    """Whether something did not answer: the store, or the whole node."""
    hangs = isinstance(found.figures, MongoFigures) and found.figures.hangs
    return found.state == "down" or hangs

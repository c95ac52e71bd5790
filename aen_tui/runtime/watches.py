"""The watches of all nodes: what reaches one node, or every node, goes through here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aen_tui.checks import rate
from aen_tui.errors import ConnectionLostError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState, LogPath
from aen_tui.model.inventory import Inventory
from aen_tui.model.logs import LogKey, OlderEdge, OlderState
from aen_tui.model.node import HttpTarget, NodeName, NodeSpec
from aen_tui.model.text import visible_line
from aen_tui.runtime.errands import Errand
from aen_tui.runtime.history import History
from aen_tui.runtime.raised import Recorded
from aen_tui.runtime.received import Received, with_answers
from aen_tui.runtime.supervised import supervised
from aen_tui.runtime.together import Together
from aen_tui.runtime.watch import NodeWatch
from aen_tui.sources.http_answers import is_asked_by_probe
from aen_tui.state.logbook import LogBooks
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store
from aen_tui.transports import Link
from aen_tui.transports.pool import LinkPool

FIRST_SECONDS = 2.0
"""How long the others wait for the nodes that somebody looks at."""
HEARD_SECONDS = 30.0
"""Longer than a node at the usual interval is silent before its connection is given up."""


class Watches:
    """One watch a node; empty before `open`.

    Args:
        inventory: the installation.
        specs: the nodes that are watched.
        store: gets what they say, `series` and `books` likewise.
        recorded: around each probe that is started under sudo.
    """

    def __init__(
        self,
        inventory: Inventory,
        specs: Collection[NodeSpec],
        *,
        store: Store,
        series: SeriesStore,
        books: LogBooks,
        clock: Clock,
        recorded: Recorded,
    ) -> None:
        self._inventory = inventory
        self._specs = specs
        self._store = store
        self._series = series
        self._books = books
        self._clock = clock
        self._recorded = recorded
        self._history = History(books)
        self._watches: dict[NodeName, NodeWatch] = {}
        books.on_hold = self._hold_all

    def __contains__(self, name: object) -> bool:
        return name in self._watches

    def get(self, name: NodeName) -> NodeWatch | None:
        """A node's watch; None where there is none."""
        return self._watches.get(name)

    def open(self, pool: LinkPool, first: Collection[NodeName] = ()) -> Iterator[Coroutine[Any, Any, None]]:
        """Make them; what each does for ever.

        Args:
            pool: where links come from.
            first: nodes that somebody waits for: the others are begun when these and what carries them are there.
        """
        asked, together = self._asked(by_probe=True), Together()
        self._watches = {
            spec.name: NodeWatch(
                spec,
                Received(
                    spec,
                    asked=asked.get(spec.name, ()),
                    store=self._store,
                    series=self._series,
                    books=self._books,
                    clock=self._clock,
                ),
                inventory=self._inventory,
                pool=pool,
                store=self._store,
                clock=self._clock,
                together=together,
                recorded=self._recorded,
            )
            for spec in self._specs
        }
        early = {name for name in first if name in self._watches}
        early |= {NodeName(spec.jump) for spec in self._specs if spec.name in early and spec.jump in self._watches}
        for name, watch in self._watches.items():
            run = supervised(f"watch of {name}", watch.run, self._failed(name))
            yield run if not early or name in early else self._after(early, run)

    async def _after(self, early: Collection[NodeName], run: Coroutine[Any, Any, None]) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_SECONDS):
                    await self._store.wait_for(
                        lambda state: all(
                            state.nodes[name].connection.state is not LinkState.CONNECTING for name in early
                        )
                    )
        except asyncio.CancelledError:
            run.close()
            raise
        await run

    def _asked(self, *, by_probe: bool) -> dict[NodeName, tuple[HttpTarget, ...]]:
        """What each node's probe asks, for itself and for others; or what is asked through its link."""
        found: dict[NodeName, list[HttpTarget]] = {}
        for spec in self._specs:
            for target in spec.http:
                if is_asked_by_probe(target) is by_probe:
                    found.setdefault(target.asked_on, []).append(target)
        return {name: tuple(targets) for name, targets in found.items()}

    def https_askers(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """One for each node on which https URLs are asked; httpx is loaded only where there are any."""
        found = self._asked(by_probe=False)
        if not found:
            return []
        from aen_tui.runtime.https import HttpsAsker

        return [
            HttpsAsker(
                self._inventory.nodes[name],
                targets,
                link=lambda name=name: self.link_of(name),  # type: ignore[misc]
                clock=self._clock,
                answered=lambda target, answer: self._store.update(
                    target.node, lambda node: rate(with_answers(node, [answer]))
                ),
            ).run
            for name, targets in found.items()
        ]

    def _failed(self, name: NodeName) -> Callable[[Exception], None]:
        def show(error: Exception) -> None:
            text = visible_line(f"{type(error).__name__}: {error}", 300)
            hint = "this is a fault of the program; its log has more (aen-tui info)"
            self._store.update(
                name,
                lambda node: replace(
                    node, connection=replace(node.connection, state=LinkState.PROBE, error=text, hint=hint)
                ),
            )

        return show

    def _hold_all(self, held: bool) -> None:
        """Somebody here reads slower than the logs grow: the file on the node is the buffer."""
        for watch in self._watches.values():
            watch.hold(held)

    def link_of(self, node: NodeName) -> Link | None:
        """A node's open connection."""
        watch = self._watches.get(node)
        return watch.link if watch is not None else None

    def ports_of(self, node: NodeName) -> Mapping[str, bool]:
        """Which of a node's own ports that were asked for listen."""
        return self._watches[node].received.sections.ports

    def told_logs(self, node: NodeName) -> Sequence[LogPath] | None:
        """Logs of which a node's own configuration tells; None before it is read."""
        return self._watches[node].told_logs

    def follow(self, key: LogKey) -> None:
        """Follow a log from now on; idempotent."""
        if (watch := self._watches.get(key.node)) is not None:
            watch.follow(key.path)

    async def fetch_older(self, key: LogKey, size_bytes: int, since: float | None) -> OlderEdge:
        """As `Runtime.fetch_older`."""
        watch = self._watches.get(key.node)
        if watch is None:
            return OlderEdge(OlderState.GONE, "no such node")
        return await self._history.fetch(key, watch.older, size_bytes, since)

    async def errand(self, node: NodeName, errand: Errand[Any]) -> bool:
        """As `Runtime.errand`."""
        watch = self._watches.get(node)
        if watch is None:
            raise ConnectionLostError("the node is not watched", node=node)
        return await watch.errand(errand)

    def poke(self, node: NodeName) -> None:
        """Ask the node's probe, and those that ask its URLs, for a sample now."""
        askers = {target.asked_on for target in self._inventory.nodes[node].http}
        for name in {node, *askers}:
            if (watch := self._watches.get(name)) is not None:
                watch.poke()

    async def is_heard(self, node: NodeName, link: Link) -> bool:
        """Whether a node's probe still talks on that connection: asked for a sample now, and waited for.

        Silence on another channel says nothing of who was asked there until this is known.
        """
        watch, asked_at = self._watches[node], self._clock.monotonic()

        def has_spoken() -> bool:
            return watch.link is link and watch.received.last_frame_at > asked_at

        watch.poke()
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_SECONDS):
                await self._store.wait_for(lambda _state: watch.link is not link or has_spoken())
        return has_spoken()

    def retry_now(self, node: NodeName) -> None:
        """Try a lost node at once instead of at its next try."""
        if (watch := self._watches.get(node)) is not None:
            watch.retry_now()

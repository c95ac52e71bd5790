"""What the server's URL shows to a browser, looked at once a minute: the login, the license page, 502, 504.

It is looked at at once when the URL, which is asked every ten seconds, turns bad or good.

An http URL is asked on the node by the errand `reach`; an https URL by httpx through the node's connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from aen_tui.checks import rate
from aen_tui.errors import AenError, ConnectionLostError
from aen_tui.model.clock import Clock
from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.node import HttpTarget, NodeName, NodeSpec
from aen_tui.model.node_facts import Page
from aen_tui.model.reading import Reading
from aen_tui.runtime.errands import Asks, first_row
from aen_tui.sources import http_answers, requirements_reach
from aen_tui.state.store import Store
from aen_tui.transports import Link

EVERY_SECONDS = 60.0
AGAIN_SECONDS = 10.0
"""After what is not well: somebody waits for it."""
_SECONDS = 30.0


class ServerPage:
    """Looks at one URL of one server for as long as the program runs.

    Args:
        spec: the server.
        target: its URL for browsers.
        store: takes the page.
        clock: for its age.
        ask: `Runtime.errand`.
        link: the server's connection, where it is up.
    """

    def __init__(
        self,
        spec: NodeSpec,
        target: HttpTarget,
        *,
        store: Store,
        clock: Clock,
        ask: Asks,
        link: Callable[[], Link | None],
    ) -> None:
        self._spec = spec
        self._target = target
        self._store = store
        self._clock = clock
        self._ask = ask
        self._link = link

    async def run(self) -> None:
        """Look for ever, while the node is up."""
        name = self._spec.name
        while True:
            await self._store.wait_for_node(name, _is_there)
            was_served = _is_served(self._store.node(name))
            page = await self._look()
            self._store.update(name, lambda node, page=page: rate(replace(node, page=page)))  # type: ignore[misc]
            well = page.value is not None and page.error is None and page.value.kind == "login"
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS if well else AGAIN_SECONDS):
                    await self._store.wait_for_node(name, lambda node, was=was_served: _is_served(node) is not was)  # type: ignore[misc]

    async def _look(self) -> Reading[Page]:
        before = self._store.node(self._spec.name).page
        try:
            async with asyncio.timeout(_SECONDS):
                if http_answers.is_asked_by_probe(self._target):
                    found = await self._on_the_node()
                else:
                    found = await self._through()
        except AenError as error:
            return Reading(before.value, before.seen_at, error.message)
        except TimeoutError:
            return Reading(before.value, before.seen_at, f"no answer within {_SECONDS:.0f} s")
        return Reading(found, self._clock.monotonic())

    async def _on_the_node(self) -> Page:
        name, order = self._spec.name, requirements_reach.pages_of([self._target])
        decode = requirements_reach.decode
        found = await first_row(self._ask, name, requirements_reach.ERRAND, order, decode, seconds=_SECONDS)
        if found is None or not found.pages:
            raise ConnectionLostError("the page was not looked at", node=self._spec.name)
        return found.pages[0]

    async def _through(self) -> Page:
        link = self._link()
        if link is None:
            raise ConnectionLostError("the server is not up", node=self._spec.name)
        from aen_tui.runtime.tls_page import page_behind_tls  # httpx is heavy, and only where the URL is https

        return await page_behind_tls(link, self._spec, self._target)


def server_pages(
    specs: Iterable[NodeSpec], store: Store, clock: Clock, ask: Asks, link_of: Callable[[NodeName], Link | None]
) -> list[ServerPage]:
    """One for each server among some nodes."""
    return [
        ServerPage(spec, target, store=store, clock=clock, ask=ask, link=partial(link_of, spec.name))
        for spec in specs
        for target in spec.http
        if target.name == "server"
    ]


def _is_served(node: NodeState) -> bool | None:
    """Whether the server's URL answers, asked much more often than its page is looked at; None while nobody knows."""
    return next((one.is_served for one in node.http if one.name == "server" and one.seen_at is not None), None)


def _is_there(node: NodeState) -> bool:
    return node.connection.state is LinkState.UP and node.complete

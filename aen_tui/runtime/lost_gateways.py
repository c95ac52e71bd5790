"""Where a lost gateway is lost: this machine and the server each try its ssh port and its own, 8089."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aen_tui.checks import rate
from aen_tui.errors import AenError
from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, NodeSpec, Role
from aen_tui.model.node_facts import Knock, Way
from aen_tui.model.text import visible_line
from aen_tui.runtime.errands import Asks, first_row
from aen_tui.sources import requirements_reach
from aen_tui.state.store import Store

KNOCK_SECONDS = 5.0
EVERY_SECONDS = 30.0
HERE = "this machine"
_ERRAND_SECONDS = 30.0
_UP_SECONDS = 10.0
"""For so long a server that is still being connected is waited for."""
_GATEWAY_PORT = 8089
_NOT_THE_WAY = (LinkState.UP, LinkState.CONNECTING, LinkState.AUTH, LinkState.HOST_KEY, LinkState.NO_PYTHON)
"""Nothing of the way is to be found out there."""

Address = Callable[[NodeName], Awaitable[tuple[str, int] | None]]


def is_to_be_looked_for(node: NodeState) -> bool:
    """Whether a node is a gateway that this machine does not reach."""
    return Role.GATEWAY in node.spec.roles and node.connection.state not in _NOT_THE_WAY


class LostGateways:
    """Looks after every gateway of an installation.

    Args:
        inventory: which they are.
        store: what is known, and where what is found goes.
        ask: `Runtime.errand`.
        address: where a node's sshd is reached from here, if directly.
    """

    def __init__(self, inventory: Inventory, store: Store, *, ask: Asks, address: Address) -> None:
        self._inventory = inventory
        self._store = store
        self._ask = ask
        self._address = address

    def watching(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """One for each gateway, for ever; a machine that is server and gateway is asked by nobody else."""
        gateways = [spec for spec in self._inventory.nodes.values() if Role.GATEWAY in spec.roles and not spec.is_local]
        return [partial(self._watch, spec) for spec in gateways]

    async def _watch(self, spec: NodeSpec) -> None:
        while True:
            await self._store.wait_for_node(spec.name, is_to_be_looked_for)
            ways = await self._look(spec)
            self._set(spec.name, ways)
            try:
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._store.wait_for_node(spec.name, lambda node: not is_to_be_looked_for(node))
                self._set(spec.name, ())
            except TimeoutError:
                continue

    def _set(self, name: NodeName, ways: tuple[Way, ...]) -> None:
        self._store.update(name, lambda node: node if node.ways == ways else rate(replace(node, ways=ways)))

    async def _look(self, spec: NodeSpec) -> tuple[Way, ...]:
        servers = [one.name for one in self._inventory.nodes.values() if Role.SERVER in one.roles]
        try:
            ssh = await self._address(spec.name)
        except AenError as error:
            return (Way(HERE, error=error.message),)
        host, port = ssh or (spec.host, 22)
        http = _own_port(spec, host)
        async with asyncio.TaskGroup() as group:
            here = group.create_task(self._from_here(ssh, http))
            others = [group.create_task(self._from(name, (host, port), http)) for name in servers if name != spec.name]
        return (here.result(), *(one.result() for one in others))

    async def _from_here(self, ssh: tuple[str, int] | None, http: tuple[str, int]) -> Way:
        if ssh is None:
            return Way(HERE, error="another host leads there")
        async with asyncio.TaskGroup() as group:
            first = group.create_task(_knock(*ssh, speaks=True))
            second = group.create_task(_knock(*http, speaks=False))
        return Way(HERE, first.result(), second.result())

    async def _from(self, server: NodeName, ssh: tuple[str, int], http: tuple[str, int]) -> Way:
        with suppress(TimeoutError):
            async with asyncio.timeout(_UP_SECONDS):
                await self._store.wait_for_node(server, lambda node: node.connection.state is not LinkState.CONNECTING)
        if self._store.node(server).connection.state is not LinkState.UP:
            return Way(server, error="it is not up")
        order = {"ports": [[*ssh, True], [*http, False]]}
        errand, decode = requirements_reach.ERRAND, requirements_reach.decode
        try:
            found = await first_row(self._ask, server, errand, order, decode, seconds=_ERRAND_SECONDS)
        except AenError as error:
            return Way(server, error=error.message)
        if found is None or len(found.ports) != 2:
            return Way(server, error="it said nothing")
        return Way(server, *found.ports)


def _own_port(spec: NodeSpec, host: str) -> tuple[str, int]:
    """Where the gateway's program is reached by others: its URL may name this machine to itself only."""
    url = next((urlsplit(target.url) for target in spec.http if target.name == "gateway"), None)
    if url is None or url.hostname is None:
        return host, _GATEWAY_PORT
    name = host if url.hostname in ("localhost", "127.0.0.1", spec.host) else url.hostname
    return name, url.port or (443 if url.scheme == "https" else 80)


async def _knock(host: str, port: int, *, speaks: bool) -> Knock:
    """Connect from here and leave again; sshd must say a word, because the kernel answers for one that hangs."""
    try:
        async with asyncio.timeout(KNOCK_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                word = await reader.read(1) if speaks else b"-"
            finally:
                writer.close()
    except TimeoutError:
        return Knock(host, port, f"no answer within {KNOCK_SECONDS:.0f} s")
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)  # asyncio words it anew
        return Knock(host, port, visible_line(why, 200).lower())
    return Knock(host, port, None if word else "closed without a word")

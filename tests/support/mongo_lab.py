"""A lab of one node with a real mongod, and ways to trouble it from inside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from aen_tui.config.load import load_inventory
from aen_tui.errors import StoreError
from aen_tui.model.facts import ClusterState, StoreState
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.transports.mongo import MongoConnection
from tests.lab import fetched
from tests.lab.fixtures import need_fetched, need_lab
from tests.lab.lab import Lab
from tests.lab.variants import Variant

SERVER = NodeName("aen-server")


@contextmanager
def stored_lab() -> Iterator[Lab]:
    """A server with mongod 2.6.10 as the package installs it."""
    need_lab()
    need_fetched(fetched.mongod)
    with Lab.start(gateways=0, computes=0, variants={SERVER: Variant(mongodb=True)}) as started:
        yield started


@asynccontextmanager
async def watching(lab: Lab, folder: Path, **overrides: Any) -> AsyncIterator[Runtime]:
    """The program's machine, without a screen."""
    runtime = Runtime(load_inventory(lab.write_inventory(folder / "inventory.toml", **overrides)))
    async with runtime.running():
        yield runtime


def findings(state: ClusterState) -> dict[str, str]:
    """Of the server: check -> message."""
    return {one.check: one.message for one in state.nodes[SERVER].findings}


async def until(runtime: Runtime, condition: Any, *, node: NodeName = SERVER, seconds: float = 60) -> ClusterState:
    """Wait for a state, asking the stores at once; `node` carries them."""
    async with asyncio.timeout(seconds):
        while True:
            runtime.poke(node)
            with suppress(TimeoutError):
                async with asyncio.timeout(1.5):
                    return await runtime.store.wait_for(condition)


def store_of(state: ClusterState, name: str = "mongodb") -> StoreState:
    found = state.stores[name]
    return found if found is not None else StoreState("absent")


class Client:
    """Commands of an ordinary client, over the program's own way to the node."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def command(self, database: str, document: dict[str, Any], *, collection: str = "$cmd") -> None:
        """One command on a connection of its own; its end is waited for."""
        await asyncio.to_thread(self._run, f"{database}.{collection}", document)

    def _run(self, namespace: str, document: dict[str, Any]) -> None:
        connection = MongoConnection(self._path, 60)
        try:
            connection.open()
            with suppress(StoreError):
                connection._query(namespace, document, -1)
        finally:
            connection.close()


async def client(runtime: Runtime, node: NodeName = SERVER) -> Client:
    link = runtime._watches.link_of(node)
    assert link is not None
    return Client(await link.open_unix_forward("127.0.0.1", 27017))

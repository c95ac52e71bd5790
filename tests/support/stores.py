"""Askers over this machine's own link, without ssh and runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aen_tui.checks import rate
from aen_tui.model.clock import SystemClock
from aen_tui.model.facts import Connection, Finding, LinkState, NodeState, StoreState
from aen_tui.model.inventory import MongoTarget
from aen_tui.model.node import Role
from aen_tui.runtime.stores.mongodb import MongoAsker
from aen_tui.runtime.stores.search import SearchAsker
from aen_tui.transports.local import LocalLink
from tests.support.nodes import node_spec

FIRST = StoreState("unknown", is_pending=True)


class Looking:
    """One asker; each look goes on from the one before."""

    def __init__(self, name: str, asker: Any, link: LocalLink) -> None:
        self.name = name
        self.asker = asker
        self.link = link
        self.state = FIRST

    async def look(self, *, contents: bool = False) -> StoreState:
        self.state = await self.asker.look(self.link, self.state, contents=contents)
        return self.state

    def findings(self, **parts: Any) -> list[Finding]:
        """What the checks say of a node on which that was seen."""
        return findings_of({self.name: self.state}, **parts)


def findings_of(stores: dict[str, StoreState], **parts: Any) -> list[Finding]:
    node = NodeState(node_spec("aen-server", Role.SERVER), Connection(LinkState.UP), stores=stores)
    return list(rate(replace(node, **parts)).findings)


@asynccontextmanager
async def mongo(port: int, *, root: Path | None = None, prompter: Any = None, **target: Any) -> AsyncIterator[Looking]:
    """A look at a mongod of this machine."""
    spec = replace(node_spec("aen-server", Role.SERVER), root=str(root or ""))
    link = LocalLink()
    asker = MongoAsker(spec, MongoTarget("127.0.0.1", port, **target), SystemClock(), prompter)
    try:
        yield Looking("mongodb", asker, link)
    finally:
        await asker.close()
        link.close()


@asynccontextmanager
async def search(port: int, *, expected: int = 1) -> AsyncIterator[Looking]:
    """A look at an Elasticsearch of this machine."""
    link = LocalLink()
    asker = SearchAsker(node_spec("aen-server", Role.SERVER), f"http://127.0.0.1:{port}", expected, SystemClock())
    try:
        yield Looking("elasticsearch", asker, link)
    finally:
        await asker.close()
        link.close()

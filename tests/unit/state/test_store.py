"""Waiting for one node."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aen_tui.model.facts import Connection, LinkState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.state.store import Store
from tests.unit.runtime.test_received import Rig

SERVER, GATEWAY = NodeName("aen-server"), NodeName("gateway1")


@pytest.fixture
def store() -> Store:
    return Rig(SERVER).store


def _up(node: NodeState) -> NodeState:
    return replace(node, connection=Connection(LinkState.UP))


async def test_who_waits_for_a_node_is_woken_by_no_other(store: Store) -> None:
    asked: list[NodeState] = []

    def is_up(node: NodeState) -> bool:
        asked.append(node)
        return node.connection.state is LinkState.UP

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(store.wait_for_node(GATEWAY, is_up))
        await asyncio.sleep(0)
        store.update(SERVER, _up)
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(asked) == 1
        store.update(GATEWAY, _up)
    assert waiting.result() is store.node(GATEWAY)
    assert len(asked) == 2


async def test_what_is_so_already_is_not_waited_for(store: Store) -> None:
    assert await store.wait_for_node(SERVER, lambda node: node.name == SERVER) is store.node(SERVER)

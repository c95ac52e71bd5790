"""Sources of `logs` that nobody named: the nodes' own configuration tells of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.log_sources import told_keys

GRACE_SECONDS = 2.0
"""Beyond connect_timeout_seconds: when a node counts as not read."""


def connect_seconds(runtime: Runtime) -> float:
    """How long a node may take to be up."""
    return runtime.inventory.ssh.connect_timeout_seconds + GRACE_SECONDS


async def told_sources(runtime: Runtime, nodes: Collection[NodeName], seconds: float) -> list[LogKey]:
    """Once each of these nodes is up or is known not to be, or after so long; nothing is waited for where none is."""
    if not nodes:
        return []
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await runtime.store.wait_for(lambda state: all(_is_settled(state.nodes[name]) for name in nodes))
    return told_keys(runtime.snapshot(), nodes)


def _is_settled(node: NodeState) -> bool:
    state = node.connection.state
    return node.complete if state is LinkState.UP else state is not LinkState.CONNECTING

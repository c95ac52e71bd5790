"""Waits for the nodes of a plan: up, read, and their URLs asked once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import ClusterState, LinkState
from aen_tui.model.node import NodeName
from aen_tui.runtime.cluster import Runtime

GRACE_SECONDS = 20.0
"""Beyond connect_timeout_seconds: a login may take long where names are looked up."""
ANSWERS_SECONDS = 5.0
"""How long the URLs of a node that is up are waited for: what never answered is no proof."""
_PENDING = frozenset({LinkState.CONNECTING, LinkState.VIA, LinkState.UP})


async def wait_for_nodes(runtime: Runtime, nodes: Sequence[NodeName]) -> None:
    """Wait until every node is up and read.

    Raises:
        PlanRefusedError: one has failed, or time is up.
    """
    await _wait(runtime, lambda state: _all_read(state, nodes) or any(_has_failed(state, name) for name in nodes))
    for error in not_read(runtime, nodes).values():
        raise error
    await _wait_for_answers(runtime, nodes)


async def wait_for_most(runtime: Runtime, nodes: Sequence[NodeName]) -> dict[NodeName, PlanRefusedError]:
    """Wait until every node is read or has failed, or time is up; the nodes that are not read, and why."""
    await _wait(runtime, lambda state: all(_is_read(state, name) or _has_failed(state, name) for name in nodes))
    missing = not_read(runtime, nodes)
    await _wait_for_answers(runtime, [name for name in nodes if name not in missing])
    return missing


def not_read(runtime: Runtime, nodes: Sequence[NodeName]) -> dict[NodeName, PlanRefusedError]:
    """The nodes that are not up and read, and why."""
    state, found = runtime.snapshot(), dict[NodeName, PlanRefusedError]()
    for name in nodes:
        if not _is_read(state, name):
            link = state.nodes[name].connection
            why = link.error or f"not read within {_limit(runtime):g} s"
            message = f"{name} is not up: {link.state.value}: {why}"
            found[name] = PlanRefusedError(message, node=name, hint=link.hint)
    return found


def _limit(runtime: Runtime) -> float:
    return runtime.inventory.ssh.connect_timeout_seconds + GRACE_SECONDS


async def _wait(runtime: Runtime, condition: Callable[[ClusterState], bool]) -> None:
    try:
        async with asyncio.timeout(_limit(runtime)):
            await runtime.store.wait_for(condition)
    except TimeoutError:
        return


async def _wait_for_answers(runtime: Runtime, nodes: Sequence[NodeName]) -> None:
    try:
        async with asyncio.timeout(ANSWERS_SECONDS):
            await runtime.store.wait_for(lambda state: all(_has_answers(state, name) for name in nodes))
    except TimeoutError:
        return


def _all_read(state: ClusterState, nodes: Sequence[NodeName]) -> bool:
    return all(_is_read(state, name) for name in nodes)


def _is_read(state: ClusterState, name: NodeName) -> bool:
    return state.nodes[name].connection.state is LinkState.UP and state.nodes[name].complete


def _has_failed(state: ClusterState, name: NodeName) -> bool:
    return state.nodes[name].connection.state not in _PENDING


def _has_answers(state: ClusterState, name: NodeName) -> bool:
    """Whether everything asked of a node was asked once, by whoever is up to ask it."""
    return all(
        answer.seen_at is not None or state.nodes[answer.asked_on].connection.state not in _PENDING
        for answer in state.nodes[name].http
    )

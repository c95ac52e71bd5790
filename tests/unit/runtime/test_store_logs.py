"""Elasticsearch's log is called after its cluster: once that is known, it is followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from aen_tui.model.facts import LogPath, NodeState, StoreState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.stores import SearchFigures
from aen_tui.runtime.stores import watching
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store
from tests.support.states import StoppedClock, cluster_state, inventory

SERVER = NodeName("aen-server")


class Answers:
    """A store that says one thing."""

    def __init__(self, cluster: str) -> None:
        self._said = StoreState("up", figures=SearchFigures(cluster=cluster, node_count=1))

    async def look(self, _link: Any, _before: StoreState, *, contents: bool) -> StoreState:
        return self._said

    def record(self, state: StoreState, series: SeriesStore) -> None: ...

    def ask_again(self) -> None: ...

    async def close(self) -> None: ...


def told(node: NodeState, _before: NodeState) -> NodeState:
    return node


async def nobody(*_words: Any, **_more: Any) -> Any:
    """No errand is asked for."""
    raise AssertionError


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Watches a store whose cluster has some name, until its first look is over; what was followed then."""

    async def watch(cluster: str) -> list[LogKey]:
        monkeypatch.setattr(watching.StoresWatch, "_made", lambda *_: Answers(cluster))
        known = replace(inventory(), store=SERVER)
        store = Store(known, StoppedClock())
        for node in cluster_state(1, 1, problems=False).nodes.values():
            if node.name in known.nodes:
                store.update(node.name, partial(told, node))
        found: list[LogKey] = []
        made = watching.StoresWatch(
            known,
            store=store,
            series=SeriesStore(),
            clock=StoppedClock(),
            link_of=lambda _: object(),  # type: ignore[arg-type,return-value]
            is_heard=nobody,
            ports_of=lambda _: {"27017": True, "9200": True},
            prompter=None,
            ask=nobody,
            follow=found.append,
        )
        task = asyncio.create_task(made.run())
        async with asyncio.timeout(10):
            await store.wait_for(
                lambda state: all(one is not None and one.state == "up" for one in state.nodes[SERVER].stores.values())
            )
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return found

    return watch


async def test_the_log_of_the_cluster_is_followed(follow: Callable[[str], Any]) -> None:
    assert set(await follow("aen")) == {LogKey(SERVER, LogPath("/var/log/elasticsearch/aen.log"))}


async def test_a_name_that_is_no_file_name_is_not(follow: Callable[[str], Any]) -> None:
    assert await follow("../../etc/shadow") == []

"""A watch of stores which say what a test wants, on a server that is up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from aen_tui.model.facts import LogPath, NodeState, StoreState
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.runtime.stores import watching
from aen_tui.state.series import SeriesStore
from aen_tui.state.store import Store
from tests.support.states import StoppedClock, cluster_state, inventory

SERVER = NodeName("aen-server")


class Answers:
    """A store that says one thing, and remembers how it was asked."""

    def __init__(self, said: StoreState) -> None:
        self._said = said
        self.looks: asyncio.Queue[bool] = asyncio.Queue()
        """Of each: whether contents were wanted too."""

    async def look(self, _link: Any, _before: StoreState, *, contents: bool) -> StoreState:
        self.looks.put_nowait(contents)
        return self._said

    def record(self, state: StoreState, series: SeriesStore) -> None: ...

    def ask_again(self) -> None: ...

    async def close(self) -> None: ...


async def nobody(*_words: Any, **_more: Any) -> Any:
    """Is not asked."""
    raise AssertionError


@asynccontextmanager
async def watched(
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    *,
    follow: Callable[[LogKey], None] = lambda _key: None,
    told_logs: Sequence[LogPath] | None = (),
) -> AsyncIterator[watching.StoresWatch]:
    """The watch, after its first looks; time stands still."""
    monkeypatch.setattr(watching.StoresWatch, "_made", lambda *_: answers)
    known = replace(inventory(), store=SERVER)
    store = Store(known, StoppedClock())
    for node in cluster_state(1, 1, problems=False).nodes.values():
        if node.name in known.nodes:
            store.update(node.name, lambda _before, node=node: _told(node))  # type: ignore[misc]
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
        follow=follow,
        told_logs=lambda _: told_logs,
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(made.run())
        async with asyncio.timeout(60):
            await store.wait_for(
                lambda state: all(one is not None and one.state == "up" for one in state.nodes[SERVER].stores.values())
            )
        yield made
        task.cancel()


def _told(node: NodeState) -> NodeState:
    return node

"""Errands on real nodes: asked through the runtime, by the login user's probe or the one under sudo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from aen_tui.errors import ConnectionLostError, ProbeError
from aen_tui.model.facts import LinkState, LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.searches import Hit, Searched
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.errands import Errand
from aen_tui.sources import log_hits
from tests.lab.lab import Lab
from tests.whole.conftest import Watching

NODE = NodeName("compute2-1")
KEYS = [LogKey(NODE, LogPath("/var/log/small.log")), LogKey(NODE, LogPath("/var/log/endless.log"))]
ENDLESS = "(a+)+$"


@pytest.fixture
def logs(lab: Lab) -> Iterator[None]:
    """One that is soon searched, and one in which a certain pattern never ends."""
    paths = [lab.nodes[NODE].path(key.path) for key in KEYS]
    paths[0].write_bytes(b"a \x1b[31mred\xc2\x9b line\naa\n")
    paths[1].write_bytes(b"a" * 60 + b"b\n")
    yield
    for path in paths:
        path.unlink()


async def up(runtime: Runtime, node: NodeName = NODE) -> None:
    async with asyncio.timeout(60):
        await runtime.store.wait_for(lambda state: state.nodes[node].connection.state is LinkState.UP)


async def search(
    runtime: Runtime, pattern: str, take: Callable[[Hit | Searched], None], keys: list[LogKey] = KEYS, **more: Any
) -> bool:
    order = log_hits.order(keys, pattern, most_hits=100, most_bytes=1 << 30)
    row = log_hits.decoder(keys)
    return await runtime.errand(keys[0].node, Errand(log_hits.NAME, order, row=row, take=take, seconds=60, **more))


def searching(lab: Lab) -> list[int]:
    """The node's processes with nice 19: errands."""
    found = []
    for pid in lab.nodes[NODE].processes():
        with suppress(OSError):  # it ended meanwhile
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[16] == "19":
                found.append(pid)
    return found


async def gone(lab: Lab) -> None:
    async with asyncio.timeout(90):
        while searching(lab):
            await asyncio.sleep(0.05)


async def test_rows_come_typed_and_safe(lab: Lab, logs: None, watching: Watching) -> None:
    found: list[Hit | Searched] = []
    async with watching() as runtime:
        await up(runtime)
        assert await search(runtime, "line", found.append, KEYS[:1]) is False
    hit, end = found
    assert hit == Hit(
        KEYS[0], "small.log", lab.nodes[NODE].path(KEYS[0].path).stat().st_ino, 0, "a \u241b[31mred<9B> line", None
    )
    assert end == Searched(KEYS[0], 21, 1, None, None, is_ended=True)


async def test_a_wait_that_is_cancelled_is_cancelled_on_the_node(lab: Lab, logs: None, watching: Watching) -> None:
    async with watching() as runtime:
        await up(runtime)
        for _ in range(3):  # more than may run at a time: each has ended before the next
            first = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                task = group.create_task(search(runtime, ENDLESS, lambda _row: first.set()))  # noqa: B023
                await first.wait()
                async with asyncio.timeout(60):
                    while not searching(lab):
                        await asyncio.sleep(0.05)
                task.cancel()
            await gone(lab)


async def test_a_lost_link_ends_it(lab: Lab, logs: None, watching: Watching) -> None:
    async with watching() as runtime:
        await up(runtime)
        first = asyncio.Event()

        async def cut() -> None:
            await first.wait()
            link = runtime._watches.link_of(NODE)
            assert link is not None
            link.close()

        async with asyncio.timeout(90), asyncio.TaskGroup() as group:
            group.create_task(cut())
            with pytest.raises(ConnectionLostError):
                await search(runtime, ENDLESS, lambda _row: first.set())
        await gone(lab)


async def test_what_fails_there_or_is_nonsense_here_ends_it(lab: Lab, logs: None, watching: Watching) -> None:
    def refuse(line: bytes) -> None:
        raise ProbeError("nonsense")

    async with watching() as runtime:
        await up(runtime)
        for row, words in ((log_hits.decoder(KEYS), "'do'"), (refuse, "nonsense")):
            order = {} if words == "'do'" else log_hits.order(KEYS[:1], "line", most_hits=9, most_bytes=1 << 20)
            with pytest.raises(ProbeError, match=words):
                await runtime.errand(NODE, Errand(log_hits.NAME, order, row=row, take=lambda _row: None, seconds=20))


async def test_under_sudo_where_there_is_a_probe_under_sudo(lab: Lab, watching: Watching) -> None:
    node = NodeName("gateway2")
    key = LogKey(node, LogPath("/opt/wakari/wakari-gateway/var/log/wakari/gateway.log"))
    lab.nodes[node].run(["sh", "-c", f"mv {key.path} {key.path}.1; umask 077; echo for root alone > {key.path}"])
    try:
        async with watching() as runtime, asyncio.timeout(60):
            found: list[Hit | Searched] = []
            await runtime.store.wait_for(lambda state: state.nodes[node].complete)
            while not await search(runtime, "for root", found.append, [key], raised=True):
                assert isinstance(found[-1], Searched)
                assert found[-1].error == "permission denied"
                found.clear()
                await asyncio.sleep(0.2)
            assert isinstance(found[0], Hit)
            assert found[0].text == "for root alone"
    finally:
        lab.nodes[node].run(["sh", "-c", f"mv -f {key.path}.1 {key.path}"])

"""Samples that nobody waits for are taken together; each keeps the moment at which it came, and its place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from aen_tui.errors import AenError
from aen_tui.runtime import together
from aen_tui.runtime.together import Together
from aen_tui.runtime.watch import NodeWatch
from tests.unit.runtime.test_received import SUPERVISORS, Rig, sample


class Later(Together):
    """Does what was put off when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[Callable[[], None]] = []

    def put_off(self, work: Callable[[], None]) -> None:
        self.work.append(work)

    def do(self) -> None:
        while self.work:
            self.work.pop(0)()


class Watched:
    """A node whose first look is complete."""

    def __init__(self) -> None:
        self.rig = Rig("aen-server")
        self.later = Later()
        self.watch = NodeWatch(
            self.rig.received.spec,
            self.rig.received,
            inventory=self.rig.inventory,
            pool=cast("Any", None),
            store=self.rig.store,
            clock=self.rig.clock,
            together=self.later,
        )
        self.rig.received.await_logs(())
        self.send(**sample(supervisors=SUPERVISORS))
        assert self.node.complete
        assert not self.later.work, "the first look is taken at once"

    def send(self, kind: str = "S", **fields: Any) -> None:
        self.watch._frame(kind, json.dumps(fields).encode())

    @property
    def node(self) -> Any:
        return self.rig.store.node(self.rig.name)


def test_a_sample_is_as_old_as_its_arrival() -> None:
    one = Watched()
    before = one.node
    one.rig.clock.now = 110.0
    one.send(n=2, time=1_700_000_110.5, same=["supervisors"])
    one.rig.clock.now = 112.0
    one.send(n=3, time=1_700_000_112.5, same=["supervisors"])
    assert one.node is before
    assert len(one.later.work) == 1
    one.rig.clock.now = 113.0
    one.later.do()
    assert one.node.services[0].seen_at == 112.0
    assert one.node.connection.skew_seconds == 0.5
    assert one.rig.received.last_frame_at == 112.0


def test_every_other_frame_and_a_sample_that_was_asked_for_come_after_those_before_them() -> None:
    one = Watched()
    one.rig.clock.now = 110.0
    one.send(n=2, time=1_700_000_110.5, same=["supervisors"])
    one.watch.poke()
    one.rig.clock.now = 111.0
    one.send(n=3, time=1_700_000_111.5, same=["supervisors"])
    assert one.node.services[0].seen_at == 111.0
    one.later.do()
    assert one.node.services[0].seen_at == 111.0
    one.send(n=4, time=1_700_000_111.5, metrics={"cpu": 50.0})
    one.send("L", id=9)
    assert one.node.metrics.value.cpu_percent == 50.0


def test_what_a_lost_connection_brought_is_not_taken_for_what_is_now() -> None:
    one = Watched()
    one.rig.clock.now = 110.0
    one.send(n=2, time=1_700_000_110.5, same=["supervisors"])
    one.watch._close()
    before = one.node
    one.later.do()
    assert one.node is before


async def test_nonsense_among_them_ends_its_own_connection() -> None:
    one = Watched()
    one.watch._lost = asyncio.get_running_loop().create_future()
    one.watch._frame("S", b"{")
    assert not one.watch._lost.done()
    one.later.do()
    assert isinstance(one.watch._lost.result(), AenError)


async def test_the_loop_gets_its_turn_between_slices_and_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(together, "_SLICE_SECONDS", 0.0)
    batch, done, over = Together(), list[str](), asyncio.Event()

    def first() -> None:
        done.append("first")
        asyncio.get_running_loop().call_soon(done.append, "a key")

    def broken() -> None:
        done.append("broken")
        raise ValueError

    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    for work in (first, broken, over.set):
        batch.put_off(work)
    async with asyncio.timeout(30):
        await over.wait()
    assert done == ["first", "a key", "broken"]

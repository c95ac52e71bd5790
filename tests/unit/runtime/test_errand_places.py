"""No more errands at a time than a probe takes: the others wait for their turn, not for a refusal."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest

from aen_tui.errors import DeadlineError
from aen_tui.model.node import NodeName
from aen_tui.runtime.errands import AT_A_TIME, Errand, Errands


class Node:
    """A node that takes orders and answers when told."""

    def __init__(self) -> None:
        self.errands = Errands(NodeName("compute1"), itertools.count(1))
        self.orders: list[Mapping[str, Any]] = []

    async def ask(self, *, raised: bool = False, seconds: float = 30.0) -> None:
        errand = Errand("apps", {}, row=bytes, take=lambda row: None, seconds=seconds, raised=raised)
        await self.errands.run(self.orders.append, errand)

    def end(self, number: int) -> None:
        head = json.dumps({"rid": self.orders[number]["rid"], "end": True, "error": None})
        self.errands.answered(head.encode() + b"\n")

    async def has(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.orders) < count:
                await asyncio.sleep(0)


async def test_a_third_is_sent_once_one_has_ended() -> None:
    node = Node()
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(node.ask()) for _ in range(AT_A_TIME + 1)]
        await node.has(AT_A_TIME)
        await asyncio.sleep(0)
        assert len(node.orders) == AT_A_TIME
        node.end(0)
        await node.has(AT_A_TIME + 1)
        for number in range(1, AT_A_TIME + 1):
            node.end(number)
    assert all(task.done() for task in asked)


async def test_the_probe_under_sudo_has_places_of_its_own() -> None:
    node = Node()
    async with asyncio.TaskGroup() as tasks:
        for raised in (False, True):
            for _ in range(AT_A_TIME):
                tasks.create_task(node.ask(raised=raised))
        await node.has(2 * AT_A_TIME)
        for number in range(2 * AT_A_TIME):
            node.end(number)


async def test_who_waits_too_long_is_told_and_takes_no_place() -> None:
    node = Node()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_A_TIME):
            tasks.create_task(node.ask())
        await node.has(AT_A_TIME)
        with pytest.raises(DeadlineError, match="others have been under way"):
            await node.ask(seconds=0.05)
        node.end(0)
        tasks.create_task(node.ask())
        await node.has(AT_A_TIME + 1)
        for number in range(1, AT_A_TIME + 1):
            node.end(number)

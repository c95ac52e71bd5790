"""What a book says of its top edge after each answer of a probe."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import Cursor, LogKey, OlderState
from aen_tui.model.node import NodeName
from aen_tui.runtime.history import History, Older, OlderReads
from aen_tui.state.logbook import LogBooks

KEY = LogKey(NodeName("n"), LogPath("/a.log"))


@pytest.mark.parametrize(
    ("head", "state", "word"),
    [
        (b'"end":true', OlderState.START, "begins here"),
        (b'"end":true,"earlier":true', OlderState.EARLIER, "before the time asked for"),
        (b'"error":"is a folder","end":true', OlderState.GONE, "is a folder"),
    ],
)
async def test_an_end_says_which_end_it_is(head: bytes, state: OlderState, word: str) -> None:
    reads = OlderReads(KEY.node, itertools.count(1))

    def send(order: Any) -> None:
        if order["op"] == "read":
            reads.answered(b'{"rid":%d,%s}\n' % (order["rid"], head))

    async def ask(_path: LogPath, before: Cursor | None, size: int, since: float | None) -> Older:
        return await reads.read(send, 1, before, size, since)

    edge = await History(LogBooks(limit_bytes=1 << 20)).fetch(KEY, ask, 1 << 16, 5.0)
    assert edge.state is state
    assert word in edge.message

"""What the server's URL shows is looked at again when what answers there turns bad, or good again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from aen_tui.model.current_page import current_page
from aen_tui.model.node import HttpTarget, NodeName
from aen_tui.model.node_facts import Page
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.runtime.server_page import ServerPage
from aen_tui.ui.presentation.panes import pane
from aen_tui.ui.presentation.rows import Look
from aen_tui.ui.presentation.severity import UNICODE
from tests.support.states import FakeRuntime
from tests.support.steps import SERVER

URL = "http://aen.example.com"


def answers(runtime: FakeRuntime, code: int | None, at: float = 0.0) -> None:
    """The server's URL is asked, and says so."""
    severity = Severity.OK if code == 200 else Severity.CRITICAL
    node = runtime.store.node(SERVER)
    seen_at = runtime.clock.monotonic() + at
    said = replace(node.http[0], status_code=code, severity=severity, document=None, seen_at=seen_at)
    assert said.name == "server"
    runtime.store.update(SERVER, lambda node: replace(node, http=(said, *node.http[1:])))


def pane_of(runtime: FakeRuntime) -> str:
    """The server's pane."""
    look = Look(runtime.clock.monotonic(), UNICODE, lambda _node, _metric, _samples: ())
    return "\n".join("".join(text for text, _ in line) for line in pane(runtime.store.node(SERVER), 100, look))


async def test_a_server_that_turns_bad_or_good_is_looked_at_at_once() -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    shown: asyncio.Queue[str] = asyncio.Queue()

    async def look(_node: NodeName, _order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        code = runtime.store.node(SERVER).http[0].status_code
        kind = "login" if code == 200 else "other"
        yield json.dumps({"pages": [asdict(Page("server", f"{URL}/", code, kind))]}).encode()
        await shown.put(kind)

    runtime.errands = look
    target = HttpTarget("server", URL, ("/",), SERVER, SERVER, wants_document=True)
    page = ServerPage(
        runtime.inventory.nodes[SERVER],
        target,
        store=runtime.store,
        clock=runtime.clock,
        ask=runtime.errand,
        link=lambda: None,
    )
    watch = asyncio.create_task(page.run())
    try:
        async with asyncio.timeout(20):  # the next look of its own comes later than that
            assert await shown.get() == "login"
            answers(runtime, 200, at=1.0)
            answers(runtime, 502)
            assert await shown.get() == "other"
            answers(runtime, 200)
            assert await shown.get() == "login"
    finally:
        watch.cancel()
    assert shown.empty(), "nothing is looked at where nothing is another"


def test_a_page_that_the_server_does_not_show_any_more_is_not_current() -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    page = Reading(Page("server", f"{URL}/", 200, "login"), runtime.clock.monotonic())
    runtime.store.update(SERVER, lambda node: replace(node, page=page))

    def is_current() -> bool:
        return current_page(runtime.store.node(SERVER)) is page.value

    assert is_current()
    answers(runtime, 502, at=-5.0)
    assert is_current(), "it was seen later than that answer"
    assert "● login page" in pane_of(runtime)
    answers(runtime, 502, at=5.0)
    assert not is_current()
    assert "login page" not in pane_of(runtime)
    answers(runtime, None, at=5.0)
    assert not is_current()
    answers(runtime, 401, at=5.0)
    assert is_current()
    runtime.store.update(SERVER, lambda node: replace(node, page=replace(page, error="no answer within 30 s")))
    assert not is_current()

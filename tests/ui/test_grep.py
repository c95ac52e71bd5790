"""`:grep`: what is asked of the nodes, hits as they come, cancelled, opened; hostile text stays text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from aen_tui.errors import AenError, ProbeError
from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.searches import Hit
from aen_tui.runtime.log_search import Found
from aen_tui.state.patterns import compile_typed
from aen_tui.ui.app import AenApp
from aen_tui.ui.commands import run_line
from aen_tui.ui.messages import OpenLogs, SearchLogs
from aen_tui.ui.presentation.search_rows import hit_row
from aen_tui.ui.screens.around import AroundScreen
from aen_tui.ui.screens.grep import GrepScreen
from aen_tui.ui.widgets.lazy_rows import LazyRows
from aen_tui.ui.widgets.rows import Rows
from tests.support.log_stage import SERVER_LOG
from tests.support.screen import screen_text, until
from tests.support.states import NOW_WALL, FakeRuntime

SIZES = ((80, 24), (200, 50))


class Nodes:
    """What nodes answer: two hits at once, and the rest when they are let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.ended: list[NodeName] = []

    async def rows(self, node: NodeName, order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        if order["do"] == "around":
            for number in range(-60, 60):
                yield dump({"log": 0, "at": 20 + number, "text": f"line {number} \x1b[2J [bold]"})
            return
        if order["do"] == "since":
            yield dump({"log": 0, "older": 1 << 30 if node == "compute1-2" else 0})
            return
        try:
            if node == "compute1-3":
                raise ProbeError("permission denied", node=node)
            yield dump(hit("2016-10-19 14:03:22,000 first error \x1b]0;x\x07 [red]", 10))
            yield dump(hit("  no time of its own error", 20, head="2016-10-19 14:03:23,000 before"))
            await self.go.wait()
            yield dump(hit("2016-10-19 14:09:00,000 late error", 30))
            yield dump({"log": 0, "read": 5_000_000, "files": 3, "capped": "hits", "error": None})
        finally:
            self.ended.append(node)


def hit(text: str, at: int, head: str | None = None) -> dict[str, Any]:
    return {"log": 0, "file": "a.log.2.gz", "ino": 7, "at": at, "text": text, "head": head}


def dump(row: dict[str, Any]) -> bytes:
    return json.dumps(row).encode()


@pytest.fixture
def runtime(tmp_path: Path) -> FakeRuntime:
    return FakeRuntime(history_samples=0, audit_folder=tmp_path)


def sent(runtime: FakeRuntime, line: str) -> SearchLogs:
    """What a line asks for."""
    found: list[SearchLogs] = []

    class Desk:
        backend = runtime
        views = ()
        post_message = staticmethod(found.append)

    run_line(Desk(), line)  # type: ignore[arg-type]
    return found[0]


@pytest.mark.parametrize(
    ("line", "pattern", "logs", "since"),
    [
        ("grep error compute1-1 --since 6h", "error", "compute1-1:", NOW_WALL - 6 * 3600),
        ("grep 'two words' compute1-1:/var/log/a.log", "two words", "compute1-1:/var/log/a.log", None),
        (r'grep "a\d+ b" --since=-30m compute1-1', r"a\d+ b", "compute1-1:", NOW_WALL - 1800),
        ("grep timeout", "timeout", "", None),
    ],
)
def test_what_is_typed(runtime: FakeRuntime, line: str, pattern: str, logs: str, since: float | None) -> None:
    message = sent(runtime, line)
    assert message.pattern is not None
    assert message.pattern.text == pattern
    assert message.keys
    assert all(str(key).startswith(logs) for key in message.keys)
    assert (len({key.node for key in message.keys}) == len(runtime.inventory.nodes)) is (not logs)
    assert message.since == since


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("grep (a compute1-1", "missing"),
        ("grep (?i)a compute1-1", "read alike"),
        ("grep [[:alpha:]] compute1-1", "read alike"),
        ("grep 'a compute1-1", "closing"),
        ("grep a --since", "wants a time"),
        ("grep a --since soon", "no time"),
        ("grep a nosuchnode", "nosuchnode"),
    ],
)
def test_what_is_wrong_is_said(runtime: FakeRuntime, line: str, words: str) -> None:
    with pytest.raises(AenError, match=words):
        sent(runtime, line)


async def search(pilot: Pilot[Any], line: str = "grep error @compute --since @1476800000") -> GrepScreen:
    app = pilot.app
    assert isinstance(app, AenApp)
    run_line(app, line)
    await until(pilot, lambda: isinstance(app.screen, GrepScreen))
    assert isinstance(app.screen, GrepScreen)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_hits_come_and_the_search_ends(runtime: FakeRuntime, size: tuple[int, int]) -> None:
    nodes = Nodes()
    runtime.errands = nodes.rows
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        screen = await search(pilot)
        await until(pilot, lambda: "searching" in screen_text(app) and "10 hits" in screen_text(app))
        text = screen_text(app)
        assert "permission denied" in text
        assert "\u241b]0;x\u2407 [red]" in text or size[0] == 80
        assert not set(text) & {"\x1b", "\x07"}
        table = screen.query_one(LazyRows)
        await pilot.press("down")
        here = screen._here
        nodes.go.set()
        await until(pilot, lambda: "done" in screen_text(app) and "15 hits" in screen_text(app))
        assert screen._here == here
        assert "more hits than are shown: 5 logs" in screen_text(app) or size[0] == 80
        assert [round(found.moment or 0) for found in screen.search.hits] == sorted(
            (round(found.moment or 0) for found in screen.search.hits), reverse=True
        )
        assert len(table.rows) == 15
        orders = [call[1][2] for call in runtime.calls if call[0] == "errand"]
        assert {order["pattern"] for order in orders} == {"error"}
        assert {order["since"] for order in orders} == {1476800000.0 + skew(runtime, name) for name in nodes.ended}


def skew(runtime: FakeRuntime, name: NodeName) -> float:
    return runtime.snapshot().nodes[name].connection.skew_seconds or 0.0


async def test_escape_cancels_then_closes_and_grep_shows_it_again(runtime: FakeRuntime) -> None:
    nodes = Nodes()
    runtime.errands = nodes.rows
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await search(pilot)
        await until(pilot, lambda: len(screen.search.hits) == 10)
        assert len(nodes.ended) == 1
        await pilot.press("escape")
        await until(pilot, lambda: "cancelled" in screen_text(app))
        assert len(nodes.ended) == 6
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        again = await search(pilot, "grep")
        await until(pilot, lambda: "10 hits" in screen_text(app))
        assert again.search is screen.search
        assert len(nodes.ended) == 6


async def test_enter_opens_the_log_there_or_what_stands_around_it(
    runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.errands = Nodes().rows
    app = AenApp(runtime)
    opened: list[OpenLogs] = []
    monkeypatch.setattr(AenApp, "on_open_logs", lambda _self, message: opened.append(message))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await search(pilot)
        await until(pilot, lambda: len(screen.query_one(LazyRows).rows) == 10)
        at = place(screen, lambda node: node == "compute1-1")
        screen.query_one(LazyRows).cursor = at
        await pilot.press("enter")
        await until(pilot, lambda: bool(opened))
        found = screen.search.hits[at]
        assert (opened[0].keys, opened[0].moment) == ((found.hit.key,), found.moment)
        screen.query_one(LazyRows).cursor = place(screen, lambda node: node == "compute1-2")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, AroundScreen) and "line 0" in screen_text(app))
        await until(pilot, lambda: middle(app).startswith(f"line {nth(screen) - 20} "))
        assert "1.0 GiB back: more than is loaded" in screen_text(app)
        assert "line 1 \u241b[2J [bold]" in screen_text(app)
        await pilot.press("q")
        await until(pilot, lambda: app.screen is screen)


def nth(screen: GrepScreen) -> int:
    """Where the hit under the cursor stands in its file."""
    return screen._shown[screen.query_one(LazyRows).cursor].hit.offset


def middle(app: AenApp) -> str:
    """The row of the list's cursor, which stands in the middle."""
    rows = app.screen.query_one(Rows)
    height = rows.size.height
    seen = rows.cursor - rows.scroll_offset.y
    return "".join(text for text, _ in rows.rows[rows.cursor]) if abs(seen - height // 2) <= 1 else ""


def place(screen: GrepScreen, wanted: Callable[[NodeName], bool]) -> int:
    return next(at for at, found in enumerate(screen.search.hits) if wanted(found.node))


def test_logs_of_the_roles_only_are_read_under_sudo(runtime: FakeRuntime) -> None:
    from aen_tui.runtime.log_search import may_be_raised
    from aen_tui.sources.log_files import default_logs

    node = NodeName("compute1-1")
    own = next(iter(default_logs(runtime.inventory.nodes[node])))
    assert may_be_raised(runtime.inventory, LogKey(node, own))
    assert not may_be_raised(runtime.inventory, LogKey(node, LogPath("/etc/shadow")))


@pytest.mark.parametrize(
    ("text", "wanted", "row"),
    [
        (
            '{"name": "gw", "pid": 7, "level": "error", "time": "2016-10-19T14:03:22.5Z", "msg": "proxy alice: reset"}',
            "alice",
            "ERROR gw: proxy alice: reset  pid=7",
        ),
        ('{"level": 50, "msg": "x"}', '"level": 50', '{"level": 50, "msg": "x"}'),
        ("2016-10-19T14:03:22.500Z - error: alice is gone", "alice", "error: alice is gone"),
        ("2016-10-19 14:03:22,500 INFO alice", "14:03:22,5", "2016-10-19 14:03:22,500 INFO alice"),
        ("no time, alice", "alice", "no time, alice"),
    ],
)
def test_a_hit_reads_as_a_line_of_the_log_view(text: str, wanted: str, row: str) -> None:
    hit = Hit(SERVER_LOG, "server.log", 1, 0, text, None)
    found = Found(-1476885802.5, SERVER_LOG.node, SERVER_LOG.path, 0, hit)
    spans = hit_row(found, {}, compile_typed(wanted), 1476885900.0)
    assert "".join(words for words, _ in spans[2:]) == row
    assert any(role == "warning!" for _, role in spans[2:])

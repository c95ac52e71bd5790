"""View 5: both stores with state, age and error at every size; tables that can be ordered; hostile names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.errors import StoreSilentError
from aen_tui.model.command import CommandResult
from aen_tui.model.facts import StoreState
from aen_tui.model.inventory import MongoTarget
from aen_tui.model.node import Role
from aen_tui.model.reading import Reading
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoCollection, MongoContents, MongoLocks, SearchDiskLimits, SearchIndex
from aen_tui.runtime.stores.mongodb import MongoAsker
from aen_tui.runtime.stores.search import SearchAsker
from aen_tui.sources import elasticsearch_answers, mongodb_locks
from aen_tui.ui.panels.data import DataPanel
from aen_tui.ui.widgets.chart import Chart
from aen_tui.ui.widgets.rows import Rows
from tests.support.screen import screen_text, until
from tests.support.states import NOW_MONOTONIC, FakeRuntime, StoppedClock, node_spec
from tests.support.store_states import INDEXING, SEEN, WAITING, fill, mongo_state, search_state
from tests.ui.recorders import PanelHost

SIZES = [(60, 14), (80, 22), (120, 38), (200, 48)]


class Host(PanelHost[DataPanel]):
    def __init__(self, runtime: FakeRuntime) -> None:
        super().__init__(runtime, DataPanel(runtime))


def host(mongo: StoreState | None, search: StoreState | None) -> Host:
    runtime = FakeRuntime()
    runtime.inventory = replace(runtime.inventory, store=next(iter(runtime.inventory.nodes)))
    fill(runtime.series)
    runtime.store.set_stores({"mongodb": mongo, "elasticsearch": search})
    return Host(runtime)


@pytest.mark.parametrize("size", SIZES)
async def test_both_stores_with_figures_and_ages_at_every_size(size: tuple[int, int]) -> None:
    app = host(mongo_state(), search_state())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for part in (
            "MongoDB",
            "up · 2.6.10 standalone",
            "48.7",
            "42",
            "640M",
            "Elasticsearch",
            "1.7.2 yellow",
            "heap",
        ):
            assert part in text, part
        assert "wakari.events.2026" in text and "310M" in text
        assert text.count("seen 4s ago") == 2
        if size[0] >= 80:
            assert text.count("34s old") == 2
            assert "wakari.users" in text and "48,210" in text
        chart = app.query_one("#mongodb-ops", Chart)
        if size[1] >= 38:
            await until(pilot, lambda: chart.plots > 0)
        else:
            assert not chart.plots, "no room for it"


class Unanswered:
    """A link through which neither store is reached; nothing can be read there."""

    async def open_unix_forward(self, *_where: Any) -> str:
        raise StoreSilentError("no answer within 5 s")

    async def run(self, argv: list[str], **_more: Any) -> CommandResult:
        return CommandResult(tuple(argv), 1, "")


async def unanswered(mongo: StoreState, search: StoreState) -> tuple[StoreState, StoreState]:
    """What is said of them an hour after their last answer."""
    spec, link, clock = node_spec("aen-server", Role.SERVER, None), Unanswered(), StoppedClock()
    asked = MongoAsker(spec, MongoTarget("127.0.0.1", 27017), clock, None)
    searched = SearchAsker(spec, "http://127.0.0.1:9200", 1, clock)
    clock.advance(3600)
    return (
        await asked.look(link, mongo, contents=False),  # type: ignore[arg-type]
        await searched.look(link, search, contents=False),  # type: ignore[arg-type]
    )


def drawn_as(app: Host, store: str, words: str) -> str:
    """The colour role of words among a store's figures."""
    rows = app.panel.query_one(f"#{store} .figures", Rows).rows
    return next(role for row in rows for text, role in row if words in text)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((60, 14), "query 31.0 command 12.0 +3"),
        ((80, 22), "update 4.0 command 12.0 +1"),
        ((200, 48), "getmore 0.5 command 12.0"),
    ],
)
async def test_kinds_of_operations_are_whole_or_counted(size: tuple[int, int], words: str) -> None:
    app = host(mongo_state(), search_state())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "ops/s" in screen_text(app))
        line = next(line for line in screen_text(app).split("\n") if "ops/s" in line)
        assert words in line and "…" not in line


async def test_figures_of_one_that_is_down_are_old_and_none_is_in_progress() -> None:
    locks = Reading(MongoLocks(True, (INDEXING, WAITING)), SEEN)
    down, silent = await unanswered(mongo_state(locks=locks), search_state())
    assert (down.state, silent.state) == ("down", "down")
    app = host(down, silent)
    app.runtime.clock.advance(3600)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert text.count("DOWN") == 2 and text.count("these figures are 1h old") == 2
        assert text.count("answered 1h ago") == 2
        assert "fsyncLock" not in text and "in progress" not in text and "waits for a lock" not in text
        assert drawn_as(app, "mongodb", "48.7") == drawn_as(app, "elasticsearch", "31%") == "stale"
        assert drawn_as(app, "elasticsearch", "10") == "stale"


async def test_down_unknown_and_absent_say_why_and_since_when() -> None:
    down = replace(
        mongo_state(), state="down", severity=Severity.CRITICAL, error="nothing listens on 127.0.0.1:27017",
        last_words="12596 old lock file, terminating", answered_at=NOW_MONOTONIC - 75,
    )  # fmt: skip
    app = host(down, None)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for part in ("DOWN", "answered 1m ago", "nothing listens", "12596 old lock file", "these figures are 4s old"):
            assert part in text, part
        assert "neither configured nor installed" in text
        pending = StoreState("unknown", is_pending=True)
        hidden = StoreState("unknown", error="aen-server is not up", severity=Severity.UNKNOWN)
        app.runtime.store.set_stores({"mongodb": pending, "elasticsearch": hidden})
        app.panel.take(app.runtime.snapshot())
        await pilot.pause()
        text = screen_text(app)
        assert "not asked yet" in text and "aen-server is not up" in text and "UNKNOWN" in text


@pytest.mark.parametrize("size", SIZES)
async def test_who_holds_the_lock_and_who_waits_longest_are_seen_at_every_size(size: tuple[int, int]) -> None:
    """Of 12; the rest is counted, and read in a box."""
    others = [replace(WAITING, seconds=30.0 - i, client=f"10.0.0.{i}") for i in range(10)]
    locks = Reading(MongoLocks(False, (WAITING, *others, replace(INDEXING, seconds=12.0))), SEEN)
    app = host(mongo_state(locks=locks), search_state())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for part in ("12 in progress over 1 s", "12s insert wakari.system.indexes", "40s update"):
            assert part in text, part
        shown = text.count("insert wakari.system.indexes") + text.count("update wakari.projects")
        assert f"+{12 - shown} more" in text if shown < 12 else "more" not in text
        await pilot.press("shift+tab")
        await until(pilot, lambda: app.panel.query_one("#mongodb .figures").has_focus)
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await until(pilot, lambda: "10.0.0.9" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_figures_that_do_not_fit_are_scrolled() -> None:
    app = host(mongo_state(), search_state())
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        assert "running" not in screen_text(app)
        await pilot.press("shift+tab", "G")
        await until(pilot, lambda: "running 18d3h" in screen_text(app))


async def test_what_is_in_progress_and_who_waits() -> None:
    locks = Reading(MongoLocks(True, (INDEXING, WAITING)), SEEN)
    app = host(mongo_state(locks=locks), search_state())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "locked by fsyncLock, 1 operations wait" in text
        assert "42s insert wakari.system.indexes" in text and "waits for a lock" in text


async def test_the_table_is_ordered_by_its_columns_in_turn() -> None:
    app = host(mongo_state(), search_state())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()

        def names() -> list[str]:
            rows = app.panel.query_one("#mongodb").contents.rows  # type: ignore[attr-defined]
            return ["".join(text for text, _ in row).split()[0] for row in rows]

        assert names() == ["wakari.events.2026", "wakari.projects", "wakari.users"]
        await pilot.press("O", "O", "O", "O")
        assert app.panel.chip == "mongodb by collection"
        assert names() == sorted(names())
        await pilot.press("tab", "O")
        assert app.panel.chip == "elasticsearch by documents"


async def test_keys_ask_now_and_lead_on() -> None:
    app = host(mongo_state(), search_state())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f5", "l", "d")
        await pilot.pause()
        node = app.runtime.inventory.store
        assert ("retry_now", node) in app.runtime.calls
        assert app.asked == [(node,), node]
        assert app.runtime.calls.count(("attend_stores", True)) == 1
        app.panel.conceal()
        assert app.runtime.calls[-1] == ("attend_stores", False)


@pytest.mark.parametrize(("nodes", "is_on", "said"), [(1, True, False), (2, True, True), (2, False, False)])
async def test_watermarks_are_shown_where_they_are_heeded(nodes: int, is_on: bool, said: bool) -> None:
    limits = SearchDiskLimits("80%", "95%", is_on)
    app = host(mongo_state(), search_state(node_count=nodes, expected_nodes=nodes, disk_limits=limits))
    async with app.run_test(size=(200, 48)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "29.3G free" in text
        assert ("watermarks 80%/95%" in text) is said and ("watermarks" in text) is said


async def test_hostile_names_stay_text() -> None:
    evil = "[red]\x1b[2Jx\u202e"
    locks = mongodb_locks.decode(
        {"inprog": [{"op": "query", "ns": evil, "secs_running": 9, "query": {evil: 1}, "client": evil}]}
    )
    (index,) = elasticsearch_answers.with_health((), {"indices": {evil: {"status": "red"}}})
    assert isinstance(index, SearchIndex)
    contents = MongoContents((), (MongoCollection("d", index.name, 1, 1, 1, 1),))
    figures = mongo_state(locks=Reading(locks, SEEN), contents=Reading(contents, SEEN))
    app = host(figures, search_state(indices=Reading((index,), SEEN)))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "\x1b" not in text and "\u202e" not in text
        assert text.count("[red]␛[2Jx<202E>") >= 3

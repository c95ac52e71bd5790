"""View 4: checks down, nodes across, the worst first; facts are asked for when the view is opened."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from aen_tui.checks import rate
from aen_tui.model.facts import HttpState, LinkState, StatusDocument
from aen_tui.model.node import NodeName, Role
from aen_tui.model.node_facts import Selinux
from aen_tui.model.reading import Reading
from aen_tui.runtime.check_matrix import Matrix
from aen_tui.ui.app import AenApp
from aen_tui.ui.panels.checks import _matrix
from aen_tui.ui.screens.check_finding import CheckFindingScreen
from tests.support.node_facts import host_facts, node_facts, settings_facts
from tests.support.preflight_cases import gateway_config
from tests.support.screen import screen_text, until
from tests.support.states import NOW_MONOTONIC, FakeRuntime

SIZES = ((60, 16), (80, 24), (120, 40), (200, 50))


def runtime_with(*, odd: bool = True, computes: int = 6) -> FakeRuntime:
    """Two data centers with facts of every node; a gateway's file is root's, two computes are enforcing."""
    runtime = FakeRuntime(2, computes, problems=False, history_samples=0)
    checkup = runtime.checkup
    for name, spec in runtime.inventory.nodes.items():
        checkup.facts[name] = node_facts(spec)
    if odd:
        spec = runtime.inventory.nodes[NodeName("gateway1")]
        wrong = settings_facts(spec, **gateway_config(owner="root", uid=0))
        facts = checkup.facts[spec.name]
        checkup.facts[spec.name] = replace(facts, settings=Reading(wrong, NOW_MONOTONIC - 12))
        for number in (1, 2):
            spec = runtime.inventory.nodes[NodeName(f"compute1-{number}")]
            host = host_facts(spec, selinux=Selinux("enforcing", {}))
            facts = checkup.facts[spec.name]
            checkup.facts[spec.name] = replace(facts, host=Reading(host, NOW_MONOTONIC - 90))
    return runtime


@pytest.mark.parametrize("size", SIZES)
async def test_the_worst_stands_first_with_its_nodes_folded(size: tuple[int, int]) -> None:
    app = AenApp(runtime_with())
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "config-owner" in screen_text(app))
        lines = screen_text(app).split("\n")
        first = next(line for line in lines if "config-owner" in line)
        second = next(line for line in lines if "selinux-mode" in line)
        assert lines.index(first) < lines.index(second) < lines.index(next(one for one in lines if "accounts" in one))
        assert "✖" in first and "gateway1" in first
        assert "compute1-[1-2]" in second[: size[0]]
        assert "facts 12s to 1m" in screen_text(app)
        assert "53/53" not in screen_text(app) and "9/9 up" in lines[0]


async def test_before_the_first_judgement_nothing_is_said_to_be_well(monkeypatch: pytest.MonkeyPatch) -> None:
    may_judge = threading.Event()

    def held(*args: Any) -> Matrix:
        assert may_judge.wait(60)
        return _matrix(*args)

    monkeypatch.setattr("aen_tui.ui.panels.checks._matrix", held)
    app = AenApp(runtime_with())
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await pilot.press("4")
            await until(pilot, lambda: "not looked yet" in screen_text(app))
            for claim in ("nothing was found", "0 critical", "0 ok"):
                assert claim not in screen_text(app)
        finally:
            may_judge.set()
        await until(pilot, lambda: "config-owner" in screen_text(app))
        assert "not looked yet" not in screen_text(app)


@pytest.mark.parametrize("size", SIZES)
async def test_of_how_many_nodes_there_are_facts_is_told_at_every_size(size: tuple[int, int]) -> None:
    runtime = runtime_with()
    for name in ("compute2-1", "compute2-2", "compute2-3"):
        del runtime.checkup.facts[NodeName(name)]
    lost = replace(runtime.store.node(NodeName("compute2-1")).connection, state=LinkState.STALE, error="no word")
    runtime.change("compute2-1", connection=lost)
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "live on 8 of 9, facts of 6 of 9" in screen_text(app))
        assert size[0] < 80 or "12s to 1m old" in screen_text(app)


async def test_enter_shows_value_requirement_seed_and_remedy() -> None:
    app = AenApp(runtime_with())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "config-owner" in screen_text(app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckFindingScreen) and "SELinux" in screen_text(app))
        text = screen_text(app)
        for words in ("compute1-[1-2]", "is enforcing", "permissive or disabled", "setenforce 0", "seed", "000", "old"):
            assert words in text, words
        await pilot.press("escape")
        assert not isinstance(app.screen, CheckFindingScreen)


async def test_problems_only_and_back() -> None:
    app = AenApp(runtime_with())
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "core-count" in screen_text(app))
        await pilot.press("x")
        await until(pilot, lambda: "core-count" not in screen_text(app))
        assert "selinux-mode" in screen_text(app)
        await pilot.press("x")
        await until(pilot, lambda: "core-count" in screen_text(app))


async def test_facts_are_asked_for_when_the_view_is_opened_and_on_request() -> None:
    runtime = runtime_with(odd=False)
    runtime.checkup.facts.clear()
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert ("spawn", "gather") not in runtime.calls, "nobody has looked at checks yet"
        await pilot.press("4")
        await until(pilot, lambda: ("spawn", "gather") in runtime.calls)
        assert "no facts yet" in screen_text(app)
        runtime.calls.clear()
        await pilot.press("f5")
        await until(pilot, lambda: ("spawn", "gather") in runtime.calls)


async def test_a_node_that_is_not_up_says_so_and_claims_nothing() -> None:
    runtime = runtime_with(odd=False)
    node = runtime.store.node(NodeName("compute2-1"))
    lost = replace(node.connection, state=LinkState.STALE, error="no word for 9 s")
    runtime.change("compute2-1", connection=lost)
    del runtime.checkup.facts[NodeName("compute2-1")]
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "no word for 9 s" in screen_text(app))
        line = next(line for line in screen_text(app).split("\n") if "no word" in line)
        assert "connection" in line and "compute2-1" in line
        state = runtime.snapshot()
        said = runtime.checkup.findings(state.nodes[NodeName("compute2-1")], state)
        assert [one.check for one in said] == ["connection"]


async def test_a_thousand_nodes_and_hostile_words_fit() -> None:
    runtime = runtime_with(odd=False, computes=1000)
    spec = next(one for one in runtime.inventory.nodes.values() if Role.COMPUTE in one.roles)
    host = host_facts(spec, release="CentOS\x1b[31m release 5.0\n" + "x" * 5000)
    facts = runtime.checkup.facts[spec.name]
    runtime.checkup.facts[spec.name] = replace(facts, host=Reading(host, NOW_MONOTONIC))
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "os-release" in screen_text(app))
        assert "\x1b" not in screen_text(app)


def says(runtime: FakeRuntime, name: str, status: str) -> None:
    """A gateway's document changes, and nothing else does."""

    def answer(before: HttpState) -> HttpState:
        messages = ("event loop blocked",) if status != "ok" else ()
        seen = runtime.clock.monotonic()
        return replace(before, document=StatusDocument(status, messages), seen_at=seen) if before.document else before

    runtime.store.update(NodeName(name), lambda node: rate(replace(node, http=tuple(answer(one) for one in node.http))))


@pytest.mark.parametrize("size", SIZES)
async def test_what_makes_the_header_critical_comes_and_goes_while_the_facts_stay(size: tuple[int, int]) -> None:
    runtime = runtime_with(odd=False)
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "live, facts 12s old" in screen_text(app))
        spawned = len(runtime.calls)
        says(runtime, "gateway1", "error")
        runtime.clock.advance(100)
        await until(pilot, lambda: "gateway says" in screen_text(app))
        lines = screen_text(app).split("\n")
        assert "CRITICAL" in lines[0] and "✖ 1" in lines[1]
        assert "http" in next(line for line in lines[2:] if "✖" in line and "gateway1" in line)
        says(runtime, "gateway1", "ok")
        await until(pilot, lambda: "gateway says" not in screen_text(app) and "✖ 0" in screen_text(app))
        assert len(runtime.calls) == spawned, "facts are not gathered anew for what is live"


async def test_an_open_check_follows_what_it_says_and_tells_live_from_gathered() -> None:
    runtime = runtime_with()
    says(runtime, "gateway1", "error")
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "gateway says status error" in screen_text(app))
        row = next(line for line in screen_text(app).split("\n")[4:] if "✖" in line)
        await pilot.press(*(() if "http" in row else ("j",)), "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckFindingScreen) and "live, seen" in screen_text(app))
        says(runtime, "gateway1", "ok")
        await until(pilot, lambda: "every URL answers: gateway 200" in screen_text(app))
        await until(pilot, lambda: "status error" not in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "selinux-mode" in screen_text(app))
        await pilot.press("g", *(() if "config-owner" in screen_text(app).split("\n")[4] else ("j",)), "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckFindingScreen) and "facts" in screen_text(app))


async def test_what_is_not_up_is_not_live() -> None:
    runtime = runtime_with(odd=False)
    lost = replace(runtime.store.node(NodeName("compute2-1")).connection, state=LinkState.STALE, error="no word")
    runtime.change("compute2-1", connection=lost)
    app = AenApp(runtime)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "live on 8 of 9, facts" in screen_text(app))

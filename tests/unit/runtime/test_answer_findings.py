"""URLs in the list of checks: what makes a node critical is said there, once, and folded under what it follows from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aen_tui.checks import rate
from aen_tui.model.facts import Finding, HttpState, ServiceState
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.answer_findings import HTTP
from aen_tui.runtime.causes import explained_findings
from tests.support.states import FakeRuntime

SERVER, COMPUTE = NodeName("aen-server"), NodeName("compute1-1")


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime(1, 2, problems=False, history_samples=0)


def answers(runtime: FakeRuntime, node: NodeName, url: str, **parts: Any) -> None:
    """The next look at one URL."""

    def look(one: HttpState) -> HttpState:
        return replace(one, **{"seen_at": runtime.clock.monotonic(), **parts}) if one.name == url else one

    runtime.store.update(node, lambda before: rate(replace(before, http=tuple(look(one) for one in before.http))))


def found(runtime: FakeRuntime, node: NodeName) -> list[Finding]:
    state = runtime.snapshot()
    known = {name: runtime.checkup.findings(one, state) for name, one in state.nodes.items()}
    return [one for one in explained_findings(state, known)[node] if one.check == HTTP]


@pytest.mark.parametrize(
    ("parts", "severity", "words"),
    [
        ({}, Severity.OK, "every URL answers: compute 200"),
        ({"status_code": None, "error": "refused"}, Severity.CRITICAL, "compute does not answer: refused"),
        ({"status_code": 500}, Severity.CRITICAL, "compute answers 500"),
        ({"status_code": None, "seen_at": None}, Severity.UNKNOWN, "compute was not asked yet"),
    ],
)
def test_what_an_answer_comes_to_is_what_the_node_comes_to(
    runtime: FakeRuntime, parts: dict[str, Any], severity: Severity, words: str
) -> None:
    answers(runtime, COMPUTE, "compute", **parts)
    assert [(one.severity, one.message) for one in found(runtime, COMPUTE)] == [(severity, words)]
    assert runtime.snapshot().nodes[COMPUTE].severity is severity


def test_what_another_check_says_of_the_url_is_not_said_twice(runtime: FakeRuntime) -> None:
    answers(runtime, SERVER, "server", status_code=502)
    state = runtime.snapshot()
    said = runtime.checkup.findings(state.nodes[SERVER], state)
    assert [one.check for one in said if one.severity is Severity.CRITICAL] == ["server-page"]
    answers(runtime, SERVER, "server", status_code=500)
    assert [one.message for one in found(runtime, SERVER)] == ["server answers 500"]


def test_a_dead_port_follows_from_the_program_that_is_down(runtime: FakeRuntime) -> None:
    def down(one: ServiceState) -> ServiceState:
        return replace(one, state="FATAL") if one.name == "wk-compute" else one

    runtime.store.update(COMPUTE, lambda node: rate(replace(node, services=tuple(down(one) for one in node.services))))
    answers(runtime, COMPUTE, "compute", status_code=None, error="refused")
    (one,) = found(runtime, COMPUTE)
    assert one.explained_by is not None and "wk-compute is FATAL" in one.explained_by


def test_maintenance_leaves_its_urls_out(runtime: FakeRuntime) -> None:
    answers(runtime, COMPUTE, "compute", status_code=None, error="refused")
    planned = Planned(2e9, "new disks", frozenset({"wk-compute"}))
    runtime.store.update(COMPUTE, lambda node: rate(replace(node, planned=planned)))
    assert found(runtime, COMPUTE) == []

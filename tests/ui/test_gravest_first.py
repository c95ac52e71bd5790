"""Of several things that are down the one that most depends on is told first, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from aen_tui.checks import rate
from aen_tui.model.facts import Finding, NodeState, StoreState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.causes import Causes
from aen_tui.runtime.check_matrix import matrix_of
from aen_tui.ui.app import AenApp
from aen_tui.ui.presentation.check_rows import check_row
from aen_tui.ui.presentation.fleet_layout import Zoom
from aen_tui.ui.presentation.rows import Look, finding_line
from aen_tui.ui.presentation.severity import UNICODE
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, service
from tests.ui.fleet_stage import zoom_to
from tests.unit.checks.test_causes import answering, program

SERVER = NodeName("aen-server")
DAEMONS = ("elasticsearch", "mongod", "nginx")


def three_down(node: NodeState) -> NodeState:
    """All daemons of the server stopped; both stores do not answer."""
    kept = [one for one in node.services if one.name not in DAEMONS]
    stores = {
        name: StoreState("down", error="nothing listens", severity=Severity.CRITICAL)
        for name in ("elasticsearch", "mongodb")
    }
    services = (*(service(name, None, "STOPPED") for name in DAEMONS), *kept)
    return rate(replace(node, services=services, stores=stores))


def runtime_with_three_down() -> FakeRuntime:
    runtime = FakeRuntime(problems=False, history_samples=0)
    runtime.store.update(SERVER, three_down)
    return runtime


@pytest.mark.parametrize(("size", "words"), [((60, 16), "■ 3 down: mongod"), ((200, 50), "■ mongod STOPPED +2")])
async def test_a_strip_counts_them_and_names_the_gravest(size: tuple[int, int], words: str) -> None:
    app = AenApp(runtime_with_three_down())
    async with app.run_test(size=size) as pilot:
        await zoom_to(pilot, Zoom.STRIP)
        await until(pilot, lambda: words in screen_text(pilot.app))


@pytest.mark.parametrize(("size", "words"), [((60, 16), "◐ wk-s… STARTING "), ((200, 50), "◐ wk-server STARTING ")])
async def test_of_one_service_the_name_is_cut_and_never_the_state(size: tuple[int, int], words: str) -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    only = service("wk-server", "wakari-server", "STARTING", severity=Severity.WARNING)
    runtime.store.update(SERVER, lambda node: replace(node, services=(only,)))
    app = AenApp(runtime)
    async with app.run_test(size=size) as pilot:
        await zoom_to(pilot, Zoom.STRIP)
        await until(pilot, lambda: words in screen_text(pilot.app))


async def test_a_pane_tells_the_gravest_finding() -> None:
    app = AenApp(runtime_with_three_down())
    async with app.run_test(size=(120, 40)) as pilot:
        await zoom_to(pilot, Zoom.PANE)
        await until(pilot, lambda: "✖ mongod does not answer" in screen_text(pilot.app))


def stopped_behind_a_502(node: NodeState) -> NodeState:
    """Somebody stopped wk-server, which is a warning; nginx says 502 to everybody, which is critical."""
    dead = answering(answering(node, "wk-server", None, "refused"), "server", 502)
    return rate(program(dead, "wk-server", "STOPPED"))


def hangs_behind_a_504(node: NodeState) -> NodeState:
    """wk-server runs and says nothing: no finding of the node's own is the root."""
    return rate(answering(answering(node, "wk-server", None, "no answer within 5 s"), "server", 504))


@pytest.mark.parametrize(
    ("change", "root"),
    [(stopped_behind_a_502, "✖ wk-server is STOPPED"), (hangs_behind_a_504, "✖ wk-server does not answer: no answer")],
)
async def test_a_pane_tells_the_root_and_not_what_follows_from_it(
    change: Callable[[NodeState], NodeState], root: str
) -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    runtime.store.update(SERVER, change)
    app = AenApp(runtime)
    async with app.run_test(size=(120, 40)) as pilot:
        await zoom_to(pilot, Zoom.PANE)
        await until(pilot, lambda: "✖ http://" in screen_text(pilot.app))  # nobody looked for causes yet
        Causes(runtime.store).look()
        await until(pilot, lambda: root in screen_text(pilot.app))
        assert "✖ http://" not in screen_text(pilot.app)


def test_a_trouble_of_its_own_is_told_before_one_that_follows() -> None:
    runtime = FakeRuntime(problems=False, history_samples=0)
    runtime.store.update(SERVER, stopped_behind_a_502)
    killed = Finding("oom-kill", Severity.CRITICAL, "out of memory")
    runtime.store.update(SERVER, lambda node: replace(node, findings=(*node.findings, killed)))
    Causes(runtime.store).look()
    line = finding_line(runtime.snapshot().nodes[SERVER], Look(0.0, UNICODE, lambda _node, _metric, _samples: ()))
    assert "".join(text for text, _ in line) == "✖ out of memory"


async def test_the_matrix_has_it_first_too() -> None:
    node = three_down(runtime_with_three_down().snapshot().nodes[SERVER])
    matrix = matrix_of({SERVER: node.findings})
    assert [row.check for row in matrix.rows if row.severity is not Severity.OK] == [
        "mongod-answers", "elasticsearch-answers", "program-state"
    ]  # fmt: skip
    (row,) = (row for row in matrix.rows if row.check == "program-state")
    assert [one.message.split()[0] for one in row.said] == ["mongod", "nginx", "elasticsearch"]


def test_only_what_is_bad_is_counted_beside_the_worst() -> None:
    """Of nine nodes six passed."""
    bad = [Finding("disk-free", Severity.CRITICAL, f"/ is full to {percent} %") for percent in (99, 98, 97)]
    fine = [Finding("disk-free", Severity.OK, f"{count} filesystems have room") for count in range(6)]
    matrix = matrix_of({NodeName(f"n{number}"): [one] for number, one in enumerate((*bad, *fine))})
    line = check_row(matrix.rows[0], matrix, 120, UNICODE)
    assert "".join(text for text, _ in line).endswith("(+2)")

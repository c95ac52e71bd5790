"""Of several things that are down the one that most depends on is told first, and how many there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.checks import rate
from aen_tui.model.facts import Finding, NodeState, StoreState
from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from aen_tui.runtime.check_matrix import matrix_of
from aen_tui.ui.app import AenApp
from aen_tui.ui.presentation.check_rows import check_row
from aen_tui.ui.presentation.fleet_layout import Zoom
from aen_tui.ui.presentation.severity import UNICODE
from tests.support.screen import screen_text, until
from tests.support.states import FakeRuntime, service
from tests.ui.fleet_stage import zoom_to

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


async def test_a_pane_tells_the_gravest_finding() -> None:
    app = AenApp(runtime_with_three_down())
    async with app.run_test(size=(120, 40)) as pilot:
        await zoom_to(pilot, Zoom.PANE)
        await until(pilot, lambda: "✖ mongod does not answer" in screen_text(pilot.app))


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

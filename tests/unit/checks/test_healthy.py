"""An installation that is well is told to be well: no failure and nothing unknown, whatever its release and layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aen_tui.checks import checks
from aen_tui.checks.preflight import concerns, requirements
from aen_tui.checks.roots import explain
from aen_tui.errors import ProbeError
from aen_tui.headless.check import check_document
from aen_tui.model.severity import Severity
from aen_tui.runtime.checkup import Checkup
from tests.support.healthy import LAYOUTS, Healthy, healthy
from tests.support.states import StoppedClock


@pytest.fixture
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Healthy:
    version, layout, scheme = request.param
    return healthy(tmp_path, version, layout, scheme)


EVERY = [
    pytest.param((version, layout, scheme), id=f"{version} {layout} {scheme}")
    for version in ("4.1.2", "4.3.1")
    for layout in LAYOUTS
    for scheme in ("http", "https")
]


async def _nobody(*_order: Any, **_more: Any) -> bool:
    raise ProbeError("nothing is asked here")


@pytest.mark.parametrize("installation", EVERY, indirect=True)
def test_nothing_is_said_against_it(installation: Healthy) -> None:
    inventory, state = installation.inventory, installation.state()
    checkup = Checkup(inventory, StoppedClock(), ask=_nobody, snapshot=lambda: state, spawn=lambda work: work.close())
    checkup.facts |= {name: installation.facts(spec) for name, spec in inventory.nodes.items()}
    found = {name: checkup.findings(node, state) for name, node in state.nodes.items()}
    wrong = [
        (name, one.check, one.severity.word, one.message)
        for name, said in found.items()
        for one in said
        if one.severity is not Severity.OK
    ]
    assert wrong == []
    assert {node.severity for node in state.nodes.values()} == {Severity.OK}
    assert explain(state) == ()
    assert check_document("aen", "now", found)["severity"] == "ok"
    said = {one.check for said in found.values() for one in said}
    asked = {one.id for one in requirements() for spec in inventory.nodes.values() if concerns(one, spec)}
    on_one_box = {"separate-ports"} if installation.layout != "single box" else set()
    alone = {"differs"} if installation.layout == "single box" else set()
    assert asked - said == on_one_box | alone
    assert {one.id for one in checks() if any(map(one.concerns, state.nodes.values()))} <= said

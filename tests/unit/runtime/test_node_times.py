"""A node's clock as it is corrected for: what may be only the way is no skew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.node import NodeName
from aen_tui.runtime.node_times import node_times
from tests.support.states import FakeRuntime


@pytest.mark.parametrize(
    ("measured", "corrected"),
    [
        (None, 0.0),
        (0.0, 0.0),
        (-0.05, 0.0),
        (-0.25, 0.0),
        (-0.3, -0.3),
        (-7.0, -7.0),
        (0.02, 0.02),
        (86_400.0, 86_400.0),
    ],
)
def test_a_clock_that_seems_behind_by_less_than_the_way_is_right(measured: float | None, corrected: float) -> None:
    state = FakeRuntime(history_samples=0).snapshot()
    name = NodeName("aen-server")
    node = state.nodes[name]
    node = replace(node, connection=replace(node.connection, skew_seconds=measured))
    assert node_times(replace(state, nodes={**state.nodes, name: node}))[name].skew_seconds == corrected

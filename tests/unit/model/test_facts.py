"""What a node's state says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aen_tui.model.facts import CROWD
from aen_tui.model.node import Role
from tests.support.nodes import node_spec, node_state


@pytest.mark.parametrize(
    ("interval", "others", "seconds"),
    [(1.0, 0, 6.0), (2.0, CROWD - 1, 6.0), (2.0, CROWD, 12.0), (20.0, 0, 60.0), (20.0, CROWD, 120.0)],
)
def test_figures_are_of_this_moment_for_three_of_the_intervals_that_the_node_keeps(
    interval: float, others: int, seconds: float
) -> None:
    spec = replace(node_spec("compute1-1", Role.COMPUTE), interval_seconds=interval)
    node = node_state(spec)
    assert replace(node, connection=replace(node.connection, others=others)).fresh_seconds == seconds

"""How each node's log times become ours: its measured skew and its zone."""

from __future__ import annotations

from aen_tui.model.facts import ClusterState, NodeState
from aen_tui.model.node import NodeName
from aen_tui.model.timestamps import zone_seconds
from aen_tui.model.zones import NodeTime, fixed_offset, local_offset, named_offset

WAY_SECONDS = 0.25
"""What a node says may be this long on its way: a clock that seems behind by less is taken to be right."""


def node_time(node: NodeState) -> NodeTime:
    """A node's clock: the inventory's `time_zone` where it names one, else the zone that the probe said."""
    named = named_offset(node.spec.time_zone) if node.spec.time_zone else None
    zone = node.connection.zone
    said = fixed_offset(zone_seconds(zone.encode())) if zone and zone[1:].isdigit() and zone[0] in "+-" else None
    return NodeTime(_certain(node.connection.skew_seconds or 0.0), named or said or local_offset)


def _certain(skew: float) -> float:
    """A skew without what may be nothing but the way: else clocks that are right would be set apart by it."""
    return 0.0 if -WAY_SECONDS <= skew < 0 else skew


def node_times(state: ClusterState) -> dict[NodeName, NodeTime]:
    """Every node's clock."""
    return {name: node_time(node) for name, node in state.nodes.items()}

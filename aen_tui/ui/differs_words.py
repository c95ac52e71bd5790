"""The `:differs` command: whose computes are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aen_tui.config.targets import nodes_of, parse_targets
from aen_tui.errors import AenError
from aen_tui.model.node import Role
from aen_tui.ui.messages import CompareNodes

if TYPE_CHECKING:
    from aen_tui.ui.commands import Desk


def differs(desk: Desk, argument: str) -> None:
    """Compare the computes among some targets, all where there are none.

    Raises:
        AenError: there is no compute among them.
    """
    inventory = desk.backend.inventory
    nodes = nodes_of(parse_targets(argument.split(), inventory))
    if not any(Role.COMPUTE in inventory.nodes[name].roles for name in nodes):
        raise AenError(f"`{argument}` has no computes", hint="@dc:NAME, or nothing for all")
    desk.post_message(CompareNodes(nodes))

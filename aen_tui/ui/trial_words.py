"""`:try-acl` and `:try-clone`: what writes on a compute node, and removes it again, through a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aen_tui.config.targets import nodes_of, parse_targets
from aen_tui.model.node import Role
from aen_tui.model.plans import ActionName
from aen_tui.ui.messages import ActionRequested

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aen_tui.ui.commands import Desk

ACL = "open the card that tries ACLs where projects are"
CLONE = "open the card that clones the root environment, which takes minutes, and removes the clone"


def try_acl(desk: Desk, argument: str) -> None:
    """Ask for the card of `try-acl`."""
    _ask(desk, ActionName.TRY_ACL, argument)


def try_clone(desk: Desk, argument: str) -> None:
    """Ask for the card of `try-clone`."""
    _ask(desk, ActionName.TRY_CLONE, argument)


def computes(desk: Desk) -> Iterable[str]:
    """Where they can be tried."""
    return [name for name, spec in desk.backend.inventory.nodes.items() if Role.COMPUTE in spec.roles]


def _ask(desk: Desk, action: ActionName, argument: str) -> None:
    from aen_tui.actions.trials import trial_targets  # the shelf is heavy, and here long since loaded

    written = parse_targets(argument.split(), desk.backend.inventory)
    found = trial_targets(action, [(one.node, one.service is None and one.path is None) for one in written])
    desk.post_message(ActionRequested(action, found, nodes=nodes_of(written)))

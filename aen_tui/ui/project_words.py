"""What follows `:projects`, `:why` and `:usage`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aen_tui.config.targets import nodes_of, parse_targets
from aen_tui.errors import AenError
from aen_tui.model.node import NodeName, Role
from aen_tui.model.projects import is_project
from aen_tui.ui.messages import OpenProjects, UsageRequested, WhyRequested

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aen_tui.ui.commands import Desk


def projects(desk: Desk, argument: str) -> None:
    """`:projects [TARGET…]`."""
    desk.post_message(OpenProjects(_computes(desk, argument.split()) if argument else ()))


def why(desk: Desk, argument: str) -> None:
    """`:why OWNER/PROJECT [TARGET…]`."""
    word, *targets = argument.split()
    if not is_project(word):
        raise AenError(f"`{word}` is no OWNER/PROJECT", hint="alice/churn: the two folders under /projects")
    desk.post_message(WhyRequested(word, _computes(desk, targets) if targets else ()))


def usage(desk: Desk, argument: str) -> None:
    """`:usage TARGET…`: nodes, of computes their projects' root; NODE:/path anything else."""
    inventory = desk.backend.inventory
    wanted: list[tuple[NodeName, str]] = []
    for one in parse_targets(argument.split(), inventory) if argument else []:
        spec = inventory.nodes[one.node]
        if one.service is not None:
            raise AenError(f"`{one.node}/{one.service}` is a service", hint="NODE, @compute or NODE:/path")
        if one.path is not None:
            wanted.append((one.node, one.path))
        elif Role.COMPUTE in spec.roles:
            wanted.append((one.node, spec.projects_root))
    if argument and not wanted:
        raise AenError(f"`{argument}` has no projects", hint="computes have; NODE:/path walks any folder")
    desk.post_message(UsageRequested(wanted))


def known_projects(desk: Desk) -> Iterable[str]:
    """Projects in which something runs."""
    looks = [node.projects.value for node in desk.backend.snapshot().nodes.values()]
    return dict.fromkeys(load.project for look in looks if look is not None for load in look.loads)


def _computes(desk: Desk, words: list[str]) -> list[NodeName]:
    inventory = desk.backend.inventory
    found = [name for name in nodes_of(parse_targets(words, inventory)) if Role.COMPUTE in inventory.nodes[name].roles]
    if not found:
        raise AenError(f"`{' '.join(words)}` names no compute", hint="projects live on computes")
    return found

"""What an action is given to plan with, and what it gives back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aen_tui.errors import PlanRefusedError
from aen_tui.model.facts import ClusterState, NodeState, ServiceState
from aen_tui.model.inventory import Inventory
from aen_tui.model.plans import ActionName, Known, Step, Target

SERVICE_PATH = "/sbin/service"
"""The SysV front end: its own place on EL6, and a link to it on every system where /sbin is /usr/sbin."""

NGINX_PATH = "/usr/sbin/nginx"


@dataclass(frozen=True, slots=True)
class Announced:
    """What a supervisord's `reread` said would change."""

    lines: tuple[str, ...]
    """`NAME: available | changed | disappeared`; empty where nothing would."""
    at: float
    """Monotonic seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The installation at the moment of planning."""

    inventory: Inventory
    state: ClusterState
    now: float
    """Monotonic seconds."""
    service_path: str = SERVICE_PATH
    nginx_path: str = NGINX_PATH
    announced: Mapping[Target, Announced] = field(default_factory=dict)
    """By supervisord: what was shown to somebody in this run, and is not applied yet."""
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    """Of this plan's own, for the name of what it makes on a node: nobody can have put something there before."""

    def node(self, target: Target) -> NodeState:
        """The target's node.

        Raises:
            PlanRefusedError: the installation has no such node.
        """
        found = self.state.nodes.get(target.node)
        if found is None:
            raise PlanRefusedError(f"no node `{target.node}`", hint="see `aen-tui status`")
        return found


class Action(Protocol):
    """One thing that can be done; the file that holds it exports it as `ACTION`."""

    @property
    def name(self) -> ActionName:
        """What it is called."""
        ...

    @property
    def is_whole_supervisor(self) -> bool:
        """Whether it addresses a supervisord instead of a program."""
        ...

    def steps(self, scene: Scene, target: Target) -> Sequence[Step]:
        """The commands for one target, in order.

        Raises:
            PlanRefusedError: nothing could be done, or it may not be.
        """
        ...


def find_service(node: NodeState, target: Target) -> ServiceState | None:
    """The service that a target names, as it is known; None where it is not listed."""
    for service in node.services:
        if (service.name, service.manager) == (target.service, target.manager) and (
            target.supervisor is None or service.supervisor == target.supervisor
        ):
            return service
    return None


def known(node: NodeState, target: Target) -> Known:
    """What is known of a target; `unknown` where it is not listed (a supervisord, a socket that may not be read)."""
    service = find_service(node, target)
    if service is None:
        return Known("unknown", None, None, None, None)
    return Known(service.state, service.pid, service.started_at, service.uptime_seconds, service.seen_at)

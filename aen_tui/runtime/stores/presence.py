"""Whether a store is there at all: configured, installed, or listening on the daemon's own port (design 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from aen_tui.model.facts import LinkState, NodeState
from aen_tui.model.inventory import Inventory, MongoTarget
from aen_tui.model.node import Role
from aen_tui.model.stores import DAEMONS
from aen_tui.runtime.probe_config import STORE_PORTS


class Presence(Enum):
    """What the node's probe and the inventory say."""

    PENDING = auto()
    """The node has not been looked at yet."""
    ABSENT = auto()
    AWAY = auto()
    """It should be there, and its node is not up."""
    HERE = auto()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the stores are asked."""

    mongo: MongoTarget
    elasticsearch: str
    """A URL."""


def addresses(inventory: Inventory, listen_address: str) -> Addresses:
    """As configured, else the daemons' own ports."""
    search = inventory.elasticsearch_url or f"http://{listen_address}:{STORE_PORTS['elasticsearch']}"
    return Addresses(inventory.mongo or MongoTarget(listen_address, STORE_PORTS["mongod"]), search)


def presence(inventory: Inventory, name: str, node: NodeState, ports: Mapping[str, bool]) -> Presence:
    """Of `mongodb` or `elasticsearch` on the node that carries them."""
    urls = {"mongodb": inventory.mongo_url, "elasticsearch": inventory.elasticsearch_url}
    is_configured = urls[name] is not None
    service = next((one for one in node.services if one.manager == "sysv" and one.name == DAEMONS[name]), None)
    is_installed = service is not None and service.state != "absent"
    is_there = is_configured or is_installed or bool(ports.get(str(STORE_PORTS[DAEMONS[name]])))
    if node.connection.state is LinkState.CONNECTING:
        return Presence.PENDING
    if node.connection.state is not LinkState.UP:
        # Whoever names a host for them has said that they are there, be it one of the two; seen, it tells which.
        return Presence.AWAY if is_there or Role.STORE in node.spec.roles else Presence.ABSENT
    if not node.complete:
        return Presence.PENDING
    return Presence.HERE if is_there else Presence.ABSENT

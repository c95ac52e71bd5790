"""Who is logged in as on each node, by ssh's configuration alone: nothing is connected."""

from __future__ import annotations

import getpass

from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.transports.pool import Hop
from aen_tui.transports.ssh_config import SshConfig


def logins_of(inventory: Inventory) -> dict[NodeName, str]:
    """Node -> login user. Blocks: files are read, and `Match exec` runs a command.

    Raises:
        ConfigError: a file is writable by others, or a line makes no sense.
    """
    config = SshConfig(inventory.ssh.config)
    found: dict[NodeName, str] = {}
    for spec in inventory.nodes.values():
        if spec.is_local:
            found[spec.name] = getpass.getuser()
        else:
            hop = Hop.parse(spec.host)
            found[spec.name] = config.resolve(hop.host, user=hop.user, port=hop.port).user
    return found

"""The lab: an AEN installation of real machines, as nearly as one box allows. Root and Debian's packages.

Each node is an overlay of `/` in network, mount, pid, uts and ipc namespaces of its own, with a real sshd, sudo,
nginx and supervisord. The root namespace is the jump host: it has a bridge with the server and the gateways;
the bridge of a data center lives inside its gateway's namespace, so that computes are reachable through it alone.

    requirements.py  what must be there, each with its name
    topology.py      names, roles and addresses
    variants.py      how a node may differ from the ordinary one
    layers.py        the prepared lower layers: accounts, configuration, the AEN tree; tree.py builds the latter
    fetched.py       MongoDB 2.6.10 and supervisor 3.x, fetched by hash or version into a cache
    sshfiles.py      keys, ssh_config, known_hosts
    slot.py          one of sixteen places for a lab, and the janitor that clears it whatever happens to the tests
    network.py       `ip -batch` lines; cutting and restoring a link
    machine.py       a running node as tests handle it
    lab.py           starts and ends all of it
    inventory.py     the lab as an inventory of the product
    node/            what runs inside the nodes

`python -m tests.lab` starts one by hand.
"""

from __future__ import annotations

from tests.lab.errors import LabError
from tests.lab.lab import Lab
from tests.lab.machine import LabNode
from tests.lab.requirements import missing
from tests.lab.variants import Variant

__all__ = ["Lab", "LabError", "LabNode", "Variant", "missing"]

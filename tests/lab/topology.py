"""Names, roles and addresses of a lab's nodes.

Addresses are from 198.18.0.0/15, kept for tests of networks (RFC 2544), so that no real network is shadowed:
slot k has 198.18.k.0/24 for management (the jump host is .1) and 198.19.(16 k + d).0/24 for data center d.
"""

from __future__ import annotations

from dataclasses import dataclass

SLOTS = 16
DATA_CENTERS_AT_MOST = 16
ROLES = ("server", "store", "gateway", "compute")
SERVICE_OF = {"server": "wakari-server", "gateway": "wakari-gateway", "compute": "wakari-compute"}
PORTS_OF = {"server": (80, 5000), "gateway": (8089,), "compute": (5002,)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands."""

    name: str
    roles: tuple[str, ...]
    address: str
    """Where ssh reaches it: its management address, of a compute the one in its data center."""
    mac: str
    link: str
    """Name of the bridge side of its veth."""
    gateway: str | None = None
    """The gateway of a compute."""
    inner_address: str | None = None
    """A gateway's address in its data center."""


@dataclass(frozen=True, slots=True)
class Topology:
    """All places of one lab."""

    slot: int
    places: tuple[Place, ...]

    @property
    def bridge(self) -> str:
        """The management bridge in the root namespace, and the start of every link name there."""
        return f"aenlab{self.slot}"

    @property
    def jump_address(self) -> str:
        """The jump host's address in the management network."""
        return f"198.18.{self.slot}.1"

    @property
    def inner_network(self) -> str:
        """All data centers of this lab; the jump host has no way there."""
        return f"198.19.{16 * self.slot}.0/20"

    def computes_of(self, gateway: str) -> tuple[Place, ...]:
        """The computes behind a gateway."""
        return tuple(place for place in self.places if place.gateway == gateway)

    def hosts_of(self, place: Place) -> dict[str, str]:
        """Name → address as `place` resolves them: what it can reach, itself included."""
        found = {other.name: other.address for other in self.places if other.gateway is None and place.gateway is None}
        if place.gateway is not None:
            gateway = next(other for other in self.places if other.name == place.gateway)
            found[gateway.name] = str(gateway.inner_address)
        found.update({other.name: other.address for other in self.computes_of(place.name)})
        found[place.name] = place.address
        return found


def plan(slot: int, *, gateways: int, computes: int, store: bool = False) -> Topology:
    """One server, `gateways` gateways, and `computes` computes dealt out among the data centers in turn.

    Names: aen-server, aen-db (where there is a store), gateway1 …, compute1-1 (the first compute of the first data
    center) …
    """
    if not 0 <= gateways <= DATA_CENTERS_AT_MOST:
        raise ValueError(f"gateways: {gateways} is not in 0..{DATA_CENTERS_AT_MOST}")
    places = [_outer(slot, 2, "aen-server", ("server",))]
    places += [_outer(slot, 3, "aen-db", ("store",))] if store else []
    for number in range(1, gateways + 1):
        inner = f"198.19.{16 * slot + number - 1}.1"
        places.append(_outer(slot, 10 + number, f"gateway{number}", ("gateway",), inner))
    for index in range(computes):
        center, number = index % gateways, index // gateways + 1
        places.append(
            Place(
                name=f"compute{center + 1}-{number}",
                roles=("compute",),
                address=f"198.19.{16 * slot + center}.{10 + number}",
                mac=f"02:ae:{slot:02x}:{center + 1:02x}:00:{10 + number:02x}",
                link=f"c{number}",
                gateway=f"gateway{center + 1}",
            )
        )
    return Topology(slot, tuple(sorted(places, key=lambda place: ROLES.index(place.roles[0]))))


def plan_single_box(slot: int) -> Topology:
    """One machine `aen` with the roles of AEN itself."""
    return Topology(slot, (_outer(slot, 2, "aen", tuple(SERVICE_OF)),))


def _outer(slot: int, number: int, name: str, roles: tuple[str, ...], inner: str | None = None) -> Place:
    return Place(
        name=name,
        roles=roles,
        address=f"198.18.{slot}.{number}",
        mac=f"02:ae:{slot:02x}:00:00:{number:02x}",
        link=f"aenlab{slot}v{number}",
        inner_address=inner,
    )

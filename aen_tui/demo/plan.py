"""Which nodes a demo has, where they listen and where their trees lie; pure but for trying addresses."""

from __future__ import annotations

import os
import pwd
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aen_tui.demo.options import DemoOptions
from aen_tui.model.node import Role

AEN_VERSION = "4.1.2"
"""The last release whose wk-server listens on a port (seed 002)."""

PROGRAMS = {Role.SERVER: ("wk-server", "worker"), Role.GATEWAY: ("wk-gateway",), Role.COMPUTE: ("wk-compute",)}
"""What supervisord runs on a role; the worker listens nowhere (aen.md 2.2, 3, 4)."""

_CENTERS = ("east", "west", "north", "south")


@dataclass(frozen=True, slots=True)
class Ports:
    """The same on every address; the documented ones where they are free."""

    ssh: int
    site: int
    """nginx's, on the server: port 80 needs root."""
    wk_server: int
    gateway: int
    compute: int
    mongod: int
    elasticsearch: int


@dataclass(frozen=True, slots=True)
class DemoNode:
    """A node of the demo."""

    name: str
    role: Role
    address: str
    root: Path
    center: str = ""
    """Its data center; empty for the server."""

    @property
    def prefix(self) -> Path:
        """Where its role is installed."""
        return self.root / "opt/wakari" / f"wakari-{self.role}"

    @property
    def services(self) -> dict[str, str]:
        """Its SysV services -> their pid files, as the node's own people would write them."""
        found = {f"wakari-{self.role}": f"/opt/wakari/wakari-{self.role}/var/run/supervisord.pid"}
        if self.role is Role.SERVER:
            found |= {name: f"/var/run/{name}.pid" for name in ("nginx", "mongod", "elasticsearch")}
        return found

    @property
    def programs(self) -> tuple[str, ...]:
        """What its supervisord runs."""
        return PROGRAMS[self.role]


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """A whole demo: server first, then each gateway with its computes."""

    folder: Path
    user: str
    nodes: tuple[DemoNode, ...]
    ports: Ports

    def of_role(self, role: Role) -> tuple[DemoNode, ...]:
        """The nodes of a role, in order."""
        return tuple(node for node in self.nodes if node.role is role)

    @property
    def server(self) -> DemoNode:
        """The one server."""
        return self.nodes[0]

    def gateway_of(self, node: DemoNode) -> DemoNode:
        """The gateway of a compute's data center."""
        return next(one for one in self.of_role(Role.GATEWAY) if one.center == node.center)

    def computes_of(self, gateway: DemoNode) -> tuple[DemoNode, ...]:
        """The computes behind a gateway."""
        return tuple(node for node in self.of_role(Role.COMPUTE) if node.center == gateway.center)


def make_plan(options: DemoOptions, folder: Path) -> tuple[DemoPlan, list[socket.socket]]:
    """The plan, and one bound socket a node for its sshd: holding them keeps other demos off the block.

    Raises:
        OSError: no free ports on a hundred address blocks.
    """
    names = list(_names(options))
    for _ in range(100):
        block = f"127.{random.randint(16, 239)}.{random.randint(0, 255)}"  # noqa: S311
        addresses = [f"{block}.{index + 1}" for index in range(len(names))]
        bound: list[socket.socket] = []
        try:
            ssh = _free_port(addresses, 2222, keep=bound)
            ports = Ports(
                ssh,
                _free_port(addresses[:1], 8080),
                _free_port(addresses[:1], 5000),
                _free_port(addresses, 8089),
                _free_port(addresses, 5002),
                _free_port(addresses[:1], 27017),
                _free_port(addresses[:1], 9200),
            )
        except OSError:
            for one in bound:
                one.close()
            continue
        nodes = tuple(
            DemoNode(name, role, address, folder / f"n{index}", center)
            for index, ((name, role, center), address) in enumerate(zip(names, addresses, strict=True))
        )
        return DemoPlan(folder, login_user(), nodes, ports), bound
    raise OSError("no address block in 127.0.0.0/8 with free ports")


def login_user() -> str:
    """Who runs the demo: login user and service account of all its nodes."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "wakari"


def _names(options: DemoOptions) -> Iterator[tuple[str, Role, str]]:
    yield "aen-server", Role.SERVER, ""
    each, more = divmod(options.computes, options.gateways)
    for number in range(1, options.gateways + 1):
        center = _CENTERS[number - 1] if number <= len(_CENTERS) else f"dc{number}"
        yield f"gateway{number}", Role.GATEWAY, center
        for index in range(1, each + (number <= more) + 1):
            yield f"compute{number}-{index}", Role.COMPUTE, center


def _free_port(addresses: list[str], wanted: int, keep: list[socket.socket] | None = None) -> int:
    """The documented port, or one 10,000 or 20,000 above where something here listens on all addresses."""
    for port in (wanted, wanted + 10_000, wanted + 20_000):
        bound: list[socket.socket] = []
        try:
            for address in addresses:
                one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                bound.append(one)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind((address, port))
        except OSError:
            for one in bound:
                one.close()
            continue
        if keep is None:
            for one in bound:
                one.close()
        else:
            keep.extend(bound)
        return port
    raise OSError(f"port {wanted} is taken")

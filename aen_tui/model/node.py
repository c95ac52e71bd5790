"""What the inventory says of a node, resolved: every default applied, every name expanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

NodeName = NewType("NodeName", str)
"""A node's name: its host as written in the inventory, `local` for this machine."""


STATUS_PATHS = ("/status", "/api/status", "/")
"""Where the status document is looked for unless the inventory says where it is: no seed does (seed 004 shows it)."""


class Role(StrEnum):
    """What a node is in AEN (seed 002)."""

    SERVER = "server"
    GATEWAY = "gateway"
    COMPUTE = "compute"
    STORE = "store"


class Become(StrEnum):
    """When sudo is used on a node."""

    NEVER = "never"
    ACTIONS = "actions"
    AUTO = "auto"
    SUDO = "sudo"

    @property
    def reads(self) -> bool:
        """Whether what the login user may not read is read under sudo."""
        return self in (Become.AUTO, Become.SUDO)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Per cent at which a warning and a critical finding begin."""

    cpu_percent: tuple[float, float] = (85.0, 95.0)
    memory_percent: tuple[float, float] = (85.0, 95.0)
    disk_percent: tuple[float, float] = (80.0, 90.0)


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """A URL that is asked, and where from."""

    name: str
    """server | wk-server | gateway | compute."""
    url: str
    """http://host:port without a path, or unix:/path for wk-server's socket."""
    paths: tuple[str, ...]
    """Tried in order until one answers with the documented document; the first answer counts otherwise."""
    node: NodeName
    """The node that the target belongs to (in the JSON it stands under this node)."""
    asked_on: NodeName
    """The node whose probe asks it."""
    wants_document: bool
    """Whether the data center's status document is expected here."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeSpec:
    """A node, all its defaults applied."""

    name: NodeName
    host: str
    """The ssh host as written; `local` = this machine, no ssh."""
    roles: tuple[Role, ...]
    data_center: str | None
    """None for the server and for stores."""
    jump: str | None
    """The ssh host this node is reached through first; None = directly (or as the user's ssh config says)."""
    interval_seconds: float
    become: Become
    service_account: str
    status_paths: tuple[str, ...]
    thresholds: Thresholds
    root: str = ""
    """Put before every path that the probe touches and before argv[0]; only in the demo."""
    prefix: str | None = None
    """The installation prefix, where it is not /opt/wakari."""
    projects_root: str = "/projects"
    extra_logs: tuple[str, ...] = ()
    python: str | None = None
    time_zone: str | None = None
    tls_ca: str | None = None
    tls_legacy: bool = False
    ports: Mapping[str, int] = field(default_factory=dict)
    listen_address: str = "127.0.0.1"
    """Where the node's own services listen for itself."""
    further_jumps: tuple[str, ...] = ()
    """Hosts that are tried in their order where `jump` is not up."""
    jump_command: str | None = None
    """A command of the jump host that leads on where it forwards no TCP, such as `nc %h %p`."""
    http: tuple[HttpTarget, ...] = ()
    """What belongs to this node, wherever it is asked."""

    @property
    def jumps(self) -> tuple[str, ...]:
        """The ssh hosts that may lead here, the first to try first."""
        return (self.jump, *self.further_jumps) if self.jump is not None else ()

    @property
    def is_local(self) -> bool:
        """Whether the node is this machine, without ssh."""
        return self.host == "local"

    @property
    def install_prefix(self) -> str:
        """Where AEN's roles are installed."""
        return self.prefix or "/opt/wakari"

"""The inventory file's shape, key by key (design 3). What is not here is an unknown key."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from aen_tui.model.node import STATUS_PATHS

BecomeWord = Literal["never", "actions", "auto", "sudo"]


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    pass


Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
IntervalSeconds = Annotated[float, msgspec.Meta(ge=0.2, le=3600)]


class ThresholdsTable(_Strict):
    """Pairs of warning and critical, per cent; a node's count key by key before those of `[defaults]`."""

    cpu_percent: tuple[Percent, Percent] | None = None
    memory_percent: tuple[Percent, Percent] | None = None
    disk_percent: tuple[Percent, Percent] | None = None

    def __post_init__(self) -> None:
        """A ValueError, which msgspec says with its place, where what is a warning is worse than what is critical."""
        for key in self.__struct_fields__:
            pair = getattr(self, key)
            if pair is not None and pair[0] > pair[1]:
                raise ValueError(f"`{key}`: the warning of {pair[0]:g} is above the critical {pair[1]:g}")


class SshTable(_Strict):
    """`[ssh]`."""

    config: str | list[str] = "~/.ssh/config"
    connect_timeout_seconds: float = 10
    handshakes_at_once: int = 16


class DefaultsTable(_Strict):
    """`[defaults]`."""

    interval_seconds: IntervalSeconds = 2
    become: BecomeWord = "actions"
    service_account: str = "wakari"
    jump: str | list[str] = "gateway"
    """gateway | none | a host; several are tried in their order."""
    jump_command: str | None = None
    """Run on the jump host instead of forwarding TCP; %h and %p stand for host and port."""
    status_paths: tuple[str, ...] = STATUS_PATHS
    thresholds: ThresholdsTable = msgspec.field(default_factory=ThresholdsTable)
    prefix: str | None = None
    projects_root: str = "/projects"
    logs: list[str] = []
    ports: dict[str, int] = {}
    python: str | None = None
    time_zone: str | None = None
    tls_ca: str | None = None
    tls_legacy: bool = False


class ServerTable(_Strict):
    """`[server]`."""

    host: str
    url: str | None = None
    mongo_url: str | None = None
    """`mongodb://[USER@]HOST[:PORT][/DATABASE]` as seen from the server, or from the host of `[store]`."""
    mongo_password_file: str | None = None
    """Holds USER's password, 0600; without it the password is asked for."""
    elasticsearch_url: str | None = None
    license_expires: date | None = None
    """A TOML date: AEN shows it to administrators, and to nobody else."""
    elasticsearch_nodes: int = 1
    """How many nodes its cluster has; more or fewer is a finding."""


class DataCenterTable(_Strict):
    """`[[data_center]]`."""

    name: str
    gateway: str
    gateway_url: str | None = None
    computes: str | list[str] = []


class NodeTable(_Strict):
    """`[node."NAME"]`: overrides for one node."""

    name: str | None = None
    interval_seconds: IntervalSeconds | None = None
    become: BecomeWord | None = None
    service_account: str | None = None
    jump: str | list[str] | None = None
    jump_command: str | None = None
    status_paths: list[str] | None = None
    thresholds: ThresholdsTable | None = None
    prefix: str | None = None
    projects_root: str | None = None
    logs: list[str] | None = None
    ports: dict[str, int] | None = None
    python: str | None = None
    time_zone: str | None = None
    tls_ca: str | None = None
    tls_legacy: bool | None = None
    root: str | None = None
    compute_url: str | None = None
    listen_address: str | None = None
    """Where the node's own services listen for itself; 127.0.0.1 by default."""


class StoreTable(_Strict):
    """`[store]`."""

    host: str


class RollingTable(_Strict):
    """`[actions] rolling`."""

    canary: int = 1
    batch: int = 2
    max_failures: int = 0


class ActionsTable(_Strict):
    """`[actions]`."""

    settle_seconds: float = 30
    arming: Literal["optional", "required"] = "optional"
    rolling: RollingTable = msgspec.field(default_factory=RollingTable)
    lease_dir: str = "/var/lib/aen-tui"


SeverityWord = Literal["warning", "critical"]


class NotifyCommandsTable(_Strict):
    """`[notify] command`: severity -> words of a command; it gets the event as JSON on its standard input."""

    ok: list[str] | None = None
    warning: list[str] | None = None
    critical: list[str] | None = None


class NotifyWebhooksTable(_Strict):
    """`[notify] webhook`: severity -> https URL, which is sent the same JSON."""

    ok: str | None = None
    warning: str | None = None
    critical: str | None = None


class NotifyTable(_Strict):
    """`[notify]`: who is told of events while a dashboard is open."""

    bell: SeverityWord | None = None
    """The terminal's bell from this severity on."""
    osc9: SeverityWord | None = None
    """A notification by the terminal: the check's id and the node."""
    most_per_minute: int = 6
    command: NotifyCommandsTable = msgspec.field(default_factory=NotifyCommandsTable)
    webhook: NotifyWebhooksTable = msgspec.field(default_factory=NotifyWebhooksTable)


class InventoryFile(_Strict):
    """The whole file."""

    name: str
    aen_version: str | None = None
    log_memory_megabytes: int = 64
    ssh: SshTable = msgspec.field(default_factory=SshTable)
    defaults: DefaultsTable = msgspec.field(default_factory=DefaultsTable)
    server: ServerTable | None = None
    data_center: list[DataCenterTable] = []
    node: dict[str, NodeTable] = {}
    store: StoreTable | None = None
    actions: ActionsTable = msgspec.field(default_factory=ActionsTable)
    notify: NotifyTable = msgspec.field(default_factory=NotifyTable)

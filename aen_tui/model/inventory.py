"""An installation as the inventory describes it, resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from aen_tui.model.node import NodeName, NodeSpec
from aen_tui.model.notify import NotifySettings


@dataclass(frozen=True, slots=True)
class SshSettings:
    """How nodes are reached."""

    config: tuple[Path, ...] = ()
    """OpenSSH client config files, first match wins; the system's file comes last."""
    connect_timeout_seconds: float = 10.0
    handshakes_at_once: int = 16


@dataclass(frozen=True, slots=True)
class RollingSettings:
    """How a rolling job goes over several nodes."""

    canary: int = 1
    batch: int = 2
    max_failures: int = 0
    idle_only: bool = False
    """Nodes on which an app runs, or may run, are left out."""


@dataclass(frozen=True, slots=True)
class ActionSettings:
    """What limits actions."""

    settle_seconds: float = 30.0
    arming_required: bool = False
    rolling: RollingSettings = field(default_factory=RollingSettings)
    lease_dir: Path = Path("/var/lib/aen-tui")


@dataclass(frozen=True, slots=True)
class MongoTarget:
    """Where MongoDB is asked, and as whom."""

    host: str
    port: int = 27017
    user: str | None = None
    database: str = "admin"
    """Where the user is known."""
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """An installation: nodes in display order (server, then each gateway with its computes)."""

    name: str
    file: Path
    aen_version: str | None
    ssh: SshSettings
    actions: ActionSettings
    nodes: Mapping[NodeName, NodeSpec]
    data_centers: Mapping[str, tuple[NodeName, ...]]
    """Data center -> its gateway first, then its computes."""
    mongo_url: str | None = None
    mongo: MongoTarget | None = None
    """`mongo_url` taken apart; None where there is none."""
    elasticsearch_url: str | None = None
    license_expires: date | None = None
    """The last day of AEN's license, where the inventory says it."""
    elasticsearch_nodes: int = 1
    store: NodeName | None = None
    """The node that carries MongoDB and Elasticsearch."""
    is_demo: bool = False
    """Header, cards and audit say DEMO."""
    log_memory_megabytes: int = 64
    notify: NotifySettings = field(default_factory=NotifySettings)
    places: tuple[str, ...] | None = None
    """Folders and files under which logs may be read beside those of the roles; None: everywhere (root's policy)."""

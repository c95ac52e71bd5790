"""What is known of a node: the parts of `status --json` (design 4), each with its age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from aen_tui.model.causes import Cause, Trouble
from aen_tui.model.maintenance import Planned
from aen_tui.model.node import NodeName, NodeSpec
from aen_tui.model.node_facts import Page, Way
from aen_tui.model.projects import ProjectsLook
from aen_tui.model.reading import Reading
from aen_tui.model.reboot import Reboot
from aen_tui.model.severity import Severity
from aen_tui.model.stores import StoreFigures
from aen_tui.model.trends import Sign, Trends, Vitals

LogPath = NewType("LogPath", str)

CROWD = 2
"""From so many others on a probe looks half as often (aen_tui/probe/agent.py)."""
FRESH_SECONDS = 6.0


class LinkState(StrEnum):
    """`connection.state`.

    *up* = the first frame has come and frames keep coming; *stale* = was up and is lost; the rest is
    why it never was.
    """

    CONNECTING = "connecting"
    UP = "up"
    STALE = "stale"
    REFUSED = "refused"
    AUTH = "auth"
    HOST_KEY = "host-key"
    DNS = "dns"
    TIMEOUT = "timeout"
    NO_PYTHON = "no-python"
    PROBE = "probe"
    VIA = "via"


@dataclass(frozen=True, slots=True, eq=False)
class Connection:
    """The way to a node."""

    state: LinkState = LinkState.CONNECTING
    since: float = 0.0
    """Wall-clock seconds (epoch, jump host) of the last change of state."""
    error: str | None = None
    hint: str | None = None
    next_try_at: float | None = None
    """Monotonic seconds of the next try; None while up or trying."""
    skew_seconds: float | None = None
    """Node's clock minus ours, half the round trip taken off."""
    via: NodeName | None = None
    """The node whose connection carries this one."""
    phase: str | None = None
    """resolve | tcp | banner | host-key | login | probe while connecting."""
    peer: str | None = None
    """Address, ssh version and algorithms, for the Connections view. Sanitised."""
    python: str | None = None
    """The interpreter's version that runs the probe."""
    user: str | None = None
    """The login user on the node."""
    zone: str | None = None
    """The node's zone as `+0100`, for log lines that name none."""
    boot_id: str | None = None
    """The kernel's id of this boot; another one is another boot."""
    channels: int = 0
    bytes_per_second: float = 0.0
    probe_cpu_percent: float | None = None
    probe_memory_bytes: int | None = None
    others: int = 0
    """Other sessions of this program that have a probe there."""
    notes: tuple[str, ...] = ()
    """ssh keywords read but not honoured, other watchers, sudo refusals."""

    @property
    def ahead_seconds(self) -> float:
        """How far the node's clock is ahead of ours; 0 while nobody knows."""
        return self.skew_seconds or 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ServiceState:
    """A supervisor program or a SysV service."""

    name: str
    """As `supervisorctl status` says it (`group:name` where they differ), or the SysV name."""
    manager: str
    """supervisor | sysv."""
    state: str
    """RUNNING STARTING STOPPED STOPPING BACKOFF EXITED FATAL | absent | unknown."""
    supervisor: str | None = None
    """Which supervisord (`wakari-server`) where manager is supervisor."""
    pid: int | None = None
    started_at: float | None = None
    """Epoch seconds on the node's clock."""
    uptime_seconds: float | None = None
    """As of `seen_at`."""
    seen_at: float | None = None
    """Monotonic seconds on the jump host."""
    error: str | None = None
    description: str = ""
    severity: Severity = Severity.OK
    under_sudo: bool = False
    """Whether only the probe under sudo may see it."""
    startsecs: float | None = None
    """How long a new process must live before supervisor says RUNNING, as its files say; None where they do not."""
    stopwaitsecs: float | None = None
    """How long supervisor waits for a stop before it kills, as its files say; None where they do not."""


@dataclass(frozen=True, slots=True, eq=False)
class PortState:
    """A local port of a node that is looked at."""

    listens: bool
    """Whether something listens on it, on 127.0.0.1 or everywhere."""
    seen_at: float
    """Monotonic seconds."""
    has_listened: bool
    """Whether something was ever seen to listen on it in this run."""


@dataclass(frozen=True, slots=True, eq=False)
class StatusDocument:
    """What a data center says of itself: `{"status": "ok", "messages": []}` (seed 004)."""

    status: str
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class HttpState:
    """A URL that was asked."""

    name: str
    url: str
    asked_on: NodeName
    status_code: int | None = None
    latency_ms: float | None = None
    document: StatusDocument | None = None
    seen_at: float | None = None
    error: str | None = None
    severity: Severity = Severity.UNKNOWN
    answered_before: bool = False
    """Whether something answered under its name earlier in this run."""
    document_before: StatusDocument | None = None
    """The last status document that came under its name earlier in this run."""

    @property
    def has_answered(self) -> bool:
        """Whether something was ever seen to answer in this run."""
        return self.answered_before or self.status_code is not None

    @property
    def is_served(self) -> bool:
        """Whether what answers does so by itself, and not a proxy for something that is gone."""
        return self.status_code is not None and self.status_code < 500

    @property
    def last_document(self) -> StatusDocument | None:
        """What it said of itself when it last did."""
        return self.document or self.document_before


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Bytes; `available_bytes` = MemAvailable, or MemFree + Buffers + Cached where there is none."""

    total_bytes: int
    available_bytes: int
    swap_used_bytes: int
    swap_total_bytes: int | None = None
    is_estimate: bool = False
    """Whether the kernel does not say what is available (before 3.14)."""

    @property
    def used_percent(self) -> float:
        """Per cent that is not available."""
        return 100.0 * (self.total_bytes - self.available_bytes) / self.total_bytes if self.total_bytes else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Disk:
    """A mounted filesystem, as df counts: used_percent = used / (used + available)."""

    mount: str
    filesystem: str
    used_bytes: int
    available_bytes: int
    total_bytes: int
    used_percent: float
    inodes_used_percent: float | None
    read_only: bool
    error: str | None = None
    """`hung` where statvfs did not come back within 2 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Metrics:
    """A host's load, sampled from /proc."""

    cpu_percent: float | None
    load: tuple[float, float, float] | None
    memory: Memory | None
    disks: tuple[Disk, ...]
    rx_bytes_per_second: float | None
    """Of the machine: what passes a bond, a bridge or a VLAN is counted at its device only."""
    tx_bytes_per_second: float | None
    cores: int | None = None
    iowait_percent: float | None = None
    steal_percent: float | None = None
    """Time that the hypervisor gave to others."""
    core_percents: tuple[float, ...] = ()
    swap_in_bytes_per_second: float | None = None
    swap_out_bytes_per_second: float | None = None
    interfaces: tuple[tuple[str, float, float], ...] = ()
    """(name, bytes in, bytes out a second), the busiest first."""


class LogFileState(StrEnum):
    """`logs[].state`: following | readable | waiting | unknown."""

    FOLLOWING = "following"
    READABLE = "readable"
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class LogState:
    """A log file of a node."""

    path: LogPath
    state: LogFileState
    size_bytes: int | None = None
    error: str | None = None
    kind: str = "text"
    """access logs are followed but not in the merged default."""


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What a check says."""

    check: str
    severity: Severity
    message: str
    remedy: str = ""
    seed: str | None = None
    explained_by: str | None = None
    """The trouble that it follows from, in words; None where it stands for itself."""
    subject: str = ""
    """What it is about (a mount, a device, a service) where the check may find several things at once; hostile."""


@dataclass(frozen=True, slots=True, eq=False)
class StoreState:
    """MongoDB or Elasticsearch."""

    state: str
    """up | down | unknown."""
    version: str | None = None
    error: str | None = None
    health: str | None = None
    """Elasticsearch: green | yellow | red."""
    seen_at: float | None = None
    """Monotonic seconds of the last look, whatever it found."""
    severity: Severity = Severity.UNKNOWN
    answered_at: float | None = None
    """Monotonic seconds of the last answer."""
    asked_on: NodeName | None = None
    address: str = ""
    """HOST:PORT, as seen from there."""
    latency_ms: float | None = None
    """Of its simplest answer."""
    figures: StoreFigures | None = None
    """The last ones, each part with its age."""
    last_words: str | None = None
    """Why it did not start, as its log says; None where it runs or the log does not say."""
    is_pending: bool = False
    """Whether the first look has yet to come."""
    needs_login: bool = False
    """Whether it answers, but not to us."""

    @property
    def silence(self) -> str:
        """`does not answer on ADDRESS: why`, the address once."""
        where = "" if self.address in (self.error or "") else f" on {self.address}"
        return f"does not answer{where}: {self.error}"


@dataclass(frozen=True, slots=True, eq=False)
class NodeState:
    """Everything known of one node. Replaced whole when a part changes; parts keep their identity."""

    spec: NodeSpec
    connection: Connection = field(default_factory=Connection)
    services: tuple[ServiceState, ...] = ()
    http: tuple[HttpState, ...] = ()
    ports: Mapping[int, PortState] = field(default_factory=dict)
    """Its own ports that are asked for: the programs' and the stores'."""
    metrics: Reading[Metrics] = field(default_factory=Reading)
    logs: tuple[LogState, ...] = ()
    trends: Trends = field(default_factory=Trends)
    """What its figures come to over time."""
    signs: tuple[Sign, ...] = ()
    """What its system logs and its kernel said in the last hour."""
    vitals: Reading[Vitals] = field(default_factory=Reading)
    """Limits that are used, processes that are stuck; asked once a minute."""
    findings: tuple[Finding, ...] = ()
    severity: Severity = Severity.UNKNOWN
    last_problem: Reading[str] = field(default_factory=Reading)
    """The last warning or error line of its logs, with the log's label."""
    complete: bool = False
    """Whether the first complete frame has come."""
    stores: Mapping[str, StoreState] = field(default_factory=dict)
    """MongoDB and Elasticsearch, where it carries them."""
    projects: Reading[ProjectsLook] = field(default_factory=Reading)
    """What runs in its projects; looked at once a minute, more often while somebody looks."""
    page: Reading[Page] = field(default_factory=Reading)
    """What the server's URL shows to a browser."""
    ways: tuple[Way, ...] = ()
    """How it looks from this machine and from the server, where it is a gateway that is lost."""
    reboot: Reboot | None = None
    """The last one that was seen, for a day."""
    planned: Planned | None = None
    """What of it is under maintenance: shown, and not counted in `severity`."""
    explained_by: str | None = None
    """Another node's trouble that all of its own follow from, in words."""
    explains: str | None = None
    """The nodes whose troubles follow from this one's, as a node set."""
    follows: Mapping[Trouble, str] = field(default_factory=dict)
    """Of its findings those that follow from something, and from what: its own trouble's message, or another node's."""

    @property
    def name(self) -> NodeName:
        """The node's name."""
        return self.spec.name

    @property
    def interval_seconds(self) -> float:
        """How often its figures come: half as often as asked for where `CROWD` others look at it too."""
        return self.spec.interval_seconds * (2.0 if self.connection.others >= CROWD else 1.0)

    @property
    def fresh_seconds(self) -> float:
        """How old its figures may be and still count as of this moment: three intervals, and six seconds at least."""
        return max(FRESH_SECONDS, 3.0 * self.interval_seconds)

    @property
    def is_uncounted(self) -> bool:
        """Whether all of it is under maintenance: what is said of it is shown, and counts nowhere."""
        return self.planned is not None and self.planned.is_whole


@dataclass(frozen=True, slots=True, eq=False)
class ClusterState:
    """The installation at one moment. Nodes in display order."""

    name: str
    nodes: Mapping[NodeName, NodeState]
    stores: Mapping[str, StoreState | None] = field(default_factory=lambda: {"mongodb": None, "elasticsearch": None})
    revision: int = 0
    severity: Severity = Severity.UNKNOWN
    taken_at: float = 0.0
    """Monotonic seconds of the snapshot."""
    wall_at: float = 0.0
    """Epoch seconds of the snapshot."""
    causes: tuple[Cause, ...] = ()
    """What explains what, as of the last look at the whole (checks.roots)."""

    @property
    def up_count(self) -> int:
        """Nodes whose connection is up."""
        return sum(1 for node in self.nodes.values() if node.connection.state is LinkState.UP)


def counted_stores(stores: Mapping[str, StoreState | None], nodes: Mapping[NodeName, NodeState]) -> list[Severity]:
    """Severities of the stores that count: not of those under maintenance."""
    found: list[Severity] = []
    for name, store in stores.items():
        carrier = nodes.get(store.asked_on) if store is not None and store.asked_on is not None else None
        is_planned = carrier is not None and carrier.planned is not None and carrier.planned.covers_store(name)
        if store is not None and not is_planned:
            found.append(store.severity)
    return found

"""What MongoDB and Elasticsearch say of themselves, decoded: the figures of view 5 and of the checks.

Texts have been made visible, sizes are bytes, durations seconds unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aen_tui.model.reading import Reading

MIB = 1024 * 1024
DAEMONS: Mapping[str, str] = {"mongodb": "mongod", "elasticsearch": "elasticsearch"}
"""What each store's service is called."""
JOURNAL_BYTES = 3379 * MIB
"""Without so much free a mongod 2.6 does not start: three journal files of 1 GiB and some (tried)."""
SMALL_JOURNAL_BYTES = 128 * MIB
"""The same with `smallfiles` (tried)."""
MONGO_DATA_PATH = "/var/lib/mongo"
"""Where the mongodb-org package keeps its data (aen.md 2.4)."""


@dataclass(frozen=True, slots=True, eq=False)
class MongoHello:
    """What every mongod says to anybody, locked or not."""

    role: str
    """standalone | primary | secondary | arbiter | mongos | starting."""
    set_name: str | None = None
    wire_version: int = 0
    version: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MongoOperation:
    """Something in progress."""

    kind: str
    """insert query update remove getmore command."""
    namespace: str
    seconds: float
    client: str = ""
    waits_for_lock: bool = False
    writes: bool = False
    """Whether the lock that it holds or waits for is one for writing."""
    text: str = ""
    """Its progress, or the keys of what it was asked, whose values stay on the node that asks; cut."""


@dataclass(frozen=True, slots=True, eq=False)
class MongoLocks:
    """Who holds and who waits, from `$cmd.sys.inprog`, the one question that is answered behind a lock too."""

    is_fsync_locked: bool = False
    operations: tuple[MongoOperation, ...] = ()
    """Active ones, the longest first."""

    @property
    def waiting(self) -> tuple[MongoOperation, ...]:
        """Operations that wait for a lock."""
        return tuple(one for one in self.operations if one.waits_for_lock)

    @property
    def is_stuck(self) -> bool:
        """Whether a question that takes a lock would wait too."""
        return any(one.seconds >= 1 and one.writes for one in self.waiting)


@dataclass(frozen=True, slots=True, eq=False)
class MongoMember:
    """A member of the replica set."""

    name: str
    state: str
    """PRIMARY SECONDARY RECOVERING …"""
    is_healthy: bool
    behind_seconds: float | None = None
    """Behind the newest member's last operation."""


@dataclass(frozen=True, slots=True, eq=False)
class MongoServer:
    """`serverStatus`, and `replSetGetStatus` where there is a set."""

    uptime_seconds: float | None = None
    pid: int | None = None
    connections: int | None = None
    connections_available: int | None = None
    opcounters: Mapping[str, float] = field(default_factory=dict)
    """Since its start, by kind."""
    ops_per_second: Mapping[str, float] = field(default_factory=dict)
    """Between two looks; empty at the first."""
    resident_bytes: float | None = None
    virtual_bytes: float | None = None
    mapped_bytes: float | None = None
    page_faults_per_second: float | None = None
    page_faults: float | None = None
    write_locked: Mapping[str, float] = field(default_factory=dict)
    """Microseconds that a database's write lock was held since the start."""
    locked_percent: float | None = None
    """Of the time between two looks, of the database that was locked longest."""
    locked_database: str | None = None
    queued_readers: int | None = None
    queued_writers: int | None = None
    flush_last_ms: float | None = None
    flush_average_ms: float | None = None
    flushes: int | None = None
    network_in: float | None = None
    network_out: float | None = None
    members: tuple[MongoMember, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MongoOptions:
    """What mongod was started with (`getCmdLineOpts`), else what its log or its file says."""

    data_path: str = MONGO_DATA_PATH
    has_journal: bool = True
    small_files: bool = False
    log_path: str | None = None
    """None where it is the package's, /var/log/mongodb/mongod.log, or does not write one."""

    @property
    def journal_bytes(self) -> int:
        """What must be free before it starts."""
        if not self.has_journal:
            return 0
        return SMALL_JOURNAL_BYTES if self.small_files else JOURNAL_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class MongoDataSpace:
    """What is free where mongod keeps its data."""

    path: str
    available_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class MongoCollection:
    """`collStats`."""

    database: str
    name: str
    count: int
    data_bytes: int
    storage_bytes: int
    index_bytes: int
    indexes: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class MongoDatabase:
    """`dbStats`."""

    name: str
    collections: int
    objects: int
    data_bytes: int
    file_bytes: int
    index_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class MongoContents:
    """Databases and collections; asked seldom, because counting opens files."""

    databases: tuple[MongoDatabase, ...] = ()
    collections: tuple[MongoCollection, ...] = ()
    left_out: int = 0
    """Collections that were not counted: there are too many, or they may not be seen."""
    databases_left_out: int = 0
    """Databases of which nothing was counted."""


@dataclass(frozen=True, slots=True, eq=False)
class MongoFigures:
    """Everything known of a mongod, each part with its own age."""

    hello: MongoHello
    locks: Reading[MongoLocks] = field(default_factory=Reading)
    server: Reading[MongoServer] = field(default_factory=Reading)
    contents: Reading[MongoContents] = field(default_factory=Reading)
    options: MongoOptions | None = None
    data_space: Reading[MongoDataSpace] = field(default_factory=Reading)
    """Of its data folder, where the probe does not measure that one with the node's disks."""
    hangs: bool = False
    """Whether it greets, and does not answer what needs a lock, a login too."""


@dataclass(frozen=True, slots=True, eq=False)
class SearchIndex:
    """An index of Elasticsearch."""

    name: str
    health: str | None
    """green yellow red; None where it is closed."""
    documents: int | None = None
    """None where they were not counted."""
    size_bytes: int | None = None
    shards: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class SearchNode:
    """A node of the Elasticsearch cluster."""

    name: str
    address: str
    heap_used_bytes: int | None = None
    heap_max_bytes: int | None = None
    heap_percent: float | None = None
    disk_total_bytes: int | None = None
    disk_available_bytes: int | None = None

    @property
    def disk_percent(self) -> float | None:
        """Used, as the watermarks count."""
        if not self.disk_total_bytes or self.disk_available_bytes is None:
            return None
        return 100.0 * (self.disk_total_bytes - self.disk_available_bytes) / self.disk_total_bytes


@dataclass(frozen=True, slots=True, eq=False)
class SearchLimitApart:
    """A limit that the elasticsearch.yml of nodes that may be master do not say alike, and nothing else says."""

    setting: str
    """`watermark.low`, without what all of them begin with."""
    said: tuple[tuple[str, tuple[str, ...]], ...]
    """Value, and the nodes whose file comes to it."""


@dataclass(frozen=True, slots=True, eq=False)
class SearchDiskLimits:
    """How full a disk may be before shards are kept away from it: per cent used (`85%`) or bytes free (`500mb`)."""

    low: str = "85%"
    high: str = "90%"
    is_on: bool = True
    """Whether the disks are heeded at all (`cluster.routing.allocation.disk.threshold_enabled`)."""
    apart: tuple[SearchLimitApart, ...] = ()
    master: str = ""
    """The node whose file counts; only asked for where files differ."""


@dataclass(frozen=True, slots=True, eq=False)
class SearchFigures:
    """Everything known of an Elasticsearch, each part with its own age."""

    cluster: str
    node_count: int
    expected_nodes: int = 1
    active_shards: int = 0
    unassigned_shards: int = 0
    pending_tasks: int | None = None
    nodes: Reading[tuple[SearchNode, ...]] = field(default_factory=Reading)
    indices: Reading[tuple[SearchIndex, ...]] = field(default_factory=Reading)
    disk_limits: SearchDiskLimits = field(default_factory=SearchDiskLimits)
    heap_least_percent: float | None = None
    """The least of the last looks: what the collector leaves, not the tip of a saw tooth."""

    @property
    def heeds_disks(self) -> bool:
        """Whether the watermarks mean anything: 1.7 allots without them where its cluster is one node (issue 9391)."""
        return self.disk_limits.is_on and self.node_count > 1


StoreFigures = MongoFigures | SearchFigures

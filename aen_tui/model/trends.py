"""What a node's figures and system logs come to over time: levels that are held, disks that fill, signs, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aen_tui.model.severity import Severity


@dataclass(frozen=True, slots=True, eq=False)
class Filling:
    """A filesystem whose free space falls in a line."""

    mount: str
    full_in_seconds: float
    bytes_per_second: float


@dataclass(frozen=True, slots=True, eq=False)
class Slower:
    """What of a node is worse than in its own last hour, and how much."""

    what: str
    """load | io wait | latency."""
    now: float
    """Mean of the last two minutes: load, per cent, milliseconds."""
    usual: float
    """Median of the hour before."""
    times: float
    """How many times as much; of what is usually next to nothing, against the least that counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Trends:
    """What the last looks came to."""

    levels: Mapping[str, Severity] = field(default_factory=dict)
    """`cpu`, `memory`, `iowait`, `steal`, `swap`, `disk:/`, `inodes:/`, `filling:/` -> the level that is held.

    Those of memory and disks are of the per cents and of the bytes that are left.
    """
    filling: tuple[Filling, ...] = ()
    slower: Slower | None = None

    def filling_of(self, mount: str) -> Filling | None:
        """How a filesystem fills; None where it does not, or nothing can be said yet."""
        return next((one for one in self.filling if one.mount == mount), None)


class SignKind(StrEnum):
    """What a line of a system log is a sign of."""

    OOM_KILL = "oom-kill"
    IO_ERROR = "io-error"
    READ_ONLY = "read-only-filesystem"
    NFS = "nfs-not-responding"
    CONNTRACK = "conntrack-full"
    QUOTA = "quota-exceeded"


@dataclass(frozen=True, slots=True)
class Kill:
    """A process that the kernel killed for want of memory. Text is visible already."""

    at: float
    """When, epoch seconds of the jump host."""
    subject: str
    """`wk-server (node, pid 303)`, or `node (pid 303)` where it is no service's."""
    text: str
    """As the kernel said it: pid and sizes in it tell one from another."""
    source: str
    """A log's path, or `kernel`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """What was found of one kind in the last hour. Text is visible already."""

    kind: SignKind
    text: str
    """The last such line."""
    at: float
    """When it was written, epoch seconds of the jump host."""
    count: int
    source: str
    """A log's path, or `kernel`."""
    subject: str = ""
    """What was killed, the device, the server: as the line names it."""
    kills: tuple[Kill, ...] = ()
    """Each one, the last one last, where that is its kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """So much of a limit is used."""

    what: str
    """open files | processes of USER | connections tracked."""
    used: int
    limit: int
    service: str = ""
    pid: int | None = None

    @property
    def percent(self) -> float:
        """Per cent of the limit."""
        return 100.0 * self.used / self.limit if self.limit > 0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Stuck:
    """A process in uninterruptible sleep (D), at every look since."""

    pid: int
    name: str
    since: float
    """Monotonic seconds of the first look that found it so."""


@dataclass(frozen=True, slots=True, eq=False)
class Vitals:
    """What a node is asked once a minute."""

    used: tuple[Used, ...] = ()
    stuck: tuple[Stuck, ...] = ()
    """Those that were so at the look before, too."""
    waiting: int = 0
    """Processes in uninterruptible sleep at this look."""
    errors: tuple[str, ...] = ()
    """What may not be seen, and why."""

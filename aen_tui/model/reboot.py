"""A reboot that was seen, and what it left behind. Text in it is visible already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aen_tui.model.node_facts import Selinux


@dataclass(frozen=True, slots=True, eq=False)
class PidFile:
    """A pid file that is there."""

    path: str
    pid: int | None = None
    state: str = "stale"
    """live | stale: nobody has that pid, or somebody younger than the file."""


@dataclass(frozen=True, slots=True, eq=False)
class BootService:
    """A service as it stands for the next boot."""

    enabled: bool | None = None
    """Whether it begins by itself; None where it cannot be said."""
    pid_files: tuple[PidFile, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ProjectsFolder:
    """The folder of the projects."""

    state: str
    """full | empty | absent | hidden | hung."""
    on_root: bool = False
    """Whether it is a folder of the root filesystem."""


@dataclass(frozen=True, slots=True, eq=False)
class BootFacts:
    """What was found after it."""

    services: Mapping[str, BootService | None] = field(default_factory=dict)
    """None: not installed."""
    unmounted: tuple[str, ...] = ()
    """Of /etc/fstab."""
    projects: ProjectsFolder | None = None
    clock: str | None = None
    """The program that keeps the clock."""
    synchronized: bool | None = None
    """What the kernel says; None where it does not."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A service at one moment."""

    state: str
    started_at: float | None = None
    """Epoch seconds on the node's clock."""


@dataclass(frozen=True, slots=True, eq=False)
class Reboot:
    """A reboot of a node while it was watched."""

    at_wall: float
    """When its new boot id was seen, epoch seconds."""
    ran: frozenset[str] = frozenset()
    """What ran before, as services are named."""
    mounted: frozenset[str] = frozenset()
    """Mount points that were measured before."""
    facts: BootFacts | None = None
    """None until the node has settled and was asked."""
    selinux: Selinux | None = None
    settled: Mapping[str, Settled] | None = None
    """How services stood when the node had settled: what somebody does later is not the reboot's doing."""

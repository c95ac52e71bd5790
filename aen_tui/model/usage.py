"""What takes up a filesystem of projects. Bytes are what is allocated. Text in it is visible already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a path is."""

    path: str
    mount: str
    source: str
    """What is mounted: a device, or `server:/export`."""
    filesystem: str
    device: int | None = None
    used_bytes: int = 0
    available_bytes: int = 0
    total_bytes: int = 0
    inodes_used_percent: float | None = None
    error: str | None = None

    @property
    def is_shared(self) -> bool:
        """Whether other nodes may have the same filesystem: its source names a server."""
        return ":" in self.source or self.filesystem.startswith(("nfs", "ceph", "gluster", "lustre", "gpfs", "cifs"))


@dataclass(frozen=True, slots=True, eq=False)
class UserQuota:
    """What a user has; None where there is no limit."""

    uid: int
    user: str
    used_bytes: int
    limit_bytes: int | None
    used_files: int
    limit_files: int | None


@dataclass(frozen=True, slots=True, eq=False)
class DeletedFile:
    """A file without a name whose space is held by who has it open."""

    pid: int
    user: str
    name: str
    """Of the process."""
    bytes: int
    path: str


class LargeFile(NamedTuple):
    """A file."""

    bytes: int
    changed: float
    """Epoch seconds on the node's clock."""
    path: str


@dataclass(frozen=True, slots=True, eq=False)
class PartUse:
    """A project, or what else lies at that depth."""

    part: str
    bytes: int
    """Of inodes that have one name."""
    linked_bytes: int
    """Of inodes with several names, which other parts may count too: packages, as a rule."""
    files: int
    closed: int = 0
    """Folders that may not be read."""


@dataclass(frozen=True, slots=True, eq=False)
class WalkProgress:
    """How far a walk is."""

    at: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class WalkTotal:
    """A walk that came to its end."""

    files: int
    bytes: int
    """Each inode once."""
    linked_bytes: int
    """Of these, of inodes with several names."""
    outside_bytes: int
    """Of those, where some names are elsewhere: the package cache, as a rule."""
    closed: int = 0
    closed_names: tuple[str, ...] = ()
    uids: tuple[int, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """The last walk of the same place."""

    at: float
    """Epoch seconds."""
    bytes: int
    files: int
    parts: Mapping[str, int] = field(default_factory=dict)
    """Part -> bytes."""

"""What preflight knows of an installation: its folders and files, its programs' processes, where they listen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A file or folder that AEN is made of."""

    kind: str
    """file | folder | other | absent | unknown."""
    uid: int | None = None
    owner: str | None = None
    mode: int | None = None
    """Permission bits."""
    writes: bool | None = None
    """Whether the service account may write it, by owner, group and bits; None where it or its groups are unknown."""
    runs: bool | None = None
    """Whether the service account may run it, or pass it where it is a folder."""


@dataclass(frozen=True, slots=True, eq=False)
class AenProcess:
    """A supervisord of AEN's, a process that it started, or a wk-server."""

    pid: int
    parent: int
    name: str
    user: str
    supervisor: str | None = None
    """wakari-server, wakari-gateway or wakari-compute; None for a wk-server that no supervisord has started."""
    folder: str | None = None
    """Its working folder; None where that may not be seen."""


@dataclass(frozen=True, slots=True, eq=False)
class PackageCache:
    """Where projects' packages are hard-linked from."""

    path: str
    count: int = 0
    foreign: tuple[str, ...] = ()
    """Entries that belong to neither root nor the service account, ten of them."""
    foreign_count: int = 0
    closed: tuple[str, ...] = ()
    """Packages that others may not read."""
    closed_count: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class InstallFacts:
    """All of it."""

    account_uid: int | None = None
    """Of the service account."""
    paths: Mapping[str, Placed] = field(default_factory=dict)
    found: Mapping[str, str | None] = field(default_factory=dict)
    """File name -> where it lies, of files whose place no page tells."""
    listeners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Port -> the addresses that something listens at."""
    processes: tuple[AenProcess, ...] = ()
    cache: PackageCache | None = None
    """None where there is none, or it may not be listed."""
    error: str | None = None
    """Why nothing is known of paths."""

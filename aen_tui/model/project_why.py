"""What is known of one project on one node, to say why it does not start. Text in it is visible already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from aen_tui.model.severity import Severity


class PlaceSpace(NamedTuple):
    """A filesystem that a start needs room on."""

    what: str
    """projects | packages | home | tmp."""
    mount: str
    filesystem: str
    available_bytes: int
    used_percent: float
    inodes_used_percent: float | None
    read_only: bool


class CondaLock(NamedTuple):
    """A lock of conda's."""

    path: str
    pid: int | None
    alive: bool
    age_seconds: float


class QuotaUse(NamedTuple):
    """What a user has of a filesystem; None where there is no limit."""

    used_bytes: int
    limit_bytes: int | None
    used_files: int
    limit_files: int | None


@dataclass(frozen=True, slots=True, eq=False)
class OwnerAccount:
    """The account of a project's owner."""

    name: str
    uid: int | None
    gid: int | None
    home: str
    shell: str


@dataclass(frozen=True, slots=True, eq=False)
class WhyFolder:
    """A project's folder, and what it needs."""

    path: str
    state: str
    """folder | link | file | absent | closed (the login user may not look)."""
    owner_state: str
    """The same of the owner's folder."""
    looked_as: str
    """Who looked: never root."""
    problem: str | None = None
    target: str | None = None
    """Where a link leads."""
    uid: int | None = None
    gid: int | None = None
    user: str | None = None
    """The owner's name; None where the uid has no account."""
    mode: int | None = None
    acl: tuple[tuple[str, str], ...] = ()
    """Team members and what they may: (`bob`, `rwx`)."""
    acl_known: bool | None = None
    """Whether the filesystem knows ACLs."""
    metadata: str = "absent"
    """present | absent | closed."""
    env: str = "absent"
    """envs/default: complete | incomplete | absent | closed."""
    missing: tuple[str, ...] = ()
    account: OwnerAccount | None = None
    account_error: str | None = None
    home: str | None = None
    """State of the owner's home, as `state`."""
    home_uid: int | None = None
    home_mode: int | None = None
    disks: tuple[PlaceSpace, ...] = ()
    locks: tuple[CondaLock, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class WhyHost:
    """What the node says beside the folder."""

    anon_user: str | None = None
    anon_exists: bool | None = None
    sudo_file: str = "closed"
    """present | absent | closed: /etc/sudoers.d/wakari_sudo."""
    sudo_names: bool | None = None
    """Whether it names the service account."""
    tty_free: bool | None = None
    """Whether it takes requiretty away."""
    launcher_pid: int | None = None
    nproc: int | None = None
    """Most tasks of a user, as the launcher has it and hands it on; None: no limit, or not seen."""
    nproc_files: tuple[tuple[str, str], ...] = ()
    tasks: int | None = None
    """Tasks that the owner has."""
    quota: QuotaUse | None = None
    quota_error: str | None = None
    lines: tuple[tuple[str, str], ...] = ()
    """(log, line) of the launcher's that name the project, masked."""
    log_errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """Why it may not start."""

    likelihood: int
    """0 to 100; only its order means something."""
    severity: Severity
    """UNKNOWN: it could not be seen."""
    message: str
    remedy: str = ""
    seed: str | None = None

"""What preflight knows of a node: gathered on request, never on the interval. Text in it is visible already.

Four parts, each with its own age, because each may fail alone: the host, its settings,
who runs what, what it reaches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aen_tui.model.install_facts import InstallFacts
from aen_tui.model.projects import ProjectFolders
from aen_tui.model.reading import Reading


@dataclass(frozen=True, slots=True, eq=False)
class Selinux:
    """SELinux as it runs and as its files will have it after the next boot."""

    running: str | None = None
    """enforcing | permissive | disabled; None where it may not be seen."""
    files: Mapping[str, str] = field(default_factory=dict)
    """File -> its SELINUX= value, in lower case."""


@dataclass(frozen=True, slots=True, eq=False)
class PathFacts:
    """A folder that AEN needs, and the filesystem it is on."""

    path: str
    error: str | None = None
    """Why nothing is known: `absent`, `hung`, or the system's words."""
    device: int | None = None
    mount: str | None = None
    filesystem: str | None = None
    options: str = ""
    acl: str | None = None
    """yes | no; None where the kernel did not say."""
    total_bytes: int | None = None
    available_bytes: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """A system account."""

    uid: int
    gid: int
    home: str
    shell: str
    has_home: bool | None = None
    """Whether its home folder is there; None where that could not be seen in time."""


@dataclass(frozen=True, slots=True, eq=False)
class ProgramFacts:
    """An installed program: where, and what it says of its version."""

    path: str
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class RunningProcess:
    """A process of supervisord's or nginx's."""

    name: str
    pid: int
    parent: int
    user: str
    supervisor: str | None = None
    """wakari-server, wakari-gateway or wakari-compute for a supervisord."""


@dataclass(frozen=True, slots=True, eq=False)
class ProjectProcess:
    """A process of the service account's whose folder or arguments are a project's."""

    pid: int
    project: str
    """owner/project."""
    name: str
    is_start: bool = False
    """Whether it is work of a project's start, as `AppGroup.starting` counts it."""


@dataclass(frozen=True, slots=True, eq=False)
class HostFacts:
    """The machine."""

    user: str
    """Who looked."""
    uid: int
    hostname: str
    release: str | None = None
    kernel: str = ""
    memory_bytes: int | None = None
    cores: int | None = None
    selinux: Selinux = field(default_factory=Selinux)
    paths: Mapping[str, PathFacts] = field(default_factory=dict)
    accounts: Mapping[str, Account | None] = field(default_factory=dict)
    """Every account asked for; None where there is none."""
    accounts_error: str | None = None
    """Why an account that is not in /etc/passwd may yet be there."""
    programs: Mapping[str, ProgramFacts | None] = field(default_factory=dict)
    libraries: Mapping[str, bool] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    """conda-meta: wakari-version -> 4.1.2; of all roles together."""
    packages_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The same by prefix: /opt/wakari/wakari-compute -> its packages."""
    ports: Mapping[str, bool] = field(default_factory=dict)
    suspended: tuple[str, ...] = ()
    """conf.d files that end in .SUSPEND."""
    sudo_mode: int | None = None
    """Permission bits of the sudo program; None where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class AppFacts:
    """Who runs what."""

    processes: tuple[RunningProcess, ...] = ()
    projects: tuple[ProjectProcess, ...] = ()
    account_uid: int | None = None
    """Of the service account; None where the node could not tell: then `projects` is empty, whatever runs."""
    blind: str | None = None
    """Why other users' processes are not seen at all; None where they are."""


@dataclass(frozen=True, slots=True, eq=False)
class ConfigFile:
    """A JSON configuration; secrets in it were masked on the node."""

    component: str
    """server | gateway | compute: who reads it."""
    path: str
    state: str
    """read | absent | unreadable | syntax | too-big: then `keys` has the short values, or none."""
    problem: str | None = None
    """What is wrong, in one line."""
    line: int | None = None
    """Where its syntax ends."""
    owner: str | None = None
    uid: int | None = None
    mode: int | None = None
    """Permission bits."""
    readable: bool | None = None
    """Whether the service account may read it, by owner, group and bits; None where the account is not known."""
    size_bytes: int | None = None
    sha256: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    """Top-level key -> value as JSON, secrets masked, at most 2,000 characters."""


@dataclass(frozen=True, slots=True, eq=False)
class TextSettings:
    """A small settings file of another format: its scalars and lists of scalars."""

    path: str
    state: str
    """read | absent | unreadable | too-big | hung."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LeftLog:
    """An installer's log that is still there."""

    path: str
    mode: int
    owner: str
    holds_password: bool | None = None
    """Whether the words `Created password` stand in it; None where it may not be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A certificate on disk or served."""

    place: str
    """A path, or host:port."""
    error: str | None = None
    not_before: float | None = None
    """Epoch seconds."""
    not_after: float | None = None
    names: tuple[str, ...] = ()
    fingerprint: str | None = None
    is_served: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """A file that AEN brings and the copy that is read."""

    ours: str
    theirs: str
    same: bool | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NginxFiles:
    """What nginx reads."""

    path: str
    """Its own configuration."""
    problem: str | None = None
    """Why that, and what it includes, is not wholly known; then `files` may have what nginx does not read."""
    files: tuple[str, ...] = ()
    """With all that is included."""


@dataclass(frozen=True, slots=True, eq=False)
class SettingsFacts:
    """What is configured."""

    files: tuple[ConfigFile, ...] = ()
    condarc: TextSettings | None = None
    own_condarc: TextSettings | None = None
    """The service account's, which goes before the other (seed 004)."""
    client: TextSettings | None = None
    logs: tuple[LeftLog, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    copies: tuple[Copies, ...] = ()
    nginx: NginxFiles | None = None
    server_names: tuple[str, ...] = ()
    """nginx's server_name words."""


@dataclass(frozen=True, slots=True, eq=False)
class ResolvedName:
    """A host name, there and back."""

    name: str
    addresses: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    """Names of those addresses."""
    error: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What a URL shows to a browser."""

    name: str
    url: str
    code: int | None = None
    kind: str | None = None
    """license | login | other."""
    error: str | None = None
    onward: str | None = None
    """Where it leads on to, without its query, where nobody followed: another host, or too far."""


@dataclass(frozen=True, slots=True)
class Knock:
    """A port of another host that was tried."""

    host: str
    port: int
    error: str | None = None
    """Why it does not answer; None where it does."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a lost gateway looks from one place."""

    place: str
    """Whence: the name of a node, or `this machine`."""
    ssh: Knock | None = None
    """Its ssh port, which speaks first; None where it was not tried."""
    http: Knock | None = None
    """The gateway's own port, 8089."""
    error: str | None = None
    """Why nothing was tried from there."""

    @property
    def answers(self) -> bool:
        """Whether anything of the host does."""
        return any(one is not None and one.error is None for one in (self.ssh, self.http))


@dataclass(frozen=True, slots=True, eq=False)
class ReachFacts:
    """What the node reaches by name."""

    names: tuple[ResolvedName, ...] = ()
    pages: tuple[Page, ...] = ()
    served: tuple[Certificate, ...] = ()
    ports: tuple[Knock, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NodeFacts:
    """All of it."""

    host: Reading[HostFacts] = field(default_factory=Reading)
    settings: Reading[SettingsFacts] = field(default_factory=Reading)
    apps: Reading[AppFacts] = field(default_factory=Reading)
    reach: Reading[ReachFacts] = field(default_factory=Reading)
    folders: Reading[ProjectFolders] = field(default_factory=Reading)
    """Of computes alone."""
    install: Reading[InstallFacts] = field(default_factory=Reading)
    boot: Reading[Mapping[str, bool | None]] = field(default_factory=Reading)
    """Service -> whether it begins by itself; None where that cannot be said."""

    @property
    def parts(self) -> tuple[Reading[Any], ...]:
        """All parts."""
        later = [one for one in (self.folders, self.install, self.boot) if one.seen_at is not None or one.error]
        return (self.host, self.settings, self.apps, self.reach, *later)

    @property
    def seen_at(self) -> float | None:
        """Monotonic seconds of the oldest part; None while a part was never seen."""
        seen = [part.seen_at for part in self.parts]
        return None if None in seen else min(at for at in seen if at is not None)

    @property
    def errors(self) -> tuple[str, ...]:
        """Why parts could not be had."""
        return tuple(dict.fromkeys(part.error for part in self.parts if part.error))

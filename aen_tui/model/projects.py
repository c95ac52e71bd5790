"""Projects of a compute: what runs in them, and how their folders stand against the documented scheme.

Text in it is visible already. A project is named OWNER/PROJECT, the two folders under the projects' root.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"[^/\s][^/\n]{0,254}/[^/\n]{1,255}")


def is_project(word: str) -> bool:
    """Whether a word is OWNER/PROJECT."""
    return _NAME.fullmatch(word) is not None and not {".", ".."} & set(word.split("/"))


@dataclass(frozen=True, slots=True, eq=False)
class AppGroup:
    """Processes of one kind and user in a project."""

    kind: str
    """notebook | lab | terminal | editor | workbench | viewer | `app NAME` | kernel | python | R | shell | files …"""
    user: str
    processes: int
    apps: int
    """How many of them are apps that AEN starts, forks not counted."""
    rss_bytes: int
    started: float
    """Epoch seconds on the node's clock, of the oldest."""
    cpu_percent: float | None = None
    """Of one core."""
    pids: tuple[int, ...] = ()
    """Of the five with most memory; those of a start come last."""
    starting: int = 0
    """How many of them are a start's work: the launcher's or start-project's, and less than half an hour old."""


@dataclass(frozen=True, slots=True, eq=False)
class ProjectLoad:
    """What runs in a project."""

    project: str
    groups: tuple[AppGroup, ...]

    @property
    def apps(self) -> int:
        """Running apps."""
        return sum(group.apps for group in self.groups)

    @property
    def processes(self) -> int:
        """Processes."""
        return sum(group.processes for group in self.groups)

    @property
    def cpu_percent(self) -> float | None:
        """Of one core; None where no group was measured."""
        known = [group.cpu_percent for group in self.groups if group.cpu_percent is not None]
        return sum(known) if known else None

    @property
    def rss_bytes(self) -> int:
        """Resident memory; what processes share is counted in each."""
        return sum(group.rss_bytes for group in self.groups)

    @property
    def started(self) -> float:
        """Epoch seconds on the node's clock, of the oldest process."""
        return min((group.started for group in self.groups), default=0.0)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What runs there: apps first, the heaviest first."""
        ranked = sorted(self.groups, key=lambda group: not group.apps)
        return tuple(dict.fromkeys(group.kind for group in ranked))

    @property
    def users(self) -> tuple[str, ...]:
        """Whose processes they are."""
        return tuple(dict.fromkeys(group.user for group in self.groups))


@dataclass(frozen=True, slots=True, eq=False)
class ProjectsLook:
    """What runs in a node's projects, at one moment."""

    loads: tuple[ProjectLoad, ...]
    """The heaviest first; of very many the first 300, and those in which the service account runs something."""
    processes: int
    """All that were looked at."""
    projects: int
    """In how many projects something runs."""
    apps: int
    """Running apps, of all projects."""
    in_projects: int
    """Processes in projects."""
    unread: int = 0
    """Processes whose folder the login user may not see, and whose arguments name no project."""
    blind: str | None = None
    """Why other users' processes are not seen at all; None where they are."""
    cost_seconds: float = 0.0
    """Of the node's processor, for the look."""

    def run_by(self, account: str) -> list[tuple[str, int, tuple[int, ...]]]:
        """(project, processes, some of their pids) of what an account runs that is more than a start's own work."""
        found = []
        for load in self.loads:
            own = [(one, one.processes - one.starting) for one in load.groups if one.user == account]
            count = sum(number for _, number in own)
            if count:
                pids = tuple(pid for one, number in own for pid in one.pids[: max(0, number)])
                found.append((load.project, count, pids))
        return found

    @property
    def known_apps(self) -> int | None:
        """Running apps; None where other users' processes are not seen."""
        return None if self.blind else self.apps


@dataclass(frozen=True, slots=True, eq=False)
class InProject:
    """A process in a project."""

    pid: int
    parent: int
    kind: str
    user: str
    rss_bytes: int
    started: float
    cpu_percent: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class InFull:
    """A process as it was started; secrets were masked on the node."""

    pid: int
    user: str
    words: tuple[str, ...]
    folder: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Departed:
    """Projects whose folders depart from the scheme in one way."""

    count: int
    projects: tuple[str, ...]
    """The first 20."""


@dataclass(frozen=True, slots=True, eq=False)
class ProjectFolders:
    """A node's project folders against the scheme of seed 002."""

    owners: int
    projects: int
    user: str
    """Who looked: never root."""
    closed_count: int = 0
    """Owners whose folders the user may not list."""
    closed: tuple[str, ...] = ()
    """The first 20 of them."""
    departures: Mapping[str, Departed] = field(default_factory=dict)
    """Word (aen_tui/probe/errands/project_folders.py) -> which projects."""
    acl: str | None = None
    """yes | no; None where the kernel did not say."""
    error: str | None = None
    """Why the root of the projects could not be read."""
    names_error: str | None = None
    """Why some owners' names are not known."""
    insides: int = 0
    """How many projects were looked into, one level deep."""

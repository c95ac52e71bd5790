"""What runs on which role, with its files and ports, one service a file: exports `SERVICE`.

A service file is a fact sheet; each fact names the seed or source it comes from. What is discovered on
a node (programs, their log files, the services that are installed) corrects it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.shelf import shelved

NO_PROGRAMS = "supervisord has no programs"
"""What is said of a supervisord that answers and manages nothing."""


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log of a service; `{prefix}` stands for the installation prefix."""

    path: str
    is_access_log: bool = False
    """Followed, but not in the merged default."""
    is_named: bool = True
    """Whether a seed names it; else its package does (aen.md 2.4, 2.5)."""

    def resolved(self, spec: NodeSpec) -> str:
        """The path on a node."""
        return self.path.format(prefix=spec.install_prefix)


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """Something that AEN needs on nodes of some roles."""

    name: str
    roles: tuple[Role, ...]
    seed: str
    """The seed that names it."""
    sysv: str
    """Its SysV name: `service NAME restart`."""
    supervisor: str | None = None
    """The supervisord it stands for: a folder under the prefix."""
    logs: tuple[LogFile, ...] = ()
    mounts: tuple[str, ...] = ()
    """Paths whose filesystems matter to it."""
    program_ports: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Supervisor program -> (name in the inventory's `ports`, default port) it listens on."""
    port: int | None = None
    """Of a daemon that is no web server: what it listens on by default; None where nothing is to listen."""
    covers: tuple[str, ...] = ()
    """Further words of the seeds that it looks after (`port:5000`, `004 service:NAME`), for `info --coverage`.

    A word without a seed in front is the seed's of the file. Name, logs and ports need not be repeated.
    """
    programs: tuple[str, ...] = ()
    """Its programs by their documented names, what others need first; what a node calls them is discovered
    (aen.md 2.2)."""
    weight: int = 0
    """How much goes wrong without it, beside the others: of several that are down the heaviest is told first."""

    def calls(self, program: str, name: str) -> bool:
        """Whether a discovered name is that of a documented program: `worker:worker_00` is the worker's."""
        return program.removeprefix("wk-") in name


@cache
def services() -> tuple[Service, ...]:
    """Every service of the shelf.

    Raises:
        TypeError: a file of the shelf exports none; the program must not start without it.
    """
    return tuple(shelved(__name__, "SERVICE", Service))


@cache
def weight_of(name: str) -> int:
    """How much goes wrong without a service or program; 0 of one that is not documented."""
    for service in services():
        if name == service.name:
            return service.weight
        for place, program in enumerate(service.programs):
            if service.calls(program, name):
                return service.weight - place
    return 0


def services_of(spec: NodeSpec) -> tuple[Service, ...]:
    """The services that belong on a node, in the order of its roles."""
    ranked = [(role, service) for role in spec.roles for service in services() if role in service.roles]
    return tuple(dict.fromkeys(service for _, service in ranked))

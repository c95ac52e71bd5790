"""/opt/wakari and /projects on one filesystem: packages are hard links then; else more space and slower starts."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    prefix, projects = look.spec.install_prefix, look.spec.projects_root
    places = [look.host.paths.get(path) for path in (prefix, projects)] if look.host else [None, None]
    devices = [place.device if place else None for place in places]
    if None in devices:
        yield unknown(f"{prefix} or {projects} could not be looked at")
    elif devices[0] != devices[1]:
        yield warning(
            f"{prefix} and {projects} are on different filesystems",
            "put both on one: environments are then hard links instead of copies",
        )
    else:
        yield ok(f"{prefix} and {projects} share a filesystem")


REQUIREMENT = Requirement(
    "one-filesystem", "one filesystem", "000", _evaluate, (Role.COMPUTE,), ("requirement:one-filesystem",)
)

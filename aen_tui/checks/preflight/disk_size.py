"""Storage: /opt/wakari 10 GB (4.0: 5 GB), /projects 20 GB, and 20 GB on the server."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._versions import GB, gigabytes, is_before_41, seed_of
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    prefix = look.spec.install_prefix
    seed = seed_of(look.version)
    wanted = {prefix: (5 if is_before_41(look.version) else 10, seed)}
    if Role.SERVER in look.spec.roles:
        wanted[prefix] = (20, "004")  # of the server alone, and only there
    if Role.COMPUTE in look.spec.roles:
        wanted[look.spec.projects_root] = (20, seed)
    for path, (least, said_by) in wanted.items():
        yield _judge(look, path, least).by(said_by)


def _judge(look: Look, path: str, least: int) -> Verdict:
    place = look.host.paths.get(path) if look.host else None
    if place is None or place.total_bytes is None:
        return unknown(f"{path}: {place.error if place else 'not looked at'}")
    size = gigabytes(place.total_bytes)
    if place.total_bytes < least * GB:
        return warning(f"{path} is on {size} of storage, {least} GB wanted", f"enlarge the filesystem of {path}")
    return ok(f"{path} is on {size} of storage")


REQUIREMENT = Requirement(
    "disk-size",
    "storage",
    "000",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    (
        "requirement:storage-opt-wakari",
        "requirement:storage-projects",
        "004 requirement:storage-opt-wakari",
        "004 requirement:storage-projects",
        "004 requirement:storage-server",
    ),
)

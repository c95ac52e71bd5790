"""POSIX ACLs on /projects and /opt/wakari: without them start-project cannot let a team into a project."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import Role
from aen_tui.model.node_facts import PathFacts

_HAVE_AN_OPTION = frozenset({"ext2", "ext3", "ext4", "reiserfs", "gfs2", "ocfs2", "nfs"})
"""Of these `acl` and `noacl` are mount options (mount(8)); any other knows ACLs always or never."""
_TUNE2FS = "`tune2fs -l DEVICE | grep options` as root says it"


def _evaluate(look: Look) -> Iterable[Verdict]:
    for path in dict.fromkeys((look.spec.projects_root, look.spec.install_prefix)):
        place = look.host.paths.get(path) if look.host else None
        trial = (
            f"`:try-acl {look.spec.name}` tries it with a folder of its own" if path == look.spec.projects_root else ""
        )
        yield _judge(path, place, trial)


def _judge(path: str, place: PathFacts | None, trial: str) -> Verdict:
    if place is None or place.error:
        return unknown(f"{path}: {place.error if place else 'not looked at'}", trial)
    options = place.options.split(",")
    if place.acl == "no" or "noacl" in options:
        remedy = f"mount {place.mount} with the option `acl` (`mount -o remount,acl {place.mount}`, and in /etc/fstab)"
        if place.filesystem not in _HAVE_AN_OPTION and "noacl" not in options:
            remedy = f"{place.filesystem} keeps none: have {path} on ext4 or xfs"
        return critical(f"{path} ({place.filesystem} on {place.mount}) has no POSIX ACLs", remedy)
    if place.acl is None and "acl" not in options:
        return unknown(f"{path}: the kernel does not say", "; ".join(filter(None, (trial, _TUNE2FS))))
    return ok(f"{path} ({place.filesystem}) knows POSIX ACLs")


REQUIREMENT = Requirement(
    "acl-support", "ACLs", "000", _evaluate, (Role.COMPUTE,), ("requirement:acl", "004 requirement:acl")
)

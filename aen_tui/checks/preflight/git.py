"""git is installed on computes: users clone with it."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("programs could not be looked at")
    elif (program := look.host.programs.get("git")) is None:
        yield warning("git is not installed", "`yum install git`")
    else:
        yield ok(program.path)


REQUIREMENT = Requirement(
    "git-installed", "git", "000", _evaluate, (Role.COMPUTE,), ("requirement:git", "004 requirement:git")
)

"""bzip2 is installed: conda's packages are packed with it."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("programs could not be looked at")
    elif (program := look.host.programs.get("bzip2")) is None:
        yield warning("bzip2 is not installed", "`yum install bzip2`")
    else:
        yield ok(program.path)


REQUIREMENT = Requirement(
    "bzip2-installed", "bzip2", "000", _evaluate, (Role.SERVER, Role.COMPUTE), ("requirement:bzip2",)
)

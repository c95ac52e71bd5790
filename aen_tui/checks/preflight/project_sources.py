"""What new projects are made of: the launcher's skeleton folder and the root environment."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_WHAT = {
    "skeleton": ("the skeleton of projects", "lib/node_modules/wakari-compute-launcher/skeleton"),
    "conda": ("the root environment", "/opt/wakari/anaconda/bin/conda"),
}


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("files could not be looked at")
        return
    for key, (what, path) in _WHAT.items():
        program = look.host.programs.get(key)
        if program is None:
            yield warning(f"{what} ({path}) is not there: no project can be made", "install AEN Compute again")
        else:
            yield ok(program.path)


REQUIREMENT = Requirement(
    "project-sources",
    "skeleton, root env",
    "002",
    _evaluate,
    (Role.COMPUTE,),
    (
        "file:/opt/wakari/wakari-compute/lib/node_modules/wakari-compute-launcher/skeleton",
        "file:/opt/wakari/anaconda",
        "004 requirement:root-environment",
        "004 file:/opt/wakari/anaconda/bin/conda",
    ),
)

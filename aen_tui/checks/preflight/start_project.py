"""start-project, which makes projects and sets their permissions at every start, can be run by the service account."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_NAME = "start-project"


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.install is None or _NAME not in look.install.found:
        yield unknown(f"{_NAME} was not looked for")
        return
    path = look.install.found[_NAME]
    place = look.install.paths.get(path) if path else None
    if path is None:
        yield ok(f"no {_NAME} in wakari-compute's bin, scripts or launcher; no page tells where it is")
    elif place is not None and place.runs is False:
        yield warning(
            f"{look.spec.service_account} may not run {path} ({place.owner}, {place.mode or 0:04o}): no project starts",
            f"`chmod a+x {path}`",
        )
    else:
        yield ok(path)


REQUIREMENT = Requirement(
    "start-project", "start-project", "002", _evaluate, (Role.COMPUTE,), ("process:start-project",)
)

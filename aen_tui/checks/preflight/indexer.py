"""wakari-indexer, which feeds the search box, runs where supervisor has it.

No seed names it: the package ships in every 4.x, and where it runs and logs is documented nowhere (aen.md 2.5). So what
is found is told, and that nothing is found is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role

_PACKAGE, _WORD = "wakari-indexer", "indexer"


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown(f"whether {_PACKAGE} is installed was not looked at")
        return
    version = look.host.packages.get(_PACKAGE)
    programs = [one for one in look.node.services if _WORD in one.name]
    for one in programs:
        is_planned = look.is_planned(one.name, one.supervisor or one.name)
        if is_planned or one.state in ("RUNNING", "STARTING", "unknown", "absent"):
            yield ok(f"{one.name} is {one.state}" + ", under maintenance" * is_planned)
        else:
            yield warning(
                f"{one.name} is {one.state}: new and changed files are not found by the search box",
                f"start {one.name}; its own log says why it ended",
            )
    if version is not None:
        yield ok(
            f"{_PACKAGE} {version} is installed" + ("" if programs else "; supervisor has no program of that name")
        )
    elif not programs:
        yield ok(f"no {_PACKAGE} is seen here; no page tells where it runs")


REQUIREMENT = Requirement(
    "indexer",
    "indexer",
    None,
    _evaluate,
    (Role.SERVER, Role.COMPUTE),
    ("process:wakari-indexer",),
)

"""At least two CPU cores on every node."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning


def _evaluate(look: Look) -> Iterable[Verdict]:
    cores = look.host.cores if look.host else None
    if cores is None:
        yield unknown("/proc/stat cannot be read")
    elif cores < 2:
        yield warning(f"{cores} core, 2 wanted", "give the machine more cores")
    else:
        yield ok(f"{cores} cores")


REQUIREMENT = Requirement("core-count", "2 cores", "004", _evaluate, covers=("requirement:cores",))

"""At least 2 GB of memory on every node; a machine sold with 2 GB shows a little less."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._versions import GB, gigabytes

_LEAST = 1.8 * GB


def _evaluate(look: Look) -> Iterable[Verdict]:
    size = look.host.memory_bytes if look.host else None
    if size is None:
        yield unknown("/proc/meminfo cannot be read")
    elif size < _LEAST:
        yield warning(f"{gigabytes(size)} of memory, 2 GB wanted", "give the machine more memory")
    else:
        yield ok(f"{gigabytes(size)} of memory")


REQUIREMENT = Requirement("memory-size", "RAM 2 GB", "004", _evaluate, covers=("requirement:memory",))

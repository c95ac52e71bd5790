"""Looks at single processes of nodes, by the errand `process`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from aen_tui.errors import ProbeError
from aen_tui.model.clock import Clock
from aen_tui.model.node import NodeName
from aen_tui.model.process import ProcessLook
from aen_tui.runtime.before_after import LookAtProcess
from aen_tui.sources import processes


class _Errand(Protocol):
    async def __call__(
        self, node: NodeName, name: str, order: Mapping[str, Any], *, row: Any, take: Any, seconds: float, raised: bool
    ) -> bool: ...


def process_looks(errand: _Errand, clock: Clock) -> LookAtProcess:
    """What looks at a process by the probe that may see most of it: the one under sudo, where there is one.

    Args:
        errand: `Runtime.errand`.
        clock: when it was seen.
    """

    async def look(node: NodeName, pid: int) -> ProcessLook:
        found: list[ProcessLook] = []
        await errand(
            node,
            processes.ERRAND,
            processes.request(pid),
            row=lambda line: processes.decode_row(line, pid, clock.monotonic()),
            take=found.append,
            seconds=processes.SECONDS,
            raised=True,
        )
        if not found:
            raise ProbeError("the process was not described", node=node)
        return found[0]

    return look

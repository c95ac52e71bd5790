"""Looks at single processes of nodes, by the errand `process`."""

from __future__ import annotations

from aen_tui.errors import ProbeError
from aen_tui.model.clock import Clock
from aen_tui.model.node import NodeName
from aen_tui.model.process import ProcessLook
from aen_tui.runtime.before_after import LookAtProcess
from aen_tui.runtime.errands import Asks, first_row
from aen_tui.sources import processes


def process_looks(ask: Asks, clock: Clock) -> LookAtProcess:
    """What looks at a process by the probe that may see most of it: the one under sudo, where there is one.

    Args:
        ask: `Runtime.errand`.
        clock: when it was seen.
    """

    async def look(node: NodeName, pid: int) -> ProcessLook:
        def decode(line: bytes) -> ProcessLook:
            return processes.decode_row(line, pid, clock.monotonic())

        order, seconds = processes.request(pid), processes.SECONDS
        found = await first_row(ask, node, processes.ERRAND, order, decode, seconds=seconds, raised=True)
        if found is None:
            raise ProbeError("the process was not described", node=node)
        return found

    return look

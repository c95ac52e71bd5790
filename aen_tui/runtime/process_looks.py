"""Looks at single processes of nodes, by the errand `process`."""

from __future__ import annotations

from aen_tui.errors import ProbeError
from aen_tui.model.clock import Clock
from aen_tui.model.node import NodeName
from aen_tui.model.process import ProcessLook
from aen_tui.runtime.before_after import LookAtProcess
from aen_tui.runtime.errands import Asks, Errand
from aen_tui.sources import processes


def process_looks(ask: Asks, clock: Clock) -> LookAtProcess:
    """What looks at a process by the probe that may see most of it: the one under sudo, where there is one.

    Args:
        ask: `Runtime.errand`.
        clock: when it was seen.
    """

    async def look(node: NodeName, pid: int) -> ProcessLook:
        found: list[ProcessLook] = []
        await ask(
            node,
            Errand(
                processes.ERRAND,
                processes.request(pid),
                row=lambda line: processes.decode_row(line, pid, clock.monotonic()),
                take=found.append,
                seconds=processes.SECONDS,
                raised=True,
            ),
        )
        if not found:
            raise ProbeError("the process was not described", node=node)
        return found[0]

    return look

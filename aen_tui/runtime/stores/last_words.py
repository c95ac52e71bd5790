"""Why a mongod did not start, from the end of its log: `tail` in a channel of its own, only while it is down."""

from __future__ import annotations

from aen_tui.errors import AenError
from aen_tui.model.node import NodeSpec
from aen_tui.services import mongod
from aen_tui.sources import mongodb_log
from aen_tui.transports import Link

MONGO_LOG = mongod.SERVICE.logs[0].path
_TAIL_BYTES = 16_384
_DEADLINE_SECONDS = 5.0


async def last_start(link: Link, spec: NodeSpec) -> mongodb_log.LastStart:
    """What its last start said; nothing where the log cannot be read."""
    argv = ["tail", "-c", str(_TAIL_BYTES), f"{spec.root}{MONGO_LOG}"]
    try:
        done = await link.run(argv, timeout_seconds=_DEADLINE_SECONDS)
    except AenError:
        return mongodb_log.LastStart(None, None)
    return mongodb_log.decode(done.output if done.exit_status == 0 else "")

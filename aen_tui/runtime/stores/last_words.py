"""Why a mongod did not start, from the end of its log: `tail` in a channel of its own, only while it is down."""

from __future__ import annotations

from dataclasses import replace

from aen_tui.errors import AenError
from aen_tui.model.node import NodeSpec
from aen_tui.model.stores import MongoOptions
from aen_tui.services import mongod
from aen_tui.sources import mongodb_conf, mongodb_log
from aen_tui.transports import Link

MONGO_LOG = mongod.SERVICE.logs[0].path
MONGO_CONF = "/etc/mongod.conf"
"""Of the mongodb-org package (aen.md 2.4)."""
_BYTES = "16384"
_DEADLINE_SECONDS = 5.0


async def last_start(link: Link, spec: NodeSpec, known: MongoOptions | None) -> mongodb_log.LastStart:
    """What its last start said; nothing where the log cannot be read.

    Where its file was written after that, the next start will go by the file.

    Args:
        link: to its node.
        spec: its node.
        known: what it was started with, as far as that is known; else its file says where the log lies.
    """
    conf = f"{spec.root}{MONGO_CONF}"
    if known is None:
        known = await _configured(link, conf)
    path = (known.log_path if known is not None else None) or MONGO_LOG
    path = path if path.startswith("/") else MONGO_LOG  # of what folder it is, nobody knows
    path = path if spec.root and path.startswith(f"{spec.root}/") else f"{spec.root}{path}"
    start = mongodb_log.decode(await _read(link, ["tail", "-c", _BYTES, path]))
    edited = await _configured(link, conf) if await _read(link, ["find", conf, "-newer", path]) else None
    return replace(start, options=edited or start.options or known)


async def _configured(link: Link, conf: str) -> MongoOptions | None:
    return mongodb_conf.decode(await _read(link, ["head", "-c", _BYTES, conf]))


async def _read(link: Link, argv: list[str]) -> str:
    try:
        done = await link.run(argv, timeout_seconds=_DEADLINE_SECONDS)
    except AenError:
        return ""
    return done.output if done.exit_status == 0 else ""

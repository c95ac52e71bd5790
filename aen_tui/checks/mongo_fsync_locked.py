"""db.fsyncLock() that nobody took back: every write waits, and soon every read (ops 8, tried)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoFigures


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("mongodb")
    if store is None or store.state != "up" or not isinstance(store.figures, MongoFigures):
        return
    locks = store.figures.locks
    if locks.value is None or locks.error is not None or not locks.value.is_fsync_locked:
        return
    waiting = locks.value.waiting
    longest = max((one.seconds for one in waiting), default=0.0)
    said = f", {len(waiting)} operations wait, the longest for {longest:.0f} s" if waiting else ""
    yield Finding(
        "mongo-fsync-locked",
        Severity.CRITICAL,
        f"mongod is locked against writes by fsyncLock{said}",
        "a backup may hold it; else `db.fsyncUnlock()` in a mongo shell",
    )


CHECK = Check("mongo-fsync-locked", _evaluate, passed="no fsyncLock is held", store="mongodb", seed="004")

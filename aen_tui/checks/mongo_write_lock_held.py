"""A write lock that is held so long that others wait: in 2.6 it locks a whole database (ops 8)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState, StoreState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoFigures

LONG_SECONDS = 10.0


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("mongodb")
    if store is None or store.state != "up" or not isinstance(store.figures, MongoFigures):
        return
    message = _hangs(store, store.figures) or _held(store.figures)
    if message is not None:
        yield Finding(
            "mongo-write-lock-held",
            Severity.CRITICAL,
            message,
            "view 5 lists what is in progress; an index built in the foreground ends by itself",
        )


def _hangs(store: StoreState, figures: MongoFigures) -> str | None:
    """It greets, and what needs a lock (a login too) is not answered."""
    return f"mongod answers a ping and nothing else: {store.error}" if figures.hangs else None


def _held(figures: MongoFigures) -> str | None:
    locks = figures.locks.value
    if locks is None or locks.is_fsync_locked or figures.locks.error is not None:
        return None
    waiting = [one for one in locks.waiting if one.seconds >= 1]
    holder = next((one for one in locks.operations if one.writes and not one.waits_for_lock), None)
    longest = max((one.seconds for one in waiting), default=0.0)
    held = holder.seconds if holder is not None else 0.0
    if not waiting or max(longest, held) < LONG_SECONDS:
        return None
    who = f"{holder.kind} on {holder.namespace or '?'} ({held:.0f} s)" if holder is not None else "somebody"
    return f"{who} holds a write lock, {len(waiting)} operations wait, the longest for {longest:.0f} s"


CHECK = Check("mongo-write-lock-held", _evaluate, passed="no write lock is held for long", store="mongodb", seed="004")

"""`$cmd.sys.inprog` of MongoDB 2.6 -> who holds a lock and who waits (currentOp is no command there)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aen_tui.model.stores import MongoLocks, MongoOperation
from aen_tui.model.text import visible_line
from aen_tui.sources.documents import at, number, rows, table, text

OPERATIONS_AT_MOST = 200
_TEXT_LIMIT = 300
_OPLOG = ("local.oplog.rs", "local.oplog.$main")
"""Secondaries and tailers stand on these for ever."""


def decode(document: Mapping[str, Any]) -> MongoLocks:
    """Active operations, the longest first."""
    found = [_operation(one) for one in rows(document, "inprog") if at(one, "active") is not False]
    found = [one for one in found if one.namespace not in _OPLOG or one.kind != "getmore"]
    found.sort(key=lambda one: -one.seconds)
    return MongoLocks(bool(at(document, "fsyncLock")), tuple(found[:OPERATIONS_AT_MOST]))


def _operation(one: Mapping[str, Any]) -> MongoOperation:
    micros, seconds = number(one, "microsecs_running"), number(one, "secs_running")
    locks = table(one, "locks").values()
    return MongoOperation(
        kind=text(one, "op", limit=20) or "?",
        namespace=text(one, "ns") or "",
        seconds=micros / 1e6 if micros is not None else seconds or 0.0,
        client=text(one, "client", limit=64) or text(one, "desc", limit=64) or "",
        waits_for_lock=at(one, "waitingForLock") is True,
        writes=any(lock in ("w", "W") for lock in locks),
        text=text(one, "msg", limit=_TEXT_LIMIT) or _said(one),
    )


def _said(one: Mapping[str, Any]) -> str:
    """What it was asked: the first of its documents that is not empty."""
    for key in ("query", "insert", "command"):
        found = at(one, key)
        if found:
            return visible_line(str(found), _TEXT_LIMIT)
    return ""

"""`$cmd.sys.inprog` of MongoDB 2.6 -> who holds a lock and who waits (currentOp is no command there)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from aen_tui.model.stores import MongoLocks, MongoOperation
from aen_tui.model.text import visible_line
from aen_tui.sources.documents import at, number, rows, table, text

OPERATIONS_AT_MOST = 200
_TEXT_LIMIT = 300
_DEPTH, _MOST_KEYS = 5, 20
_OF_COLLECTIONS = {
    "aggregate", "collStats", "compact", "count", "create", "delete", "distinct", "drop", "findAndModify",
    "findandmodify", "geoNear", "insert", "mapReduce", "mapreduce", "reIndex", "update", "validate",
}  # fmt: skip
"""Commands of 2.6 whose own value is a collection's name."""
_COLLECTION = re.compile(r"[A-Za-z_][\w.-]{0,119}")
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
    """What it was asked: the shape of the first of its documents that is not empty."""
    for key in ("query", "insert", "command"):
        found = at(one, key)
        if found:
            return visible_line(_command(one, found) + _shape(found, _DEPTH), _TEXT_LIMIT)
    return ""


def _command(one: Mapping[str, Any], asked: Any) -> str:
    """The collection that a command is about, which its namespace does not name."""
    is_command = (text(one, "ns") or "").endswith(".$cmd") and isinstance(asked, Mapping)
    name, value = next(iter(asked.items())) if is_command else ("", None)
    named = name in _OF_COLLECTIONS and isinstance(value, str) and _COLLECTION.fullmatch(value)
    return f"{value} " if named else ""


def _shape(value: Any, depth: int) -> str:
    """Keys without values, which are people's: names, tokens, hashes."""
    if isinstance(value, Mapping) and value and depth:
        inside = [f"{key}: {_shape(found, depth - 1)}" for key, found in islice(value.items(), _MOST_KEYS)]
        return f"{{{', '.join(inside)}{', …' if len(value) > _MOST_KEYS else ''}}}"
    if isinstance(value, list) and value and depth:
        return f"[{_shape(value[0], depth - 1)}{', …' if len(value) > 1 else ''}]"
    return "…"

"""isMaster, buildInfo, serverStatus, replSetGetStatus, getCmdLineOpts of MongoDB 2.6 -> figures, with rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aen_tui.model.stores import MIB, MONGO_DATA_PATH, MongoHello, MongoMember, MongoOptions, MongoServer
from aen_tui.sources.documents import at, number, rows, table, text, whole

_KINDS = ("insert", "query", "update", "delete", "getmore", "command")
_RELEASES = {2: "2.6", 3: "3.0", 4: "3.2", 5: "3.4", 6: "3.6", 7: "4.0", 8: "4.2", 9: "4.4", 13: "5.0", 17: "6.0"}
_RELEASES |= {21: "7.0", 25: "8.0"}
"""maxWireVersion -> release (MongoDB's specification of wire versions)."""


def hello(answer: Mapping[str, Any], build: Mapping[str, Any] | None) -> MongoHello:
    """Role and version; the wire version stands for the release where buildInfo is not answered."""
    wire = whole(answer, "maxWireVersion") or 0
    known = next((name for number_, name in sorted(_RELEASES.items(), reverse=True) if wire >= number_), None)
    return MongoHello(
        role=_role(answer),
        set_name=text(answer, "setName"),
        wire_version=wire,
        version=(text(build, "version", limit=40) if build else None) or known,
    )


def _role(answer: Mapping[str, Any]) -> str:
    if at(answer, "msg") == "isdbgrid":
        return "mongos"
    if at(answer, "arbiterOnly") is True:
        return "arbiter"
    if at(answer, "secondary") is True:
        return "secondary"
    if at(answer, "isreplicaset") is True or (at(answer, "setName") is not None and at(answer, "ismaster") is not True):
        return "starting"
    return "primary" if at(answer, "setName") is not None else "standalone"


def server(
    status: Mapping[str, Any], before: MongoServer | None, seconds: float | None, members: tuple[MongoMember, ...] = ()
) -> MongoServer:
    """The figures.

    Args:
        status: the answer.
        before: the figures of the look before.
        seconds: between the looks; None at the first.
        members: of the replica set.
    """
    uptime = number(status, "uptimeMillis")
    uptime = uptime / 1000 if uptime is not None else number(status, "uptime")
    started_anew = before is not None and (before.uptime_seconds or 0) > (uptime or 0)
    old = None if started_anew or not seconds else before
    counters = {kind: value for kind in _KINDS if (value := number(status, "opcounters", kind)) is not None}
    faults = number(status, "extra_info", "page_faults")
    locked = {name[:120]: held for name in table(status, "locks") if (held := _held(status, name)) is not None}
    name, percent = _locked_longest(locked, old.write_locked if old else {}, seconds)
    return MongoServer(
        uptime_seconds=uptime,
        pid=whole(status, "pid"),
        connections=whole(status, "connections", "current"),
        connections_available=whole(status, "connections", "available"),
        opcounters=counters,
        ops_per_second=_rates(counters, old.opcounters, seconds) if old and seconds else {},
        resident_bytes=_mebibytes(status, "resident"),
        virtual_bytes=_mebibytes(status, "virtual"),
        mapped_bytes=_mebibytes(status, "mapped"),
        page_faults=faults,
        page_faults_per_second=_rate(faults, old.page_faults if old else None, seconds),
        write_locked=locked,
        locked_percent=percent,
        locked_database=name,
        queued_readers=whole(status, "globalLock", "currentQueue", "readers"),
        queued_writers=whole(status, "globalLock", "currentQueue", "writers"),
        flush_last_ms=number(status, "backgroundFlushing", "last_ms"),
        flush_average_ms=number(status, "backgroundFlushing", "average_ms"),
        flushes=whole(status, "backgroundFlushing", "flushes"),
        network_in=number(status, "network", "bytesIn"),
        network_out=number(status, "network", "bytesOut"),
        members=members,
    )


def _held(status: Mapping[str, Any], name: str) -> float | None:
    """Microseconds of write lock: W of the whole server, w of a database (documented for 2.6's `locks`)."""
    key = "W" if name == "." else "w"
    return number(status, "locks", name, "timeLockedMicros", key)


def _locked_longest(
    locked: Mapping[str, float], before: Mapping[str, float], seconds: float | None
) -> tuple[str | None, float | None]:
    if not seconds or not before:
        return None, None
    shares = {name: 100.0 * max(0.0, held - before.get(name, held)) / (seconds * 1e6) for name, held in locked.items()}
    if not shares:
        return None, None
    name = max(shares, key=lambda one: shares[one])
    return ("all" if name == "." else text({"name": name}, "name")), min(100.0, shares[name])


def _rates(counters: Mapping[str, float], before: Mapping[str, float], seconds: float) -> dict[str, float]:
    """2.6 keeps them in 32 bits: what went back has gone round, and is left out once."""
    return {
        kind: (value - before[kind]) / seconds
        for kind, value in counters.items()
        if kind in before and value >= before[kind]
    }


def _rate(value: float | None, before: float | None, seconds: float | None) -> float | None:
    return None if value is None or before is None or not seconds else max(0.0, (value - before) / seconds)


def _mebibytes(status: Mapping[str, Any], key: str) -> float | None:
    found = number(status, "mem", key)
    return None if found is None else found * MIB


def members(answer: Mapping[str, Any]) -> tuple[MongoMember, ...]:
    """Of a replica set, each against the newest operation that any of them has."""
    found = rows(answer, "members")[:50]
    times = [when for one in found if isinstance(when := at(one, "optimeDate"), datetime)]
    newest = max(times, default=None)
    return tuple(
        MongoMember(
            name=text(one, "name") or "?",
            state=text(one, "stateStr", limit=40) or "?",
            is_healthy=number(one, "health") == 1.0,
            behind_seconds=_behind(at(one, "optimeDate"), newest) if at(one, "stateStr") == "SECONDARY" else None,
        )
        for one in found
    )


def _behind(when: Any, newest: datetime | None) -> float | None:
    return (newest - when).total_seconds() if newest is not None and isinstance(when, datetime) else None


def options(answer: Mapping[str, Any]) -> MongoOptions:
    """Journal, small files and data folder, as parsed from command line and file."""
    storage = table(answer, "parsed", "storage")
    journal = at(storage, "journal", "enabled")
    return MongoOptions(
        data_path=text(storage, "dbPath", limit=1000) or MONGO_DATA_PATH,
        has_journal=journal is not False,
        small_files=at(storage, "smallFiles") is True,
        log_path=text(answer, "parsed", "systemLog", "path", limit=1000),
    )

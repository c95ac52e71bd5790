"""Space for mongod's journal: 2.6 does not start with less than 3379 MB free, 128 with smallfiles (ops 7, tried)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Disk, Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MIB, MongoFigures, MongoOptions

_CODE = "15926"
"""`Insufficient free space for journals`."""


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("mongodb")
    if store is None or store.state == "unknown":
        return
    options = store.figures.options if isinstance(store.figures, MongoFigures) else None
    if (store.last_words or "").startswith(_CODE):
        path = options.data_path if options is not None else MongoOptions().data_path
        yield _finding(Severity.CRITICAL, f"mongod did not start: too little space for its journal in {path}")
        return
    if options is None:
        return
    disk = _disk_of(node, options.data_path)
    if disk is None or disk.available_bytes >= options.journal_bytes:
        return
    yield _finding(
        Severity.CRITICAL if store.state == "down" else Severity.WARNING,
        f"{disk.available_bytes // MIB} MB are free on {disk.mount}: mongod needs {options.journal_bytes // MIB} MB "
        "for its journal, or it does not start again",
    )


def _finding(severity: Severity, message: str) -> Finding:
    remedy = "make room before mongod is restarted; `smallfiles = true` needs 128 MB"
    return Finding("mongo-journal-space", severity, message, remedy, "004")


def _disk_of(node: NodeState, path: str) -> Disk | None:
    """The filesystem that holds the data; None where the probe was not asked for just that folder."""
    disks = node.metrics.value.disks if node.metrics.value is not None else ()
    return next((one for one in disks if one.error is None and one.mount.rstrip("/") == path.rstrip("/")), None)


CHECK = Check(
    "mongo-journal-space", _evaluate, passed="there is room for mongod's journal", store="mongodb", seed="004"
)

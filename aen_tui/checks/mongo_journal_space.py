"""Space for mongod's journal: 2.6 does not start with less than 3379 MB free, 128 with smallfiles (ops 7, tried)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.journal_space import free_for_journal
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
    free, why = free_for_journal(node, options)
    if free is None and options.journal_bytes and node.metrics.value is not None:
        message = f"the free space of {options.data_path}, where mongod keeps its data, is not known: {why}"
        yield Finding("mongo-journal-space", Severity.UNKNOWN, message, "`df` on the node says it", "004")
    if free is None or free >= options.journal_bytes:
        return
    yield _finding(
        Severity.CRITICAL if store.state == "down" else Severity.WARNING,
        f"{free // MIB} MB are free on {options.data_path}: mongod needs {options.journal_bytes // MIB} MB "
        "for its journal, or it does not start again",
    )


def _finding(severity: Severity, message: str) -> Finding:
    remedy = "make room before mongod is restarted; `smallfiles = true` needs 128 MB"
    return Finding("mongo-journal-space", severity, message, remedy, "004")


def _passed(node: NodeState) -> str | Finding:
    """That there is room, where that was looked at: a mongod that wants a login does not say where to look."""
    store = node.stores.get("mongodb")
    options = store.figures.options if store is not None and isinstance(store.figures, MongoFigures) else None
    if options is None:
        message = (
            f"where mongod keeps its journal is not known: {(store and store.error) or 'its options were not told'}"
        )
        remedy = "it tells its options (getCmdLineOpts) to a user with the role clusterMonitor"
        return Finding("mongo-journal-space", Severity.UNKNOWN, message, remedy, "004")
    free, why = free_for_journal(node, options)
    if free is None and options.journal_bytes:
        message = f"the free space of {options.data_path} is not known: {why}"
        return Finding("mongo-journal-space", Severity.UNKNOWN, message, "`df` on the node says it", "004")
    return "there is room for mongod's journal" if options.journal_bytes else "mongod keeps no journal"


CHECK = Check("mongo-journal-space", _evaluate, passed=_passed, store="mongodb", seed="004")

"""MongoDB is there and does not answer: users cannot log in (seed 000: it holds users, projects, all state)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("mongodb")
    if store is None or store.state != "down":
        return
    said = f"; its log: {store.last_words}" if store.last_words else ""
    yield Finding(
        "mongod-answers",
        Severity.CRITICAL,
        f"mongod {store.silence}{said}",
        "`service mongod status` and /var/log/mongodb/mongod.log; wk-server does not work without it",
        "000",
    )


CHECK = Check("mongod-answers", _evaluate, passed="mongod answers", store="mongodb", seed="000")

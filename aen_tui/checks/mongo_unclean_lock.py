"""A mongod that does not start because it was not shut down cleanly: error 12596, `old lock file` (ops 8)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity

_CODE = "12596"


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("mongodb")
    if store is None or store.state != "down" or not (store.last_words or "").startswith(_CODE):
        return
    yield Finding(
        "mongo-unclean-lock",
        Severity.CRITICAL,
        "mongod refuses to start: it was not shut down cleanly and keeps no journal (error 12596, old lock file)",
        "copy the data folder first; then `mongod --repair` as mongod, which removes mongod.lock itself",
        "004",
    )


CHECK = Check(
    "mongo-unclean-lock", _evaluate, passed="mongod was shut down cleanly, or runs", store="mongodb", seed="004"
)

"""A mongod that wants a login which it was not given, or refuses the one that it was."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("mongodb")
    if store is None or not store.needs_login:
        return
    yield Finding(
        "mongo-login",
        Severity.UNKNOWN,
        f"mongod's figures may not be seen: {store.error}",
        "mongo_url = mongodb://USER@… with mongo_password_file; USER needs the role clusterMonitor, "
        "and readAnyDatabase for sizes",
    )


CHECK = Check("mongo-login", _evaluate, passed="mongod's figures may be seen", store="mongodb", seed="004")

"""The release of MongoDB: >= 2.6.8 and < 3.0 (seeds 000, 004), and a mongod, not a mongos."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aen_tui.checks import Check
from aen_tui.model.facts import Finding, NodeState
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MongoFigures

LEAST, BELOW = (2, 6, 8), (3, 0)


def _evaluate(node: NodeState) -> Iterable[Finding]:
    store = node.stores.get("mongodb")
    if store is None or store.state != "up":
        return
    numbers = tuple(int(part) for part in re.findall(r"\d+", store.version or "")[:3])
    if len(numbers) >= 2 and not (numbers >= LEAST and numbers[:2] < BELOW) and numbers != LEAST[:2]:
        yield Finding(
            "mongo-version",
            Severity.WARNING,
            f"MongoDB {store.version}: AEN is made for 2.6.8 and later 2.6 releases",
            "install a MongoDB >= 2.6.8 and < 3.0",
            "004",
        )
    if isinstance(store.figures, MongoFigures) and store.figures.hello.role == "mongos":
        yield Finding(
            "mongo-version",
            Severity.WARNING,
            f"a mongos answers on {store.address}: AEN is documented with one mongod",
            "point mongo_url at the mongod itself",
            "004",
        )


CHECK = Check("mongo-version", _evaluate, passed="a mongod >= 2.6.8 and < 3.0", store="mongodb", seed="004")

"""Elasticsearch, >= 1.7.2, behind the search box (seeds 000, 004)."""

from __future__ import annotations

import re

from aen_tui.model.node import Role
from aen_tui.services import LogFile, Service

LOGS = "/var/log/elasticsearch"
CLUSTER = "elasticsearch"
"""Of which nobody has changed the name."""
CONFIGURATION = "/etc/elasticsearch/elasticsearch.yml"
"""Of its package; AEN's installer writes it (seed 004)."""


def log_of(cluster: str, folder: str = LOGS) -> str | None:
    """The log of a cluster of that name (aen.md 2.5); None where the name is none for a file.

    It is the node's word: nothing but the last part of a path is made of it.
    """
    return f"{folder}/{cluster}.log" if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}", cluster) else None


SERVICE = Service(
    name="elasticsearch",
    roles=(Role.SERVER, Role.STORE),
    seed="004",
    sysv="elasticsearch",
    weight=10,
    covers=("file:/etc/init.d/elasticsearch",),
    port=9200,
    # of a cluster that nobody has named; what another is called is discovered on the node
    logs=(LogFile(f"{LOGS}/{CLUSTER}.log", is_named=False),),
)

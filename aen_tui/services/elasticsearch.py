"""Elasticsearch, >= 1.7.2, behind the search box (seeds 000, 004)."""

from __future__ import annotations

from aen_tui.model.node import Role
from aen_tui.services import Service

SERVICE = Service(
    name="elasticsearch",
    roles=(Role.SERVER, Role.STORE),
    seed="004",
    sysv="elasticsearch",
)

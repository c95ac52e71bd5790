"""A requirement that is not met: what differs from a healthy node, and what is said then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aen_tui.model.facts import ServiceState
from aen_tui.model.node import Role
from aen_tui.model.node_facts import Certificate, Copies, ProgramFacts, TextSettings
from aen_tui.model.severity import Severity
from tests.support.node_facts import config, nginx_reads
from tests.support.nodes import NOW_WALL

ETC = "/opt/wakari/wakari-{}/etc/wakari"
DAY = 86_400.0


@dataclass(frozen=True)
class Case:
    """What differs from a healthy node, and what is said then."""

    check: str
    role: Role
    severity: Severity
    says: str
    host: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    reach: Mapping[str, Any] = field(default_factory=dict)
    apps: Mapping[str, Any] = field(default_factory=dict)
    folders: Mapping[str, Any] = field(default_factory=dict)
    inventory: Mapping[str, Any] = field(default_factory=dict)
    connection: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    services: tuple[ServiceState, ...] | None = None
    install: Mapping[str, Any] = field(default_factory=dict)
    boot: Mapping[str, bool | None] = field(default_factory=dict)
    is_said_by_a_seed: bool = True
    """By the requirement's, that is."""


def programs(**changes: ProgramFacts | None) -> dict[str, Any]:
    return {"programs": changes}


def condarc(**values: tuple[str, ...]) -> dict[str, Any]:
    return {"condarc": TextSettings("/opt/wakari/anaconda/.condarc", "read", values)}


def own_condarc(**values: tuple[str, ...]) -> dict[str, Any]:
    return {"own_condarc": TextSettings("/home/wakari/.condarc", "read", values)}


def client(*url: str) -> dict[str, Any]:
    return {"client": TextSettings("/etc/xdg/binstar/config.yaml", "read", {"url": url} if url else {})}


def site(*found: Copies, **changes: Any) -> dict[str, Any]:
    """Sites of nginx's and AEN's; nginx reads /b and conf.d."""
    read = ("/b", *(f"/etc/nginx/conf.d/www.enterprise.{end}" for end in ("conf", "https.conf")))
    return {"copies": found, "nginx": nginx_reads(*read, **changes)}


def gateway_config(**changes: Any) -> dict[str, Any]:
    return {"files": (config("gateway", f"{ETC.format('gateway')}/wk-gateway-config.json", **changes),)}


def compute_config(name: str = "config.json", **changes: Any) -> dict[str, Any]:
    return {"files": (config("compute", f"{ETC.format('compute')}/{name}", **changes),)}


def certificate(days: float, **changes: Any) -> Certificate:
    known = Certificate("/etc/nginx/server.crt", None, NOW_WALL - DAY, NOW_WALL + days * DAY, ("aen",), "aa")
    return replace(known, **changes)

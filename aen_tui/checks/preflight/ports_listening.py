"""The documented ports 80, 8089 and 5002, or those configured instead, are listened on."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import Role
from aen_tui.model.ports import expected_ports

_WHO = {80: "nginx", 443: "nginx", 8089: "wk-gateway", 5002: "wk-compute"}


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None or not look.host.ports:
        yield unknown("the list of listening ports could not be had")
        return
    planned = look.node.planned if not look.node.is_uncounted else None
    resting = {port for role, port in expected_ports(look.spec).items() if planned and planned.covers_answer(role)}
    for port, listens in sorted((int(port), listens) for port, listens in look.host.ports.items()):
        if listens:
            yield ok(f"port {port} is listened on")
        elif port in resting:
            yield ok(f"nothing listens on port {port}: under maintenance")
        else:
            who = _WHO.get(port, "the service")
            yield critical(f"nothing listens on port {port}", f"start {who}, or correct `ports` in the inventory")


REQUIREMENT = Requirement(
    "ports-listening",
    "ports",
    "000",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    ("port:80", "port:8089", "port:5002", "004 port:80", "004 port:8089", "004 port:5002"),
)

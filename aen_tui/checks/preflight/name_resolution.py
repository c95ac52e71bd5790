"""Names lead to addresses and back to themselves, as the nodes themselves see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role
from aen_tui.model.node_facts import ResolvedName
from aen_tui.model.urls import is_same_host


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.reach is None:
        yield unknown("names were not looked up")
        return
    for row in look.reach.names:
        yield _verdict(row, look.reach.names)


def _verdict(row: ResolvedName, rows: Sequence[ResolvedName]) -> Verdict:
    if not row.addresses:
        return critical(f"{row.name} {row.error or 'does not resolve'}", "correct DNS, or /etc/hosts of this node")
    way = f"{row.name} is {row.addresses[0]}, which leads back to"
    if not row.back:
        return warning(f"{way} no name", f"make a PTR record for {row.addresses[0]}")
    own = [name for name in row.back if is_same_host(name, row.name)]
    # the node's second name, where its first leads to the same address and back
    own += [
        name
        for name in row.back
        for other in rows
        if is_same_host(name, other.name) and set(other.addresses) & set(row.addresses)
    ]
    if not own:
        return warning(f"{way} {row.back[0]}, another name", f"let the PTR record of {row.addresses[0]} say {row.name}")
    return ok(f"{way} {own[0]}")


REQUIREMENT = Requirement(
    "name-resolution",
    "DNS",
    None,
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    ("requirement:dns",),
)

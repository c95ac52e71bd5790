"""Names lead to addresses and back, as the nodes themselves see it."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.reach is None:
        yield unknown("names were not looked up")
        return
    for row in look.reach.names:
        if not row.addresses:
            yield critical(f"{row.name} {row.error or 'does not resolve'}", "correct DNS, or /etc/hosts of this node")
        elif not row.back:
            yield warning(
                f"{row.name} is {row.addresses[0]}, which leads back to no name",
                f"make a PTR record for {row.addresses[0]}",
            )
        else:
            yield ok(f"{row.name} is {row.addresses[0]}, which leads back to {row.back[0]}")


REQUIREMENT = Requirement("name-resolution", "DNS", "004", _evaluate, (Role.SERVER, Role.GATEWAY), ("requirement:dns",))

"""Several files, one configuration: of a key that stands in several the last file wins."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import base, files_of, hidden, merged

_MOST = 20


def _evaluate(look: Look) -> Iterable[Verdict]:
    for role in (Role.SERVER, Role.GATEWAY, Role.COMPUTE):
        if role not in look.spec.roles:
            continue
        why = hidden(look.settings, role.value)
        if why:
            yield unknown(f"which file wins is not known: {why}")
            continue
        there = [base(file.path) for file in files_of(look.settings, role.value) if file.state == "read"]
        yield ok(f"{role.value}: {' < '.join(there) or 'no file'}")
        several = [(key, one) for key, one in merged(look.settings, role.value).items() if one.overridden]
        for key, setting in several[:_MOST]:
            before = ", ".join(path for path, _ in setting.overridden)
            yield ok(f"{key}: {setting.path} wins over {before}")  # not its value, which leaves with every report


REQUIREMENT = Requirement(
    "config-merge",
    "merge order",
    "002",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    (
        "file:/etc/wakari/config.json",
        "file:/etc/wakari/compute-launcher-config.json",
        "file:./compute-launcher-config.json",
        "requirement:merge-order",
    ),
)

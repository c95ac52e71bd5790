"""Where ANON_USER stands: up to 4.2.0 in config.json, later in the component's own file (aen.md 5)."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._versions import numbers
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import base, hidden, merged

_LAST_SHARED = (4, 2, 0)
_OWN = {
    "server": ("wk-server-config.json",),
    # the launcher reads its own under both names (seed 002)
    "compute": ("wk-compute-launcher-config.json", "compute-launcher-config.json"),
}


def _evaluate(look: Look) -> Iterable[Verdict]:
    shared = (numbers(look.version) or _LAST_SHARED)[:3] <= _LAST_SHARED
    for role in (Role.SERVER, Role.COMPUTE):
        if role not in look.spec.roles:
            continue
        files = ("config.json",) if shared else _OWN[role.value]
        wanted = files[0]
        setting = merged(look.settings, role.value).get("ANON_USER")
        why = hidden(look.settings, role.value)
        if setting is None:
            yield unknown(f"ANON_USER: {why}") if why else ok(f"ANON_USER is not set for the {role.value}")
            continue
        others = [(path, text) for path, text in setting.overridden if text != setting.text]
        if others:
            yield warning(
                f"ANON_USER is {others[-1][1]} in {others[-1][0]}, but {setting.path} wins with {setting.text}",
                f"keep it in {wanted} alone",
            )
        elif base(setting.path) not in files:
            yield warning(
                f"ANON_USER stands in {setting.path}; AEN {look.version} has it in {wanted}",
                f"move it to {wanted} and restart the service",
            )
        else:
            yield ok(f"ANON_USER stands in {setting.path}")


REQUIREMENT = Requirement(
    "anon-user-file",
    "ANON_USER's file",
    None,
    _evaluate,
    (Role.SERVER, Role.COMPUTE),
)

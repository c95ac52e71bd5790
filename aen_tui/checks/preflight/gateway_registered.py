"""The gateway is registered with the server: wk-gateway-configure has written its configuration."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import base


def _evaluate(look: Look) -> Iterable[Verdict]:
    files = look.settings.files if look.settings else ()
    found = [file for file in files if base(file.path) == "wk-gateway-config.json"]
    if not found:
        yield unknown("the gateway's configuration was not looked at")
    elif found[0].state == "absent":
        yield critical(
            f"{found[0].path} is not there: the gateway is not registered",
            "run wk-gateway-configure as root, `chown` the file to the service account, start wakari-gateway",
        )
    else:
        yield ok(f"{found[0].path} is there")


REQUIREMENT = Requirement(
    "gateway-registered", "registered", "004", _evaluate, (Role.GATEWAY,), ("requirement:gateway-registered",)
)

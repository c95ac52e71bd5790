"""wk-gateway-configure, which registers a gateway with the Server, is there and can be run by root."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    path = f"{look.spec.install_prefix}/wakari-gateway/bin/wk-gateway-configure"
    place = look.install.paths.get(path) if look.install else None
    if place is None or place.kind == "unknown":
        yield unknown(f"{path} was not looked for")
    elif place.kind == "absent":
        yield warning(f"{path} is not there: the gateway cannot be registered", "install AEN Gateway again")
    elif not (place.mode or 0) & 0o111:
        yield warning(f"{path} cannot be run ({place.mode or 0:04o})", f"`chmod a+x {path}`")
    else:
        yield ok(path)


REQUIREMENT = Requirement(
    "gateway-tool",
    "register tool",
    "004",
    _evaluate,
    (Role.GATEWAY,),
    ("file:/opt/wakari/wakari-gateway/bin/wk-gateway-configure",),
)

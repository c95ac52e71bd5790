"""On a single box the Server and the Gateway have ports of their own: they are independent services."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import Role
from aen_tui.model.ports import expected_ports
from aen_tui.model.settings_merge import hidden, merged

_BOTH = (Role.SERVER, Role.GATEWAY)


def _evaluate(look: Look) -> Iterable[Verdict]:
    if not all(role in look.spec.roles for role in _BOTH):
        return  # on hosts of their own
    if look.settings is None:
        yield unknown("the gateway's port is not known")
        return
    ports = expected_ports(look.spec)
    server, gateway = ports[Role.SERVER.value], ports[Role.GATEWAY.value]
    setting = merged(look.settings, "gateway").get("port")
    why = hidden(look.settings, "gateway")
    if setting is None and why:
        yield unknown(f"the gateway's port is not known: {why}")
        return
    configured = str(setting.value) if setting else ""
    if configured.isdecimal():  # where it listens, whatever leads there
        gateway = int(configured)
    if server == gateway:
        place = f" ({setting.path})" if setting and configured.isdecimal() else ""
        yield critical(
            f"Server and Gateway both have port {server}{place}",
            "give the gateway another port: register it anew with `wk-gateway-configure --port`, then restart it",
        )
    else:
        yield ok(f"the Server has port {server}, the Gateway {gateway}")


REQUIREMENT = Requirement(
    "separate-ports", "separate ports", "000", _evaluate, _BOTH, ("requirement:separate-ports-on-a-single-box",)
)

"""wk-server listens on localhost alone, port 5000 up to 4.1.2: what reaches it past nginx has passed nobody."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, ok, unknown, warning
from aen_tui.checks.preflight._versions import is_after_412
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.install is None or not look.install.listeners:
        yield unknown("at which address wk-server listens is not known")
        return
    for port, addresses in look.install.listeners.items():
        open_to = [one for one in addresses if not one.startswith("127.") and one != "::1"]
        if open_to and is_after_412(look.version) and "wk-server" not in look.spec.ports:
            yield unknown(
                f"port {port} listens on {', '.join(open_to)}: after 4.1.2 wk-server has a socket instead, and whether "
                "it is wk-server that listens is not known",
                "`ss -ltnp` on the node says who it is",
            )
        elif open_to:
            yield warning(
                f"port {port} of wk-server listens on {', '.join(open_to)}, not on localhost alone",
                "set its host to 127.0.0.1 in wk-server-config.json, then restart wk-server",
            )
        elif addresses:
            yield ok(f"port {port} of wk-server listens on {', '.join(addresses)}")
        else:
            yield ok(f"nothing listens on port {port}: after 4.1.2 wk-server has a socket instead")


REQUIREMENT = Requirement(
    "wk-server-address",
    "wk-server's address",
    "002",
    _evaluate,
    (Role.SERVER,),
    ("port:5000", "requirement:wk-server-on-localhost", "000 requirement:wk-server-on-localhost"),
)

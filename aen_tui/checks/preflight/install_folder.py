"""AEN can be installed below /opt/wakari and write there: programs may run, logs belong to the service account."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import Role


def _evaluate(look: Look) -> Iterable[Verdict]:
    prefix, account, install = look.spec.install_prefix, look.spec.service_account, look.install
    place = look.host.paths.get(prefix) if look.host else None
    options = set(place.options.split(",")) if place else set()
    for option, what in (("ro", "nothing can be installed there"), ("noexec", "no program of AEN's can run there")):
        if option in options and place is not None:
            yield critical(f"{prefix} is on {place.mount}, mounted {option}: {what}", f"mount it without {option}")
    if install is None or install.error:
        yield unknown(f"who may write below {prefix} is not known: {install.error if install else 'not looked at'}")
        return
    folders = {path: one for path, one in install.paths.items() if path.endswith("/var/log")}
    for path, one in folders.items():
        if one.kind == "folder" and one.writes is False:
            yield critical(
                f"{account} may not write {path} ({one.owner}, {one.mode or 0:04o})", f"`chown -R {account} {path}`"
            )
        elif one.kind == "folder" and one.writes is None:
            why = (
                "the node knows no such account" if install.account_uid is None else "the node does not know its groups"
            )
            yield unknown(f"whether {account} may write {path} is not known: {why}")
        elif one.kind == "folder":
            yield ok(f"{account} may write {path}")
    top = install.paths.get(prefix)
    if top is None or top.kind == "unknown":
        yield unknown(f"{prefix} may not be seen")
    elif top.kind != "folder":
        yield critical(f"{prefix} is {'no folder' if top.kind != 'absent' else 'not there'}", f"`mkdir {prefix}`")
    else:
        yield ok(f"{prefix} belongs to {top.owner} ({top.mode or 0:04o})")


REQUIREMENT = Requirement(
    "install-folder",
    "install folder",
    "000",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    (
        "file:/opt/wakari",
        "004 file:/opt/wakari",
        "requirement:install-there",
        "004 requirement:install-there",
        "004 file:/opt/wakari/wakari-server",
        "004 file:/opt/wakari/wakari-gateway",
        "004 file:/opt/wakari/wakari-compute",
    ),
)

"""The name that browsers use = the name at install = the name the gateway was registered with.

AEN is very sensitive to it: authentication between its services needs the same host name everywhere (seed 004).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.node_facts import ReachFacts
from aen_tui.model.settings_merge import hidden, merged

_SERVER_KEYS = re.compile(
    r"(?i)(main|server|wakari_?server|aen_?server|public|base|external|site)(_?(url|name|host(name)?|fqdn))?|fqdn|domain"
)
_HERE = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 - compared with, not bound


def _evaluate(look: Look) -> Iterable[Verdict]:
    wanted = _browser_name(look)
    if wanted is None:
        yield unknown("the inventory does not say which name browsers use", "write `url` in [server]")
        return
    if Role.SERVER in look.spec.roles:
        yield from _server(look, wanted)
    if Role.GATEWAY in look.spec.roles:
        yield from _gateway(look, wanted)


def _browser_name(look: Look) -> str | None:
    for spec in look.inventory.nodes.values():
        for target in spec.http:
            name = urlsplit(target.url).hostname
            if target.name == "server" and name and name not in _HERE:
                return name
    return None


def _server(look: Look, wanted: str) -> Iterator[Verdict]:
    names = look.settings.server_names if look.settings else ()
    said = [name for name in names if re.fullmatch(r"[\w.-]*\w[\w.-]*", name) and name not in (*_HERE, "_")]
    if said and wanted not in (name.lower() for name in said):
        yield critical(
            f"browsers use {wanted}, nginx's server_name is {' '.join(said)}",
            "use one name everywhere: in nginx's site file and in `url` of the inventory, and reload nginx",
        )
    yield from _compared(look, "server", wanted, "install the server again with -w that name, or use its name")


def _gateway(look: Look, wanted: str) -> Iterator[Verdict]:
    remedy = f"register it again: wk-gateway-configure --server with {wanted}, then restart wakari-gateway"
    yield from _compared(look, "gateway", wanted, remedy)
    own = _host_of(merged(look.settings, "gateway").get("host"))
    if own is None or own in _HERE or look.host is None:
        return
    known = {*_gateway_names(look.spec), look.host.hostname.lower()}
    if own.partition(".")[0] not in {name.partition(".")[0] for name in known} and not _is_same(look.reach, own, known):
        yield critical(
            f"it was registered as {own}, but is called {' or '.join(sorted(known))}",
            "register it again: wk-gateway-configure --host with the name that browsers reach it by",
        )


def _compared(look: Look, component: str, wanted: str, remedy: str) -> Iterator[Verdict]:
    compared = 0
    for key, setting in merged(look.settings, component).items():
        said = _host_of(setting) if _SERVER_KEYS.fullmatch(key) else None
        if said is None:
            continue
        compared += 1
        if said != wanted:
            yield critical(f"browsers use {wanted}, {key} in {setting.path} is {said}", remedy)
        else:
            yield ok(f"{key} in {setting.path} is {wanted}, as browsers use it")
    why = hidden(look.settings, component)
    if compared == 0:
        yield unknown(f"not known: {why}") if why else ok(f"the {component}'s configuration names no server to compare")


def _host_of(setting: object) -> str | None:
    """The host of a value that is a URL or a name; None where it is neither."""
    value = getattr(setting, "value", None)
    if not isinstance(value, str):
        return None
    if re.match(r"https?://", value):
        return urlsplit(value).hostname
    return value.lower() if re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value) else None


def _gateway_names(spec: NodeSpec) -> set[str]:
    found = {urlsplit(target.url).hostname for target in spec.http if target.name == "gateway"}
    return {name for name in found if name and name not in _HERE}


def _is_same(reach: ReachFacts | None, name: str, known: set[str]) -> bool:
    """Whether a name leads to an address that one of the known names leads to."""
    rows = {row.name.lower(): set(row.addresses) for row in reach.names} if reach else {}
    return bool(rows.get(name, set()) & {address for other in known for address in rows.get(other, ())})


REQUIREMENT = Requirement(
    "install-name",
    "one name",
    "004",
    _evaluate,
    (Role.SERVER, Role.GATEWAY),
    ("requirement:fqdn",),
)

"""The name that browsers use = the name at install, computes' too = the name the gateway was registered with.

AEN is very sensitive to it: authentication between its services needs the same host name everywhere (seed 004).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown
from aen_tui.model.node import Role
from aen_tui.model.settings_merge import Setting, hidden, merged
from aen_tui.model.urls import HERE, host_of, is_same_host

_URL_KEYS = re.compile(
    r"(?i)(main|server|wakari_?server|aen_?server|public|base|external|site)(_?(url|host(name)?|fqdn))?|fqdn"
)
_NAME_KEYS = re.compile(
    r"(?i)((wakari_?|aen_?)?server(_?(name|host(name)?|fqdn))?)|(main|public|base|external|site)_?(host(name)?|fqdn)|fqdn"
)
"""Keys whose value may be a bare host: others, such as `site_name`, are titles as a rule."""
_DOTTED = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _evaluate(look: Look) -> Iterable[Verdict]:
    wanted = _browser_name(look)
    if wanted is None:
        yield unknown("the inventory does not say which name browsers use", "write `url` in [server]")
        return
    if Role.SERVER in look.spec.roles:
        yield from _server(look, wanted)
    if Role.GATEWAY in look.spec.roles:
        yield from _gateway(look, wanted)
    if Role.COMPUTE in look.spec.roles:
        remedy = f"write {wanted} there, or install the compute again with -w {wanted}; then restart wakari-compute"
        yield from _compared(look, "compute", wanted, remedy)


def _browser_name(look: Look) -> str | None:
    for spec in look.inventory.nodes.values():
        for target in spec.http:
            name = host_of(target.url) if target.name == "server" else None
            if name and name not in HERE:
                return name
    return None


def _server(look: Look, wanted: str) -> Iterator[Verdict]:
    names = look.settings.server_names if look.settings else ()
    said = [name.lower() for name in names if re.fullmatch(r"~.*|[*.\w-]*\w[*.\w-]*", name)]
    said = [name for name in said if name not in (*HERE, "_")]
    if said and not any(_serves(name, wanted) for name in said):
        yield critical(
            f"browsers use {wanted}, nginx's server_name is {' '.join(said)}",
            "use one name everywhere: in nginx's site file and in `url` of the inventory, and reload nginx",
        )
    yield from _compared(look, "server", wanted, "install the server again with -w that name, or use its name")


def _serves(pattern: str, name: str) -> bool:
    """Whether a word of server_name is for a host (nginx, ngx_http_core_module); an expression may be for any."""
    if pattern.startswith("."):
        return name == pattern[1:] or name.endswith(pattern)
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    if pattern.endswith(".*"):
        return name.startswith(pattern[:-1])
    return pattern.startswith("~") or pattern == name


def _gateway(look: Look, wanted: str) -> Iterator[Verdict]:
    remedy = f"register it again: wk-gateway-configure --server with {wanted}, then restart wakari-gateway"
    yield from _compared(look, "gateway", wanted, remedy)
    own = _own_name(merged(look.settings, "gateway").get("host"))
    if own is None or own in HERE or look.host is None:
        return
    targets = (host_of(target.url) for target in look.spec.http if target.name == "gateway")
    known = {name for name in targets if name and name not in HERE} | {look.host.hostname.lower()}
    if own in known or _is_one_of(own, known):
        return
    here = _addresses(look, known)
    if _addresses(look, {own}) & (here | {(look.node.connection.peer or "").partition(" ")[0]}):
        return
    if _is_address(own) and not here:
        yield unknown(
            f"it was registered as {own}: whether that is {' or '.join(sorted(known))} is not known, no address is",
            "write the address into `gateway_url`, if it is the gateway's",
        )
        return
    yield critical(
        f"it was registered as {own}, but is called {' or '.join(sorted(known))}",
        "register it again: wk-gateway-configure --host with the name that browsers reach it by",
    )


def _compared(look: Look, component: str, wanted: str, remedy: str) -> Iterator[Verdict]:
    compared = 0
    for key, setting in merged(look.settings, component).items():
        said = _server_name(key, setting)
        if said is None or said in HERE:
            continue
        compared += 1
        if said == wanted:
            yield ok(f"{key} in {setting.path} is {wanted}, as browsers use it")
        else:
            yield critical(f"browsers use {wanted}, {key} in {setting.path} is {said}", remedy)
    why = hidden(look.settings, component)
    if compared == 0:
        yield unknown(f"not known: {why}") if why else ok(f"the {component}'s configuration names no server to compare")


def _server_name(key: str, setting: Setting) -> str | None:
    """The host that a setting gives the server; None where it is about something else."""
    value = setting.value
    if not isinstance(value, str):
        return None
    if _URL_KEYS.fullmatch(key) and re.match(r"(?i)https?://", value):
        return host_of(value) or f"{value}, which is no URL"
    return value.lower() if _NAME_KEYS.fullmatch(key) and _DOTTED.fullmatch(value) else None


def _own_name(setting: Setting | None) -> str | None:
    """The host that the gateway was registered as; None where it does not say."""
    value = setting.value if setting else None
    if not isinstance(value, str) or not value:
        return None
    return host_of(value) or f"{value}, which is no URL" if "://" in value else value.lower()


def _is_one_of(own: str, known: Iterable[str]) -> bool:
    """Whether a name is one of a host's: by its whole where both have a domain, else without."""
    names = [name for name in known if not _is_address(name)]
    whole = [name for name in names if "." in name] if "." in own else []
    return not _is_address(own) and any(is_same_host(own, name) for name in whole or names)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _addresses(look: Look, names: Iterable[str]) -> set[str]:
    """What names lead to, as far as they were looked up; a loopback address, which is every node's, says nothing."""
    rows = {row.name.lower(): row.addresses for row in look.reach.names} if look.reach else {}
    found = {address for name in names for address in ((name,) if _is_address(name) else rows.get(name, ()))}
    return {address for address in found if _is_address(address) and not ip_address(address).is_loopback}


REQUIREMENT = Requirement(
    "install-name",
    "one name",
    "004",
    _evaluate,
    (Role.SERVER, Role.GATEWAY, Role.COMPUTE),
    ("requirement:fqdn",),
)

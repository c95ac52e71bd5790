"""What is configured on a node: the errand `settings`. Secrets were masked before they left it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.node_facts import SettingsFacts
from aen_tui.sources.certificates import certificates
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "settings"
SECONDS = 30.0
INSTALL_LOGS = ("/tmp/wakari_server.log", "/tmp/wakari_gateway.log", "/tmp/wakari_compute.log")  # noqa: S108 - as AEN names them
"""Where the installers wrote; the server's holds the first admin password (seed 004)."""
SCRIPTS = "compute-scripts"
"""Read by start-project and its like, not by the launcher: merged with nothing."""
_COPIED = ("www.enterprise.conf", "www.enterprise.https.conf")
"""nginx's site files: AEN's own, copied at install to where nginx reads them (aen.md 2.1)."""
_WITH_TLS = (Role.SERVER, Role.GATEWAY)
NGINX_CONF = "/etc/nginx/nginx.conf"


def request(spec: NodeSpec) -> dict[str, Any]:
    """What the errand is told about a node; files in the order in which they are read, the last wins."""
    prefix = spec.install_prefix
    is_compute, is_server = Role.COMPUTE in spec.roles, Role.SERVER in spec.roles
    # the CA bundles lie beside the gateway's certificate, and in the server's etc (aen.md 2.1, 3)
    folders = [f"{prefix}/wakari-{role}/etc" for role in spec.roles if role in _WITH_TLS]
    found = [f"{folder}/*.{end}" for folder in folders for end in ("crt", "pem")]
    found += ["/etc/nginx/server.crt"] if is_server else []
    files = [[role.value, path] for role in spec.roles for path in merge_order(role, prefix)]
    if is_compute:
        files.append([SCRIPTS, f"{prefix}/wakari-compute/etc/wakari/scripts/config.json"])
    return {
        "service_account": spec.service_account,
        "prefixes": [f"{prefix}/wakari-{role}" for role in spec.roles if role is not Role.STORE],
        "files": files,
        "condarc": f"{prefix}/anaconda/.condarc" if is_compute else None,
        "own_condarc": is_compute,
        "client": "/etc/xdg/binstar/config.yaml" if is_compute else None,
        "logs": list(INSTALL_LOGS),
        "certificates": found,
        "copies": [[f"{prefix}/wakari-server/etc/conf.d/{name}", f"/etc/nginx/conf.d/{name}"] for name in _COPIED]
        if is_server
        else [],
        "nginx": NGINX_CONF if is_server else None,
    }


def merge_order(role: Role, prefix: str) -> tuple[str, ...]:
    """Files that a component reads, the last wins key by key.

    Of the launcher the order is documented (seed 002; its files lie in its working folder `etc`); of the server its
    start says it (seed 004); the gateway follows the family's custom (aen.md 5).
    """
    if role is Role.SERVER:
        own = f"{prefix}/wakari-server/etc/wakari"
        return (f"{own}/config.json", f"{own}/wk-server-config.json")
    if role is Role.GATEWAY:
        own = f"{prefix}/wakari-gateway/etc/wakari"
        return (f"{own}/config.json", f"{own}/wk-gateway-config.json")
    if role is Role.COMPUTE:
        own = f"{prefix}/wakari-compute/etc"
        return (
            "/etc/wakari/config.json",
            "/etc/wakari/compute-launcher-config.json",
            f"{own}/compute-launcher-config.json",
            f"{own}/wakari/config.json",
            f"{own}/wakari/wk-compute-launcher-config.json",
        )
    return ()


def decode(row: bytes) -> SettingsFacts:
    """One of the errand's rows: the first says what is configured, each other one file's certificates.

    Raises:
        ProbeError: it is something else.
    """
    value = read_row(row)
    rows = value.pop("certificates", ()) if isinstance(value, dict) else ()
    return replace(shaped(value, SettingsFacts), certificates=certificates(rows, is_served=False))


def joined(rows: Sequence[SettingsFacts]) -> SettingsFacts:
    """What all rows say, of which there is one at least."""
    return replace(rows[0], certificates=tuple(certificate for row in rows for certificate in row.certificates))

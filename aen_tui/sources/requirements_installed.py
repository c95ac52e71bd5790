"""Where AEN is installed, who owns it, who runs its programs and where they listen: the errand `installed`."""

from __future__ import annotations

from typing import Any

from aen_tui.model.install_facts import InstallFacts
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.node_facts import HostFacts
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "installed"
SECONDS = 60.0


def request(spec: NodeSpec, host: HostFacts | None = None) -> dict[str, Any]:
    """What the errand is told about a node.

    Args:
        spec: the node.
        host: knows the service account's uid where a directory service has it.
    """
    prefix, is_compute = spec.install_prefix, Role.COMPUTE in spec.roles
    account = host.accounts.get(spec.service_account) if host is not None else None
    roles = [f"{prefix}/wakari-{role}" for role in spec.roles if role is not Role.STORE]
    scripts = ("bin", "etc/wakari/scripts", "lib/node_modules/wakari-compute-launcher")
    paths = [prefix, *(f"{role}/var/log" for role in roles)]
    if Role.SERVER in spec.roles:
        own = f"{prefix}/wakari-server"
        paths += [f"{own}/bin/wk-server", f"{prefix}/miniconda/bin/conda"]
    if Role.GATEWAY in spec.roles:
        paths.append(f"{prefix}/wakari-gateway/bin/wk-gateway-configure")
    if is_compute:
        paths += [f"{prefix}/anaconda", f"{prefix}/anaconda/pkgs", f"{prefix}/test_default"]
        paths += [f"{prefix}/anaconda/bin/{name}" for name in ("conda", "anaconda")]
    return {
        "service_account": spec.service_account,
        "service_uid": account.uid if account is not None else None,
        "paths": paths,
        "find": {"start-project": [f"{prefix}/wakari-compute/{name}" for name in scripts]} if is_compute else {},
        "ports": [spec.ports.get("wk-server", 5000)] if Role.SERVER in spec.roles else [],
        "address": spec.listen_address,
        "cache": f"{prefix}/anaconda/pkgs" if is_compute else None,
    }


def decode(row: bytes) -> InstallFacts:
    """The errand's only row.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), InstallFacts)

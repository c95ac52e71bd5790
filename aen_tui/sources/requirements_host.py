"""The machine's facts that AEN's requirements are about: the errand `requirements`, asked for on request only."""

from __future__ import annotations

from typing import Any

from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.node_facts import HostFacts
from aen_tui.model.ports import expected_ports
from aen_tui.sources.fact_rows import read_row, shaped

ERRAND = "requirements"
SECONDS = 60.0
ANON_CANDIDATES = ("public", "anonymous")
"""What the account of ANON_USER is usually called (seed 000)."""
_LIBRARY_FOLDERS = ("/usr/lib64/", "/usr/lib/", "/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/")
_SONAMES = {
    "libXrender": "libXrender.so.1*",
    "libXext": "libXext.so.6*",
    "libXdmcp": "libXdmcp.so.6*",
    "libSM": "libSM.so.6*",
    "libICE": "libICE.so.6*",
    "libXt": "libXt.so.6*",
}
_FONT_FOLDERS = ("dejavu", "dejavu-sans-fonts", "dejavu-serif-fonts", "truetype/dejavu")
_BIN = ("/usr/bin/", "/bin/", "/usr/local/bin/")


def request(spec: NodeSpec, inventory: Inventory, anon_users: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the errand is told about a node.

    Args:
        spec: the node.
        inventory: for ports and for where the stores live.
        anon_users: names that a configuration gives ANON_USER.
    """
    prefix = spec.install_prefix
    prefixes = [f"{prefix}/wakari-{role}" for role in spec.roles if role is not Role.STORE]
    paths = ["/", prefix] + ([spec.projects_root] if Role.COMPUTE in spec.roles else [])
    accounts = [spec.service_account, "mongod", "mongodb", "elasticsearch", "nginx", *ANON_CANDIDATES, *anon_users]
    return {
        "prefixes": prefixes,
        "paths": list(dict.fromkeys(paths)),
        "accounts": list(dict.fromkeys(accounts)),
        "programs": _programs(prefix),
        "libraries": _libraries(),
        "address": spec.listen_address,
        "ports": list(dict.fromkeys(expected_ports(spec).values())),
    }


def decode(row: bytes) -> HostFacts:
    """The errand's only row.

    Raises:
        ProbeError: it is something else.
    """
    return shaped(read_row(row), HostFacts)


def _programs(prefix: str) -> dict[str, dict[str, Any]]:
    launcher = f"{prefix}/wakari-compute/lib/node_modules/wakari-compute-launcher"
    found: dict[str, dict[str, Any]] = {
        "nginx": {"paths": ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/nginx/sbin/nginx"], "argv": ["-v"]},
        "mongod": {"paths": ["/usr/bin/mongod", "/usr/local/bin/mongod"], "argv": ["--version"]},
        "java": {
            "paths": ["/usr/bin/java", "/usr/java/latest/bin/java", "/usr/java/default/bin/java"],
            "argv": ["-version"],
        },
        "elasticsearch": {
            "paths": [
                "/usr/share/elasticsearch/lib/elasticsearch-[0-9]*.jar",
                "/usr/share/elasticsearch/bin/elasticsearch",
            ]
        },
        "skeleton": {"paths": [f"{launcher}/skeleton"]},
        "conda": {"paths": [f"{prefix}/anaconda/bin/conda"]},
        "X": {"paths": ["/usr/bin/Xorg", "/usr/bin/X", "/usr/libexec/Xorg"]},
    }
    for name in ("git", "bzip2", "bash", "zsh"):
        found[name] = {"paths": [folder + name for folder in _BIN]}
    return found


def _libraries() -> dict[str, list[str]]:
    found = {name: [folder + soname for folder in _LIBRARY_FOLDERS] for name, soname in _SONAMES.items()}
    for name, file in (("dejavu-sans-fonts", "DejaVuSans.ttf"), ("dejavu-serif-fonts", "DejaVuSerif.ttf")):
        found[name] = [f"/usr/share/fonts/{folder}/{file}" for folder in _FONT_FOLDERS]
    found["dejavu-fonts-common"] = [f"/usr/share/fonts/{folder}" for folder in _FONT_FOLDERS]
    found["fontpackages-filesystem"] = ["/usr/share/fonts"]
    return found

"""The lab as an inventory of the product."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.topology import Topology


def inventory_text(topology: Topology, ssh_config: Path, overrides: Mapping[str, Any]) -> str:
    """TOML. `overrides`: a table is merged into the table of that name, anything else replaces the key.

    Example:
        defaults={"become": "actions"}, node={"compute1-1": {"become": "sudo"}}
    """
    content: dict[str, Any] = {
        "name": "aen-lab",
        "aen_version": "4.1.2",
        "ssh": {"config": str(ssh_config)},
        "defaults": {"become": "auto"},
        **_places(topology),
    }
    for key, value in overrides.items():
        if isinstance(value, Mapping) and isinstance(content.get(key), dict):
            content[key] = {**content[key], **value}
        else:
            content[key] = value
    return _toml(content)


def _places(topology: Topology) -> dict[str, Any]:
    servers = [place for place in topology.places if "server" in place.roles]
    stores = [place for place in topology.places if "store" in place.roles]
    centers: list[dict[str, Any]] = []
    for place in topology.places:
        if "gateway" not in place.roles:
            continue
        computes = [compute.name for compute in topology.computes_of(place.name)]
        if "compute" in place.roles:
            computes.append(place.name)
        centers.append({"name": f"dc{len(centers) + 1}", "gateway": place.name, "computes": computes})
    return {
        # By its address: the jump host does not resolve the nodes' names.
        "server": {"host": servers[0].name, "url": f"http://{servers[0].address}"},
        **({"store": {"host": stores[0].name}} if stores else {}),
        "data_center": centers,
    }


def _toml(content: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """Plain keys first, then tables, then arrays of tables. JSON's scalars and lists are TOML's, but for null."""
    plain = {key: value for key, value in content.items() if not _is_table(value)}
    text = "".join(f"{_key(key)} = {_value(value)}\n" for key, value in plain.items() if value is not None)
    for key, value in content.items():
        name = ".".join(_key(part) for part in (*path, key))
        if isinstance(value, Mapping):
            text += f"\n[{name}]\n{_toml(value, (*path, key))}"
        elif _is_table(value):
            text += "".join(f"\n[[{name}]]\n{_toml(item, (*path, key))}" for item in value)
    return text


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _value(value: Any) -> str:
    return json.dumps(str(value) if isinstance(value, Path) else value)

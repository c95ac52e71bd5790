"""What an operator of the demo is given: inventory, ssh config, known hosts and the one key that logs in."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import asyncssh

from aen_tui.demo.plan import AEN_VERSION, DemoNode, DemoPlan
from aen_tui.model.node import Role

INVENTORY = "inventory.toml"
LOCK = "demo.lock"
LEASES = "leases"
"""Where two who act on one demo see each other, as a shared folder lets operators do."""


def write_client_files(plan: DemoPlan, host_keys: Mapping[str, asyncssh.SSHKey], login_key: asyncssh.SSHKey) -> None:
    """Write them all; the inventory last, so that who waits for it finds the rest."""
    folder = plan.folder
    _write(folder / "key", login_key.export_private_key().decode())
    _write(folder / "known_hosts", "".join(_known_host(plan, node, host_keys[node.name]) for node in plan.nodes))
    _write(folder / "ssh_config", _ssh_config(plan))
    (folder / LEASES).mkdir(mode=0o700)
    _write(folder / INVENTORY, _inventory(plan))


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _known_host(plan: DemoPlan, node: DemoNode, key: asyncssh.SSHKey) -> str:
    public = key.export_public_key().decode().strip()
    return f"[{node.address}]:{plan.ports.ssh},[{node.name}]:{plan.ports.ssh} {public}\n"


def _ssh_config(plan: DemoPlan) -> str:
    blocks = [f"Host {node.name}\n    HostName {node.address}\n" for node in plan.nodes]
    everywhere = {
        "Port": plan.ports.ssh,
        "User": plan.user,
        "IdentityFile": _quoted(plan.folder / "key"),
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "UserKnownHostsFile": _quoted(plan.folder / "known_hosts"),
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
        "ControlPath": "none",
    }
    names = " ".join(node.name for node in plan.nodes)
    blocks.append(f"Host {names}\n" + "".join(f"    {key} {value}\n" for key, value in everywhere.items()))
    return "\n".join(blocks)


def _quoted(path: Path) -> str:
    return f'"{str(path).replace("%", "%%")}"'


def _inventory(plan: DemoPlan) -> str:
    """Sudo is never used: `root` and `become` exclude each other (ops 1)."""
    ports = plan.ports
    lines = [
        "# Written by a running `aen-tui demo`; it goes when the demo ends.",
        'name = "aen-demo"',
        f"aen_version = {_toml(AEN_VERSION)}",
        "",
        "[ssh]",
        f"config = {_toml(plan.folder / 'ssh_config')}",
        "",
        "[defaults]",
        'become = "never"',
        f"service_account = {_toml(plan.user)}",
        "",
        "[actions]",
        f"lease_dir = {_toml(plan.folder / LEASES)}",
        "",
        "[defaults.ports]",
        f"server = {ports.site}",
        f"wk-server = {ports.wk_server}",
        f"gateway = {ports.gateway}",
        f"compute = {ports.compute}",
        "",
        "[server]",
        f"host = {_toml(plan.server.name)}",
        f"url = {_toml(f'http://{plan.server.address}:{ports.site}')}",
        f"mongo_url = {_toml(f'mongodb://{plan.server.address}:{ports.mongod}')}",
        f"elasticsearch_url = {_toml(f'http://{plan.server.address}:{ports.elasticsearch}')}",
        "",
    ]
    for gateway in plan.of_role(Role.GATEWAY):
        lines += [
            "[[data_center]]",
            f"name = {_toml(gateway.center)}",
            f"gateway = {_toml(gateway.name)}",
            f"gateway_url = {_toml(f'http://{gateway.address}:{ports.gateway}')}",
            f"computes = [{', '.join(_toml(node.name) for node in plan.computes_of(gateway))}]",
            "",
        ]
    for node in plan.nodes:
        lines += [f"[node.{_toml(node.name)}]", f"root = {_toml(node.root)}", f"listen_address = {_toml(node.address)}"]
        if node.role is Role.COMPUTE:
            lines.append(f"compute_url = {_toml(f'http://{node.address}:{ports.compute}')}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: str | Path) -> str:
    """A basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(str(value))

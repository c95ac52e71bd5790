"""Tables of an inventory file -> an installation: defaults applied, node sets expanded, roles merged."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aen_tui.config.demo_proof import refuse_unless_demo
from aen_tui.config.endpoints import HostRoles, targets_of
from aen_tui.config.nodesets import expand
from aen_tui.config.notify import notify_settings
from aen_tui.config.schema import InventoryFile, NodeTable, ThresholdsTable
from aen_tui.config.store_urls import elasticsearch_url, mongo_target
from aen_tui.errors import AenError, ConfigError
from aen_tui.model.inventory import ActionSettings, Inventory, RollingSettings, SshSettings
from aen_tui.model.node import Become, NodeName, NodeSpec, Role, Thresholds
from aen_tui.model.urls import place_of

SYSTEM_SSH_CONFIG = Path("/etc/ssh/ssh_config")

_OVERRIDES = (
    "interval_seconds",
    "service_account",
    "prefix",
    "projects_root",
    "jump_command",
    "python",
    "time_zone",
    "tls_ca",
    "tls_legacy",
)


def resolve(tables: InventoryFile, file: Path) -> Inventory:
    """The installation that the tables describe.

    Raises:
        ConfigError: a compute in two data centers, an override of a node that is not there, a name used
            twice, no node at all, or `root` outside a running demo.
    """
    hosts = _hosts(tables, file)
    if not hosts:
        raise ConfigError("names no node", file=str(file), hint="write [server] or [[data_center]]")
    for host in tables.node:
        if host not in hosts:
            near = difflib.get_close_matches(host, hosts, n=1)
            raise ConfigError(
                "no such node",
                file=str(file),
                key=f'node."{host}"',
                hint=f"did you mean `{near[0]}`?" if near else None,
            )
    names = {host: NodeName((tables.node.get(host) or NodeTable()).name or host) for host in hosts}
    if len(set(names.values())) < len(names):
        raise ConfigError("two nodes have the same name", file=str(file), key="node.name")
    nodes = {names[host]: _spec(tables, hosts[host], names) for host in hosts}
    _refuse_bad_urls(nodes.values(), file)
    is_demo = any(spec.root for spec in nodes.values())
    ssh = _ssh(tables, file)
    if is_demo:
        refuse_unless_demo(file, nodes.values(), ssh.config)
    centers = {
        center.name: tuple(
            dict.fromkeys(names[host] for host in (center.gateway, *_computes(center.computes, center.name, file)))
        )
        for center in tables.data_center
    }
    server, store = tables.server, tables.store
    return Inventory(
        name=tables.name,
        file=file,
        aen_version=tables.aen_version,
        ssh=ssh,
        actions=_actions(tables),
        nodes=nodes,
        data_centers=centers,
        mongo_url=server.mongo_url if server else None,
        mongo=mongo_target(server, file) if server else None,
        elasticsearch_url=elasticsearch_url(server, file) if server else None,
        elasticsearch_nodes=server.elasticsearch_nodes if server else 1,
        license_expires=server.license_expires if server else None,
        store=names[store.host] if store else (names[server.host] if server else None),
        is_demo=is_demo,
        log_memory_megabytes=tables.log_memory_megabytes,
        notify=notify_settings(tables.notify, file),
    )


def _refuse_bad_urls(specs: Iterable[NodeSpec], file: Path) -> None:
    for spec in specs:
        for target in spec.http:
            if not target.url.startswith("unix:") and place_of(target.url) is None:
                hint = "such as http://gateway1:8089"
                raise ConfigError(
                    f"the {target.name}'s is no URL", file=str(file), key=f"url of {spec.name}", hint=hint
                )


def _ssh(tables: InventoryFile, file: Path) -> SshSettings:
    written = tables.ssh.config
    paths = [Path(path).expanduser() for path in ([written] if isinstance(written, str) else written)]
    existing = [path for path in [*(file.parent / path for path in paths), SYSTEM_SSH_CONFIG] if path.exists()]
    return SshSettings(tuple(existing), tables.ssh.connect_timeout_seconds, max(1, tables.ssh.handshakes_at_once))


def _actions(tables: InventoryFile) -> ActionSettings:
    written = tables.actions
    rolling = RollingSettings(written.rolling.canary, written.rolling.batch, written.rolling.max_failures)
    return ActionSettings(written.settle_seconds, written.arming == "required", rolling, Path(written.lease_dir))


def _computes(written: str | list[str], center: str, file: Path) -> list[str]:
    try:
        return [name for text in ([written] if isinstance(written, str) else written) for name in expand(text)]
    except AenError as error:
        raise ConfigError(
            error.message, file=str(file), key=f"data_center.{center}.computes", hint=error.hint
        ) from None


def _hosts(tables: InventoryFile, file: Path) -> dict[str, HostRoles]:
    """Every host once, with all its roles, in display order."""
    hosts: dict[str, HostRoles] = {}

    def add(host: str, role: Role, center: str | None, gateway: str | None, url: str | None) -> None:
        entry = hosts.setdefault(host, HostRoles(host))
        if role is Role.COMPUTE and Role.COMPUTE in entry.roles and entry.data_center != center:
            raise ConfigError(
                f"compute `{host}` is in two data centers, `{entry.data_center}` and `{center}`",
                file=str(file),
                key="data_center.computes",
                hint="a compute belongs to exactly one gateway",
            )
        if role not in entry.roles:
            entry.roles.append(role)
        entry.urls[role] = url
        if center is not None:
            entry.data_center = center
            entry.gateway = gateway

    seen: set[str] = set()
    if tables.server:
        add(tables.server.host, Role.SERVER, None, None, tables.server.url)
    if tables.store:
        add(tables.store.host, Role.STORE, None, None, None)
    for center in tables.data_center:
        if center.name in seen:
            raise ConfigError(f"data center `{center.name}` stands twice", file=str(file), key="data_center.name")
        seen.add(center.name)
        add(center.gateway, Role.GATEWAY, center.name, center.gateway, center.gateway_url)
        for host in _computes(center.computes, center.name, file):
            override = tables.node.get(host)
            add(host, Role.COMPUTE, center.name, center.gateway, override.compute_url if override else None)
    return hosts


def _spec(tables: InventoryFile, host: HostRoles, names: Mapping[str, NodeName]) -> NodeSpec:
    own = tables.node.get(host.host) or NodeTable()
    defaults = tables.defaults
    merged: dict[str, Any] = {
        key: value if (value := getattr(own, key)) is not None else getattr(defaults, key) for key in _OVERRIDES
    }
    status_paths = tuple(own.status_paths or defaults.status_paths)
    jumps = _jumps(host, own.jump or defaults.jump)
    return NodeSpec(
        name=names[host.host],
        host=host.host,
        roles=tuple(host.roles),
        data_center=host.data_center,
        jump=next(iter(jumps), None),
        further_jumps=tuple(jumps[1:]),
        become=Become(own.become or defaults.become),
        status_paths=status_paths,
        thresholds=_thresholds(own.thresholds, defaults.thresholds),
        root=(own.root or "").rstrip("/"),
        extra_logs=tuple(own.logs if own.logs is not None else defaults.logs),
        ports={**defaults.ports, **(own.ports or {})},
        listen_address=own.listen_address or "127.0.0.1",
        http=targets_of(host, own, status_paths, names, tables.aen_version, {**defaults.ports, **(own.ports or {})}),
        **merged,
    )


def _jumps(host: HostRoles, written: str | list[str]) -> list[str]:
    """Each once, in the order as written; none for a host that needs none, or where `none` stands first."""
    words = [written] if isinstance(written, str) else written
    is_only_compute = host.roles == [Role.COMPUTE]
    if host.host == "local" or not is_only_compute or words[:1] == ["none"]:
        return []
    found = (host.gateway if word == "gateway" else word for word in words)
    return [jump for jump in dict.fromkeys(found) if jump is not None and jump not in (host.host, "local", "none")]


def _thresholds(own: ThresholdsTable | None, defaults: ThresholdsTable) -> Thresholds:
    """A node's, then those of `[defaults]`, then the program's, key by key."""
    merged = Thresholds()
    for written in (defaults, own or ThresholdsTable()):
        pairs = {key: pair for key in written.__struct_fields__ if (pair := getattr(written, key)) is not None}
        merged = replace(merged, **pairs)
    return merged

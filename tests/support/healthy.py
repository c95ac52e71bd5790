"""Whole installations that are well, as the inventory resolves them and errands answer: releases, layouts, schemes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from aen_tui.checks import rate
from aen_tui.config.load import load_inventory
from aen_tui.model.facts import ClusterState, HttpState, NodeState, StoreState
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.node_facts import Certificate, Copies, NodeFacts, Page, ReachFacts, ResolvedName, TextSettings
from aen_tui.model.projects import AppGroup, ProjectLoad, ProjectsLook
from aen_tui.model.reading import Reading
from aen_tui.model.reboot import BootFacts, BootService, PidFile, ProjectsFolder, Reboot
from aen_tui.model.severity import Severity
from aen_tui.model.stores import MONGO_DATA_PATH, MongoDataSpace, MongoFigures, MongoHello, MongoOptions
from aen_tui.sources import requirements_apps, requirements_host, requirements_reach, requirements_settings
from tests.support.install_facts import boot_reading, install_facts
from tests.support.node_facts import app_facts, config, folders_reading, host_facts, nginx_reads, settings_facts
from tests.support.nodes import NOW_MONOTONIC, NOW_WALL, PREFIX, node_state, services_of

T = TypeVar("T")
SEEN = NOW_MONOTONIC - 5
DOMAIN = "example.com"
_DAY = 86_400.0
_CENTER = '[[data_center]]\nname = "east"\n'
LAYOUTS = {
    "single box": '[server]\nhost = "aen"\nurl = "{s}://aen.example.com"\n'
    + _CENTER
    + 'gateway = "aen"\ngateway_url = "{s}://aen.example.com:8089"\ncomputes = ["aen"]\n',
    "distributed": '[server]\nhost = "aen"\nurl = "{s}://aen.example.com"\n'
    + _CENTER
    + 'gateway = "gw"\ngateway_url = "{s}://gw.example.com:8089"\ncomputes = ["c[1-3]"]\n',
    "gateway is a compute too": '[server]\nhost = "aen"\nurl = "{s}://aen.example.com"\n'
    + _CENTER
    + 'gateway = "gw"\ngateway_url = "{s}://gw.example.com:8089"\ncomputes = ["gw", "c[1-3]"]\n'
    + '[node.gw]\ncompute_url = "http://localhost:5002"\n',
    "mongod on a host of its own": '[server]\nhost = "aen"\nurl = "{s}://aen.example.com"\n[store]\nhost = "db"\n'
    + _CENTER
    + 'gateway = "gw"\ngateway_url = "{s}://gw.example.com:8089"\ncomputes = ["c1", "c2"]\n',
}
"""Inventories; {s} is http or https."""


@dataclass(frozen=True)
class Healthy:
    """An installation without a fault."""

    version: str
    layout: str
    scheme: str
    inventory: Inventory

    @property
    def has_port(self) -> bool:
        """Whether wk-server listens on port 5000: up to 4.1.2 (seed 002)."""
        return self.version <= "4.1.2"

    def state(self) -> ClusterState:
        """All nodes, rated as the runtime does it."""
        nodes = {name: self._node(spec, number) for number, (name, spec) in enumerate(self.inventory.nodes.items())}
        return ClusterState(self.inventory.name, nodes, wall_at=NOW_WALL, taken_at=NOW_MONOTONIC)

    def facts(self, spec: NodeSpec) -> NodeFacts:
        """What the errands answer, through their decoders where a row is all text and numbers."""
        settings = _decoded(self._settings(spec), requirements_settings.decode, "certificates")
        reach = _decoded(self._reach(spec), requirements_reach.decode, "served")
        return NodeFacts(
            Reading(_decoded(self._host(spec), requirements_host.decode), SEEN),
            Reading(replace(settings, certificates=self._certificates(spec, is_served=False)), SEEN),
            Reading(_decoded(app_facts(spec), requirements_apps.decode), SEEN),
            Reading(replace(reach, served=self._certificates(spec, is_served=True)), SEEN),
            folders_reading(spec, SEEN),
            Reading(install_facts(spec, **self._listeners(spec)), SEEN),
            boot_reading(spec, SEEN),
        )

    def _node(self, spec: NodeSpec, number: int) -> NodeState:
        made = node_state(spec, number)
        services = [one for role in spec.roles if role is not Role.STORE for one in services_of(role)]
        if Role.STORE in spec.roles or self._has_store_apart:
            services = [one for one in services if one.name != "mongod"]
        page = Page("server", f"{self.scheme}://aen.{DOMAIN}/login", 200, "login")
        node = replace(
            made,
            services=tuple(services),
            http=self._answers(spec),
            logs=(),
            page=Reading(page, SEEN) if Role.SERVER in spec.roles else Reading(),
            projects=Reading(_projects(), SEEN) if Role.COMPUTE in spec.roles else Reading(),
            stores=self._stores(spec),
            reboot=Reboot(NOW_WALL - 3600, frozenset(one.name for one in services), frozenset(), _booted(spec)),
        )
        return rate(node)

    @property
    def _has_store_apart(self) -> bool:
        return any(spec.roles == (Role.STORE,) for spec in self.inventory.nodes.values())

    def _answers(self, spec: NodeSpec) -> tuple[HttpState, ...]:
        """Every URL answers, none with a status document; of wk-server's two the release's own."""
        ports = [one for one in spec.http if one.name != "wk-server" or one.url.startswith("http") == self.has_port]
        return tuple(
            HttpState(one.name, one.url + "/", one.asked_on, 302 if one.name == "gateway" else 200, 2.0, seen_at=SEEN)
            for one in ports
        )

    def _stores(self, spec: NodeSpec) -> dict[str, StoreState]:
        if self.inventory.store != spec.name:
            return {}
        space = Reading(MongoDataSpace(MONGO_DATA_PATH, 50 << 30), SEEN)
        figures = MongoFigures(MongoHello("2.6.10"), options=MongoOptions(), data_space=space)
        found = {"mongodb": StoreState("up", "2.6.10", seen_at=SEEN, severity=Severity.OK, figures=figures)}
        if not self._has_store_apart:
            found["elasticsearch"] = StoreState("up", "1.7.2", health="yellow", seen_at=SEEN, severity=Severity.OK)
        return found

    def _host(self, spec: NodeSpec) -> Any:
        roles = [role for role in spec.roles if role is not Role.STORE]
        packages = {f"{PREFIX}/wakari-{role}": self._packages(role) for role in roles}
        known = host_facts(spec)
        programs = dict(known.programs)
        if spec.roles == (Role.STORE,):
            programs |= {"elasticsearch": None, "java": None, "nginx": None}
        elif Role.SERVER not in spec.roles or self._has_store_apart:
            programs |= {"mongod": None}
        return replace(
            known,
            hostname=f"{spec.name}.{DOMAIN}",
            release="CentOS release 6.7 (Final)" if self.has_port else "CentOS Linux release 7.6.1810 (Core)",
            programs=programs,
            packages={name: version for one in packages.values() for name, version in one.items()},
            packages_of=packages,
            ports={str(port): True for port in requirements_host.request(spec, self.inventory)["ports"]},
        )

    def _packages(self, role: Role) -> dict[str, str]:
        own = "wakari-compute-launcher" if role is Role.COMPUTE else f"wakari-{role}"
        return {"wakari-version": self.version, "supervisor-we": "3.0b2", own: "1.6.3"}

    def _settings(self, spec: NodeSpec) -> Any:
        known = settings_facts(spec)
        files = []
        for role in spec.roles:
            etc = f"{PREFIX}/wakari-{role}/etc/wakari"
            anon = {"ANON_USER": '"public"'}
            shared, own = (anon, {}) if self.has_port else ({}, anon)
            if role is Role.SERVER:
                titles = {"site_name": '"Acme"', "domain": '"acme.org"', "server_host": '"127.0.0.1"'}
                files.append(config("server", f"{etc}/config.json", keys=shared | titles))
                files.append(config("server", f"{etc}/wk-server-config.json", keys=own))
            elif role is Role.GATEWAY:
                host = f"{spec.name}.{DOMAIN}" if self.has_port else _address(spec.name)  # both are allowed (seed 004)
                keys = {"server": f'"{self.scheme}://aen.{DOMAIN}"', "host": f'"{host}"', "port": "8089"}
                files.append(config("gateway", f"{etc}/wk-gateway-config.json", mode=0o600, keys=keys))
            elif role is Role.COMPUTE:
                files.append(config("compute", "/etc/wakari/config.json", state="absent", owner=None))
                files.append(config("compute", f"{etc}/config.json", keys=shared))
                files.append(config("compute", f"{etc}/wk-compute-launcher-config.json", keys=own | {"port": "5002"}))
        changes: dict[str, Any] = {"files": tuple(files)}
        if Role.SERVER in spec.roles:
            name = "www.enterprise.https.conf" if self.scheme == "https" else "www.enterprise.conf"
            place = f"{PREFIX}/wakari-server/etc/conf.d/{name}", f"/etc/nginx/conf.d/{name}"
            changes |= {"copies": (Copies(*place, same=True),), "server_names": ("localhost", f".{DOMAIN}")}
            changes["nginx"] = nginx_reads(place[1])
        if Role.COMPUTE in spec.roles and self.layout == "single box":  # without a repository on site
            changes["condarc"] = TextSettings(f"{PREFIX}/anaconda/.condarc", "read", {"channels": ("defaults",)})
            changes["client"] = TextSettings("/etc/xdg/binstar/config.yaml", "absent")
        return replace(known, **changes)

    def _reach(self, spec: NodeSpec) -> ReachFacts:
        names = requirements_reach.request(spec, self.inventory, (f"{spec.name}.{DOMAIN}",))["names"]
        pages = [
            Page("server", url, 200, "login") for _, url in requirements_reach.request(spec, self.inventory)["pages"]
        ]
        rows = (ResolvedName(one, (_address(one.partition(".")[0]),), (one,)) for one in names)
        return ReachFacts(tuple(rows), tuple(pages))

    def _certificates(self, spec: NodeSpec, *, is_served: bool) -> tuple[Certificate, ...]:
        """nginx's and the gateway's, one each."""
        if self.scheme == "http":
            return ()
        disk = {"server": "/etc/nginx/server.crt", "gateway": f"{PREFIX}/wakari-gateway/etc/gateway.crt"}
        found = []
        for target in spec.http:
            if target.name in disk:
                host, _, port = target.url.removeprefix("https://").partition(":")
                place = f"{host}:{port or 443}" if is_served else disk[target.name]
                dates = (NOW_WALL - _DAY, NOW_WALL + 300 * _DAY)
                found.append(Certificate(place, None, *dates, (host,), target.name, is_served))
        return tuple(found)

    def _listeners(self, spec: NodeSpec) -> dict[str, Any]:
        is_there = Role.SERVER in spec.roles
        return {"listeners": {"5000": ("127.0.0.1",) if self.has_port else ()} if is_there else {}}


def healthy(folder: Path, version: str, layout: str, scheme: str) -> Healthy:
    """An installation of that release; its inventory is written into a folder and read as the program does."""
    file = folder / "inventory.toml"
    file.write_text(f'name = "aen"\naen_version = "{version}"\n' + LAYOUTS[layout].format(s=scheme))
    file.chmod(0o600)
    return Healthy(version, layout, scheme, load_inventory(file))


def _address(name: str) -> str:
    return f"10.0.0.{sum(map(ord, name)) % 200 + 1}"


def _decoded(facts: T, decode: Callable[[bytes], T], *without: str) -> T:
    row = msgspec.to_builtins(facts)
    return decode(msgspec.json.encode({key: value for key, value in row.items() if key not in without}))


def _projects() -> ProjectsLook:
    notebook = AppGroup("notebook", "alice", processes=2, apps=1, rss_bytes=1, started=1.0)
    start = AppGroup("conda", "wakari", processes=1, apps=0, rss_bytes=1, started=1.0, starting=1)
    return ProjectsLook((ProjectLoad("alice/churn", (notebook, start)),), 90, 1, 1, 3)


def _booted(spec: NodeSpec) -> BootFacts:
    is_server = Role.SERVER in spec.roles
    services = {"nginx": BootService(True, (PidFile("/var/run/nginx.pid", 7, "live"),))} if is_server else {}
    return BootFacts(services, (), ProjectsFolder("full"), "ntpd", synchronized=True)

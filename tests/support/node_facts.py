"""Facts of nodes as preflight gathers them: a healthy node of each role, and what to change of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aen_tui.checks.preflight.x_libraries import PACKAGES
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.node_facts import (
    Account,
    AppFacts,
    ConfigFile,
    Copies,
    HostFacts,
    NginxFiles,
    NodeFacts,
    Page,
    PathFacts,
    ProgramFacts,
    ReachFacts,
    RunningProcess,
    Selinux,
    SettingsFacts,
    TextSettings,
)
from aen_tui.model.projects import ProjectFolders
from aen_tui.model.reading import Reading
from tests.support.install_facts import boot_reading, install_facts
from tests.support.nodes import NOW_MONOTONIC

SITE = "www.enterprise.conf"
GB = 1_000_000_000


def path_facts(path: str, **changes: Any) -> PathFacts:
    """A folder on the one big filesystem."""
    known = PathFacts(path, None, 2049, "/", "xfs", "rw,attr2,inode64", "yes", 500 * GB, 300 * GB)
    return replace(known, **changes)


def account(uid: int, home: str, shell: str = "/bin/bash") -> Account:
    return Account(uid, uid, home, shell, has_home=True)


def host_facts(spec: NodeSpec, **changes: Any) -> HostFacts:
    """The machine of a healthy node."""
    roles = [role for role in spec.roles if role is not Role.STORE]
    ports = {Role.SERVER: "80", Role.GATEWAY: "8089", Role.COMPUTE: "5002"}
    known = HostFacts(
        user="operator",
        uid=1000,
        hostname=spec.name,
        release="CentOS Linux release 7.2.1511 (Core)",
        kernel="3.10.0-327.el7.x86_64",
        memory_bytes=8 * GB,
        cores=4,
        selinux=Selinux("permissive", {"/etc/selinux/config": "permissive"}),
        paths={path: path_facts(path) for path in ("/", "/opt/wakari", "/projects")},
        accounts={
            "wakari": account(498, "/home/wakari"),
            "public": account(499, "/home/public"),
            "anonymous": None,
            "mongod": account(497, "/var/lib/mongo", "/bin/false"),
            "mongodb": None,
            "elasticsearch": account(496, "/home/elasticsearch", "/sbin/nologin"),
            "nginx": account(495, "/var/cache/nginx", "/sbin/nologin"),
        },
        programs={
            "nginx": ProgramFacts("/usr/sbin/nginx", "nginx version: nginx/1.6.2"),
            "mongod": ProgramFacts("/usr/bin/mongod", "db version v2.6.10 / git version: 5901dbf"),
            "java": ProgramFacts(
                "/usr/bin/java",
                'java version "1.8.0_65" / Java(TM) SE Runtime Environment (build 1.8.0_65-b17)',
            ),
            "elasticsearch": ProgramFacts("/usr/share/elasticsearch/lib/elasticsearch-1.7.2.jar"),
            **{name: ProgramFacts(f"/usr/bin/{name}") for name in ("git", "bzip2", "bash", "skeleton", "conda")},
            "zsh": None,
        },
        libraries=dict.fromkeys(PACKAGES, True),
        packages={"wakari-version": "4.1.2"},
        ports={ports[role]: True for role in roles},
        sudo_mode=0o4111,
    )
    return replace(known, **changes)


def app_facts(spec: NodeSpec, **changes: Any) -> AppFacts:
    """Who runs what on a healthy node."""
    roles = [role for role in spec.roles if role is not Role.STORE]
    supervisors = [RunningProcess("supervisord", 900, 1, "wakari", f"wakari-{role}") for role in roles]
    nginx = [RunningProcess("nginx", 700, 1, "root"), RunningProcess("nginx", 701, 700, "nginx")]
    known = AppFacts(tuple(supervisors + (nginx if Role.SERVER in roles else [])), account_uid=498)
    return replace(known, **changes)


def config(component: str, path: str, **changes: Any) -> ConfigFile:
    """A JSON file of the service account's."""
    known = ConfigFile(component, path, "read", owner="wakari", uid=498, mode=0o644, readable=True, size_bytes=100)
    return replace(known, **changes)


def nginx_reads(*files: str, **changes: Any) -> NginxFiles:
    """What nginx reads: its own configuration and what that includes."""
    own = "/etc/nginx/nginx.conf"
    return replace(NginxFiles(own, files=(own, *files)), **changes)


def settings_facts(spec: NodeSpec, **changes: Any) -> SettingsFacts:
    """What is configured on a healthy node."""
    files: list[ConfigFile] = []
    for role in spec.roles:
        etc = f"/opt/wakari/wakari-{role}/etc/wakari"
        if role is Role.SERVER:
            files.append(config("server", f"{etc}/config.json", keys={"ANON_USER": '"public"'}))
            files.append(config("server", f"{etc}/wk-server-config.json", keys={"port": "5000"}))
        if role is Role.GATEWAY:
            keys = {"server": '"http://aen.example.com"', "host": f'"{spec.name}"', "client_secret": '"***"'}
            files.append(config("gateway", f"{etc}/config.json", state="absent", owner=None))
            files.append(config("gateway", f"{etc}/wk-gateway-config.json", mode=0o600, keys=keys))
        if role is Role.COMPUTE:
            files.append(config("compute", f"{etc}/config.json", keys={"ANON_USER": '"public"', "port": "1"}))
            files.append(config("compute", f"{etc}/wk-compute-launcher-config.json", keys={"port": "5002"}))
    condarc = {
        "channels": ("defaults",),
        "default_channels": ("http://repo.example.com:8080/conda/anaconda",),
        "channel_alias": ("http://repo.example.com:8080/conda",),
    }
    is_compute = Role.COMPUTE in spec.roles
    known = SettingsFacts(
        files=tuple(files),
        condarc=TextSettings("/opt/wakari/anaconda/.condarc", "read", condarc) if is_compute else None,
        client=TextSettings("/etc/xdg/binstar/config.yaml", "read", {"url": ("http://repo.example.com:8080/api",)})
        if is_compute
        else None,
        copies=(Copies(f"/opt/wakari/wakari-server/etc/conf.d/{SITE}", f"/etc/nginx/conf.d/{SITE}", same=True),)
        if Role.SERVER in spec.roles
        else (),
        nginx=nginx_reads(f"/etc/nginx/conf.d/{SITE}") if Role.SERVER in spec.roles else None,
        server_names=("aen.example.com",) if Role.SERVER in spec.roles else (),
    )
    return replace(known, **changes)


def reach_facts(spec: NodeSpec, **changes: Any) -> ReachFacts:
    """What a healthy node reaches."""
    pages = (Page("server", "http://aen.example.com/", 200, "login"),) if Role.SERVER in spec.roles else ()
    return replace(ReachFacts(pages=pages), **changes)


def folders_reading(spec: NodeSpec, seen: float, **changes: Any) -> Reading[ProjectFolders]:
    """The project folders of a compute, all as documented; of other nodes nothing is asked."""
    if Role.COMPUTE not in spec.roles:
        return Reading()
    return Reading(replace(ProjectFolders(7, 12, "ops", acl="yes"), **changes), seen)


def node_facts(spec: NodeSpec, *, age: float = 12.0) -> NodeFacts:
    """All of a healthy node."""
    seen = NOW_MONOTONIC - age
    return NodeFacts(
        Reading(host_facts(spec), seen),
        Reading(settings_facts(spec), seen),
        Reading(app_facts(spec), seen),
        Reading(reach_facts(spec), seen),
        folders_reading(spec, seen),
        Reading(install_facts(spec), seen),
        boot_reading(spec, seen),
    )

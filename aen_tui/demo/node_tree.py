"""A node's root folder: what an AEN node has where (aen.md 2 to 5), its paths under ROOT instead of /."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from aen_tui.demo.init_scripts import script, write_init_scripts
from aen_tui.demo.people import BROKEN_PROJECT, PROJECTS, USERS
from aen_tui.demo.plan import AEN_VERSION, DemoNode, DemoPlan
from aen_tui.demo.requirements import meet_requirements
from aen_tui.demo.stand_ins import nginx, stores
from aen_tui.demo.stand_ins import program as stand_in
from aen_tui.model.command import shell_line
from aen_tui.model.node import Role

PYTHON = str(Path(getattr(sys, "_base_executable", "") or sys.executable).resolve())
"""The interpreter behind the virtual environment: stand-ins and probes start faster and smaller with it."""

_SHARED_FOLDERS = ("home", "proc/net", "proc/sys/kernel/random", "run", "tmp", "usr/bin", "var/log/nginx", "var/run")
_ROLE_FOLDERS = ("bin", "conda-meta", "etc/supervisord/conf.d", "etc/wakari", "var/log/wakari", "var/run")

_STDOUT_LOGS = {"wk-server": "server", "worker": "worker", "wk-gateway": "gateway", "wk-compute": "compute-launcher"}


def write_tree(plan: DemoPlan, node: DemoNode) -> dict[str, list[str]]:
    """Lay out a node; nothing of it is running yet. Returns its daemons' argument lists by name (forkserver.py)."""
    for folder in _SHARED_FOLDERS:
        (node.root / folder).mkdir(parents=True)
    for folder in _ROLE_FOLDERS:
        (node.prefix / folder).mkdir(parents=True)
    _system(plan, node)
    _supervisor(plan, node)
    _configs(plan, node)
    daemons = {f"wakari-{node.role}": ["supervisord", "-n", "-c", str(node.prefix / "etc/supervisord.conf")]}
    if node.role is Role.COMPUTE:
        _projects(node)
    if node.role is Role.SERVER:
        daemons |= _server_daemons(plan, node)
    meet_requirements(node, plan.user)
    return daemons


def _system(plan: DemoPlan, node: DemoNode) -> None:
    etc = node.root / "etc"
    etc.mkdir()
    (etc / "redhat-release").write_text("CentOS Linux release 7.2.1511 (Core) \n")
    (etc / "hostname").write_text(f"{node.name}\n")
    people = "".join(f"{name}:x:{1001 + index}:1001::/home/{name}:/bin/bash\n" for index, name in enumerate(USERS))
    accounts = "root:x:0:0:root:/root:/bin/bash\nwakari:x:1000:1000::/home/wakari:/bin/bash\n"
    accounts += "nginx:x:998:998::/var/cache/nginx:/sbin/nologin\nmongod:x:997:997::/var/lib/mongo:/bin/false\n"
    accounts += "elasticsearch:x:996:996::/home/elasticsearch:/sbin/nologin\npublic:x:995:995::/home/public:/bin/bash\n"
    if plan.user not in ("root", "wakari"):  # who runs the demo is its service account
        accounts += f"{plan.user}:x:{os.geteuid()}:{os.getegid()}::/home/{plan.user}:/bin/bash\n"
    (etc / "passwd").write_text(accounts + people)
    (node.root / "usr/bin/python3").symlink_to(PYTHON)
    write_init_scripts(node)


def _supervisor(plan: DemoPlan, node: DemoNode) -> None:
    prefix = node.prefix
    conf = prefix / "etc/supervisord.conf"
    control = shell_line([sys.executable, "-I", "-m", "supervisor.supervisorctl", "-c", str(conf)])
    script(prefix / "bin/supervisorctl", f'exec {control} "$@"\n')
    script(prefix / "bin/python", f'exec {shell_line([PYTHON])} "$@"\n')
    sections: dict[str, Mapping[str, object]] = {
        "unix_http_server": {"file": prefix / "var/run/supervisor.sock", "chmod": "0700"},
        "supervisord": {
            "logfile": prefix / "var/log/supervisord.log",
            "pidfile": prefix / "var/run/supervisord.pid",
            "childlogdir": prefix / "var/log",
            "minfds": 256,
            "minprocs": 32,
            "umask": "077",
            "silent": "true",
            # As root supervisord complains in its log unless it is told that this is meant.
            **({"user": plan.user} if os.geteuid() == 0 else {}),
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        "supervisorctl": {"serverurl": f"unix://{prefix}/var/run/supervisor.sock"},
        "include": {"files": "supervisord/conf.d/*.conf"},
    }
    conf.write_text(_ini(sections))
    for name in node.programs:
        section = {
            "command": shell_line(_stand_in(plan, node, prefix / "bin" / name)),
            "directory": "/",
            "autostart": "true",
            "autorestart": "true",
            "redirect_stderr": "true",
            "stdout_logfile": prefix / f"var/log/wakari/{_STDOUT_LOGS[name]}.log",
        }
        (prefix / f"etc/supervisord/conf.d/{name}.conf").write_text(_ini({f"program:{name}": section}))


def _ini(sections: Mapping[str, Mapping[str, object]]) -> str:
    """Supervisor expands %(name)s in values, so a per cent sign of a path is doubled."""
    return "\n".join(
        f"[{section}]\n" + "".join(f"{key} = {str(value).replace('%', '%%')}\n" for key, value in values.items())
        for section, values in sections.items()
    )


def _server_daemons(plan: DemoPlan, node: DemoNode) -> dict[str, list[str]]:
    """What the server runs beside supervisord, and nginx as people call it."""
    folder, by_hand = node.root / "usr/libexec", node.root / "usr/sbin/nginx"
    for made in (folder, by_hand.parent):
        made.mkdir()
    shutil.copyfile(nginx.__file__, folder / "nginx-by-hand")
    script(by_hand, f'exec {shell_line([PYTHON, "-I", "-S", str(folder / "nginx-by-hand"), str(node.root)])} "$@"\n')
    programs = {"nginx": stand_in, "mongod": stores, "elasticsearch": stores}
    return {name: _stand_in(plan, node, folder / name, program) for name, program in programs.items()}


def _stand_in(plan: DemoPlan, node: DemoNode, path: Path, program: ModuleType = stand_in) -> list[str]:
    """A copy of a stand-in under the name it shall have, and how to run it."""
    shutil.copyfile(str(program.__file__), path)
    return [PYTHON, "-I", "-S", str(path), str(node.root), *_endpoints(plan, node, path.name)]


def _endpoints(plan: DemoPlan, node: DemoNode, program: str) -> tuple[str, ...]:
    ports = {
        "nginx": (plan.ports.site, plan.ports.wk_server),
        "wk-server": (plan.ports.wk_server,),
        "worker": (),
        "wk-gateway": (plan.ports.gateway,),
        "wk-compute": (plan.ports.compute,),
        "mongod": (plan.ports.mongod,),
        "elasticsearch": (plan.ports.elasticsearch,),
    }
    return tuple(f"{node.address}:{port}" for port in ports[program])


def _configs(plan: DemoPlan, node: DemoNode) -> None:
    """Plausible files in the documented places; the secrets in them are made up (aen.md 5 and 8)."""
    etc = node.prefix / "etc/wakari"
    site = f"http://{plan.server.address}:{plan.ports.site}"
    files: dict[str, Mapping[str, object]] = {"config.json": {"ANON_USER": "public"}}
    match node.role:
        case Role.SERVER:
            files["wk-server-config.json"] = {"accounts": "wk_server.plugins.accounts.db", "main_url": site}
            nginx = node.root / "etc/nginx/conf.d"
            nginx.mkdir(parents=True)
            upstream = f"{node.address}:{plan.ports.wk_server}"
            logs = "access_log /var/log/nginx/woc.log; error_log /var/log/nginx/woc-error.log;"
            (nginx / "www.enterprise.conf").write_text(
                f"server {{ listen {plan.ports.site}; {logs} location / {{ proxy_pass http://{upstream}; }} }}\n"
            )
            for name in ("woc.log", "woc-error.log"):
                (node.root / "var/log/nginx" / name).touch()
        case Role.GATEWAY:
            files["wk-gateway-config.json"] = {
                "server": site, "host": node.name, "port": plan.ports.gateway, "name": node.center,
                "protocol": "http", "client_id": "demo", "client_secret": "made-up",
            }  # fmt: skip
        case _:
            files["wk-compute-launcher-config.json"] = {"projectRoot": "/projects", "port": plan.ports.compute}
            files["scripts/config.json"] = {"projectRoot": "/projects"}
    for name, values in files.items():
        path = etc / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(values, indent=2) + "\n")
    meta = {"name": "wakari-version", "version": AEN_VERSION, "build": "0"}
    (node.prefix / f"conda-meta/wakari-version-{AEN_VERSION}-0.json").write_text(json.dumps(meta))


def _projects(node: DemoNode) -> None:
    for owner, project in PROJECTS:
        home = node.root / "projects" / owner / project
        (home / "envs/default/bin").mkdir(parents=True)
        (home / "envs/default/conda-meta").mkdir()
        for name in ("bin/python", "bin/activate", "conda-meta/history"):
            if (owner, project, name) != (*BROKEN_PROJECT, "conda-meta/history"):
                (home / "envs/default" / name).touch()
        (home / "public").mkdir()
        (home / ".metadata.json").write_text(json.dumps({"env": f"/projects/{owner}/{project}/envs/default"}))
        (home / f"{project}.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}\n')

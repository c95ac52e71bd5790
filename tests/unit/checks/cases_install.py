"""The installation departs from what is documented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aen_tui.model.facts import ServiceState
from aen_tui.model.install_facts import AenProcess, PackageCache, Placed
from aen_tui.model.node import Role
from aen_tui.model.severity import Severity
from tests.support.install_facts import ABSENT, FOLDER, PREFIX, PROGRAM, START_PROJECT
from tests.support.node_facts import config, path_facts
from tests.support.nodes import service
from tests.support.preflight_cases import ETC, Case, compute_config, condarc

W, C, U, OK = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN, Severity.OK
PAM = '"wk_server.plugins.accounts.pam"'
SUSPENDED = f"{PREFIX}/wakari-server/etc/supervisord/conf.d/wk-server.conf.SUSPEND"
WK_SERVER, WORKER = (service(name, "wakari-server") for name in ("wk-server", "worker"))
BY_ROOT = service("wakari-server-root", None)
SINGLE_BOX = {"roles": (Role.SERVER, Role.GATEWAY), "ports": {"server": 8089}}
BEHIND_TLS = {"roles": (Role.SERVER, Role.GATEWAY), "ports": {"server": 443, "gateway": 443}}
OLD = {"packages": {"wakari-version": "4.0.0"}}


def placed(path: str, place: Placed) -> dict[str, Any]:
    return {"paths": {f"{PREFIX}/{path}".rstrip("/"): place}}


def running(name: str, user: str, role: Role, **parts: Any) -> dict[str, Any]:
    return {"processes": (AenProcess(901, 900, name, user, f"wakari-{role}", **parts),)}


def cached(**counts: Any) -> dict[str, Any]:
    return {"cache": PackageCache(f"{PREFIX}/anaconda/pkgs", 320, **counts)}


def server_config(**keys: str) -> dict[str, Any]:
    anon = {"ANON_USER": '"public"'}
    return {"files": (config("server", f"{ETC.format('server')}/config.json", keys=anon | keys),)}


def box(port: str) -> dict[str, Any]:
    """A single box whose gateway is configured with a port."""
    keys = {"server": '"http://aen.example.com"', "host": '"aen-server"', "port": port}
    gateway = config("gateway", f"{ETC.format('gateway')}/wk-gateway-config.json", mode=0o600, keys=keys)
    return {"files": (*server_config()["files"], gateway)}


def launcher(**keys: str) -> dict[str, Any]:
    return compute_config(keys={"ANON_USER": '"public"', **keys})


PACKAGES = {"anaconda-client", "python", "ipython-we", "pip"}


def packages(*words: str) -> dict[str, Any]:
    return condarc(create_default_packages=words)


def indexer(state: str) -> tuple[ServiceState, ...]:
    return (service("wakari-indexer", "wakari-compute", state),)


SCRIPTS = {
    "files": (
        *launcher()["files"],
        config("compute-scripts", "/x/scripts/config.json", keys={"projectRoot": '"/data"'}),
    )
}
EXPLAINED: dict[tuple[str, str], set[str]] = {
    ("program-users", "is not seen"): {"working-folders"},
    ("working-folders", "are not seen"): {"program-users", "service-account-apps"},
    ("process-users", "wakari-server-root is stopped"): {"pam-accounts"},
    ("process-users", "could not be seen"): {"pam-accounts"},
    ("anon-user", "denied"): {"project-root"},
    ("config-syntax", "line 4: a comma"): {"pam-accounts"},
}
"""What follows from other shelves' faults."""
CASES = [
    Case(
        "project-root",
        Role.COMPUTE,
        W,
        "/data/projects is the launcher's projectRoot",
        settings=launcher(projectRoot='"/data/projects/"'),
    ),
    Case("project-root", Role.COMPUTE, W, "/data is start-project's projectRoot", settings=SCRIPTS),
    Case(
        "install-folder",
        Role.GATEWAY,
        C,
        "may not write",
        install=placed("wakari-gateway/var/log", replace(FOLDER, writes=False)),
    ),
    Case("install-folder", Role.GATEWAY, C, "is not there", install=placed("", ABSENT)),
    Case("install-folder", Role.GATEWAY, U, "in time", install={"error": "the folders did not answer in time"}),
    Case(
        "install-folder",
        Role.GATEWAY,
        C,
        "mounted noexec",
        {"paths": {PREFIX: path_facts(PREFIX, options="rw,noexec")}},
    ),
    Case("separate-ports", Role.SERVER, C, "both have port 8089", spec=SINGLE_BOX),
    Case("separate-ports", Role.SERVER, C, "both have port 443 (", spec=BEHIND_TLS, settings=box('"443"')),
    Case("wk-server-address", Role.SERVER, W, "listens on 0.0.0.0", install={"listeners": {"5000": ("0.0.0.0",)}}),
    Case(
        "wk-server-address",
        Role.SERVER,
        U,
        "whether it is wk-server",
        {"packages": {"wakari-version": "4.3.1"}},
        {"files": (config("server", f"{ETC.format('server')}/wk-server-config.json", keys={"port": "5000"}),)},
        install={"listeners": {"5000": ("::",)}},
    ),
    Case("wk-server-address", Role.SERVER, W, "listens on ::,", install={"listeners": {"5000": ("::1", "::")}}),
    Case(
        "package-cache",
        Role.COMPUTE,
        W,
        "belongs to alice",
        install=placed("anaconda", replace(FOLDER, uid=1001, owner="alice")),
    ),
    Case("package-cache", Role.COMPUTE, W, "7 packages", install=cached(foreign=("numpy-1.9",), foreign_count=7)),
    Case(
        "package-cache",
        Role.COMPUTE,
        W,
        "by others: numpy-1.9",
        install=cached(closed=("numpy-1.9",), closed_count=1),
    ),
    Case("package-cache", Role.COMPUTE, U, "no such account", install={"account_uid": None}),
    Case(
        "program-users",
        Role.COMPUTE,
        C,
        "runs as root",
        install=running("wk-compute", "root", Role.COMPUTE, folder="/"),
    ),
    Case(
        "program-users",
        Role.SERVER,
        U,
        "runs as uid 70123",
        install=running("wk-server", "70123", Role.SERVER) | {"account_uid": None},
    ),
    Case("program-users", Role.SERVER, C, "runs as 70123", install=running("wk-server", "70123", Role.SERVER)),
    Case(
        "program-users",
        Role.SERVER,
        C,
        "runs as bob",
        install=running("wk-server", "bob", Role.SERVER) | {"account_uid": None},
    ),
    Case(
        "working-folders",
        Role.COMPUTE,
        W,
        "taken away",
        install=running("wk-compute", "wakari", Role.COMPUTE, folder="/srv (deleted)"),
    ),
    Case(
        "working-folders",
        Role.GATEWAY,
        U,
        "may not be seen",
        install=running("wk-gateway", "wakari", Role.GATEWAY),
    ),
    Case(
        "start-project",
        Role.COMPUTE,
        W,
        "may not run",
        install={"paths": {START_PROJECT: replace(PROGRAM, mode=0o644, runs=False)}},
    ),
    Case("boot-enabled", Role.SERVER, W, "elasticsearch does not begin", boot={"elasticsearch": False}),
    Case(
        "boot-enabled",
        Role.SERVER,
        W,
        "wakari-server-root does not begin",
        boot={"wakari-server-root": False},
        services=(WORKER, BY_ROOT),
    ),
    Case(
        "pam-accounts",
        Role.SERVER,
        W,
        "but accounts is the default",
        {"suspended": (SUSPENDED,)},
        services=(WORKER, BY_ROOT),
    ),
    Case("pam-accounts", Role.SERVER, W, "may not ask PAM", OLD, server_config(accounts=PAM)),
    Case("pam-accounts", Role.SERVER, C, "another", services=(WK_SERVER, WORKER, BY_ROOT)),
    Case(
        "condarc-packages",
        Role.COMPUTE,
        W,
        "lacks ipython-we pip",
        settings=condarc(create_default_packages=("python=2.7", "anaconda-client")),
    ),
    *(
        Case("condarc-packages", Role.COMPUTE, W, f"lacks {name}:", settings=packages(*sorted(PACKAGES - {name})))
        for name in sorted(PACKAGES)
    ),
    Case(
        "conda-programs",
        Role.COMPUTE,
        W,
        "bin/conda is not there",
        install=placed("anaconda/bin/conda", ABSENT),
    ),
    Case("conda-programs", Role.COMPUTE, U, "may not be seen", install=placed("anaconda/bin/conda", Placed("unknown"))),
    Case(
        "gateway-tool",
        Role.GATEWAY,
        W,
        "cannot be run (0644)",
        install=placed("wakari-gateway/bin/wk-gateway-configure", replace(PROGRAM, mode=0o644)),
    ),
    Case(
        "gateway-tool",
        Role.GATEWAY,
        U,
        "was not looked for",
        install=placed("wakari-gateway/bin/wk-gateway-configure", Placed("unknown")),
    ),
    Case("install-folder", Role.GATEWAY, C, "mounted ro:", {"paths": {PREFIX: path_facts(PREFIX, options="ro")}}),
    Case("install-folder", Role.GATEWAY, C, "is no folder", install=placed("", PROGRAM)),
    Case("install-folder", Role.GATEWAY, U, "may not be seen", install=placed("", Placed("unknown"))),
    Case(
        "install-folder",
        Role.GATEWAY,
        U,
        "the node does not know its groups",
        install=placed("wakari-gateway/var/log", replace(FOLDER, writes=None)),
    ),
    Case(
        "install-folder",
        Role.GATEWAY,
        U,
        "knows no such account",
        install=placed("wakari-gateway/var/log", replace(FOLDER, writes=None)) | {"account_uid": None},
    ),
    Case(
        "conda-programs",
        Role.COMPUTE,
        W,
        "bin/anaconda is not there",
        install=placed("anaconda/bin/anaconda", ABSENT),
    ),
    Case(
        "conda-programs",
        Role.SERVER,
        W,
        "may not run",
        install=placed("miniconda/bin/conda", replace(PROGRAM, runs=False)),
    ),
    Case("test-environment", Role.COMPUTE, W, "is left", install=placed("test_default", FOLDER)),
    Case(
        "gateway-tool",
        Role.GATEWAY,
        W,
        "cannot be registered",
        install=placed("wakari-gateway/bin/wk-gateway-configure", ABSENT),
    ),
    Case(
        "indexer",
        Role.COMPUTE,
        W,
        "wakari-indexer is FATAL",
        services=indexer("FATAL"),
    ),
    Case("indexer", Role.COMPUTE, W, "wakari-indexer is EXITED", services=indexer("EXITED")),
]
FINE = {
    "packages with what conda may say of them": Case(
        "condarc-packages",
        Role.COMPUTE,
        OK,
        "has anaconda-client",
        settings=packages("anaconda-client >1", "defaults::python>=2.7", " ipython-we", "pip!=8", "=1", "", "numpy"),
    ),
    "a server without the installer's conda": Case(
        "conda-programs", Role.SERVER, OK, "only the installer needs it", install=placed("miniconda/bin/conda", ABSENT)
    ),
    "what something else begins": Case(
        "boot-enabled", Role.SERVER, OK, "elasticsearch is begun by what needs it", boot={"elasticsearch": None}
    ),
    "a server without either": Case("boot-enabled", Role.SERVER, OK, "neither elasticsearch nor", services=(WORKER,)),
    "an indexer that is installed": Case(
        "indexer", Role.COMPUTE, OK, "supervisor has no program", {"packages": {"wakari-indexer": "4.1.2"}}
    ),
} | {
    f"an indexer that is {state}": Case("indexer", Role.COMPUTE, OK, f"is {state}", services=indexer(state))
    for state in ("RUNNING", "STARTING", "unknown", "absent")
}

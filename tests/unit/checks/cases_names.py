"""Names and URLs: what stands where one ought to, and what only looks wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aen_tui.model.node import HttpTarget, NodeName, Role
from aen_tui.model.node_facts import ProjectProcess, ResolvedName
from aen_tui.model.severity import Severity
from tests.support.node_facts import config
from tests.support.preflight_cases import ETC, Case, client, compute_config, condarc, gateway_config

W, C, U, OK = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN, Severity.OK
UNFILLED = "http://[your-server]:8080/conda"
ADDRESSES = (
    ResolvedName("gateway1", ("10.0.0.7", "127.0.0.1"), ("gateway1",)),
    ResolvedName("aen.example.com", ("10.0.0.1",), ("aen.example.com",)),
    ResolvedName("ten.other", ("127.0.0.1",), ("ten.other",)),
)
GATEWAY_URL = HttpTarget(
    "gateway", "http://10.0.0.9:8089", ("/",), NodeName("gateway1"), NodeName("gateway1"), wants_document=True
)
GATEWAY_NAME = replace(GATEWAY_URL, url="http://gateway9.right.example.com:8089")
LATER = {"packages": {"wakari-version": "4.3.1"}}


def registered(host: str, **keys: str) -> dict[str, Any]:
    return gateway_config(keys={"server": '"http://aen.example.com"', "host": f'"{host}"', **keys})


def server_keys(**keys: str) -> dict[str, Any]:
    return {"files": (config("server", f"{ETC.format('server')}/wk-server-config.json", keys=keys),)}


def launcher(path: str) -> dict[str, Any]:
    return {"files": (config("compute", path, keys={"ANON_USER": '"public"'}),)}


def processes(*names: str, place: str = "alice/churn", is_start: bool = False) -> dict[str, Any]:
    found = (ProjectProcess(70 + number, place, name, is_start) for number, name in enumerate(names))
    return {"projects": tuple(found)}


CASES = [
    Case("condarc-channels", Role.COMPUTE, W, "is no URL", settings=condarc(channels=(UNFILLED,))),
    Case("condarc-channels", Role.COMPUTE, W, "http://[x is no URL", settings=condarc(default_channels=("http://[x",))),
    Case("condarc-channels", Role.COMPUTE, W, "not from http://repo", settings=condarc(channels=("defaults",))),
    Case(
        "condarc-channels",
        Role.COMPUTE,
        W,
        "several repositories: one.example.com:80 two.example.com",
        settings=condarc(channels=("http://u:p@one.example.com:80/conda", "http://two.example.com/conda")),
    ),
    Case("client-url", Role.COMPUTE, W, "is no URL", settings=client("http://[your-server]:8080/api")),
    Case("client-url", Role.COMPUTE, W, "filled in", settings=client("http://<your Server>:8080/api")),
    Case("client-url", Role.COMPUTE, W, "publish elsewhere", settings=client()),
    Case(
        "install-name",
        Role.GATEWAY,
        C,
        "http://[your-server]:80, which is no URL",
        settings=gateway_config(keys={"server": '"http://[your-server]:80"'}),
    ),
    Case("install-name", Role.GATEWAY, C, "ten.other", settings=registered("ten.other"), reach={"names": ADDRESSES}),
    Case("install-name", Role.GATEWAY, C, "as 10.0.1.7", settings=registered("10.0.1.7"), reach={"names": ADDRESSES}),
    Case("install-name", Role.GATEWAY, U, "no address is", settings=registered("10.0.1.7")),
    Case(
        "install-name",
        Role.GATEWAY,
        C,
        "as gateway1.wrong.example.com",
        {"hostname": "gateway1.right.example.com"},
        registered("gateway1.wrong.example.com"),
    ),
    Case(
        "install-name",
        Role.GATEWAY,
        C,
        "as gateway9.wrong.example.com",
        settings=registered("gateway9.wrong.example.com"),
        spec={"http": (GATEWAY_NAME,)},
    ),
    Case(
        "install-name",
        Role.GATEWAY,
        C,
        "as gateway9.wrong.example.com",
        {"hostname": "gateway9"},
        registered("gateway9.wrong.example.com"),
        spec={"http": (GATEWAY_NAME,)},
    ),
    Case(
        "install-name",
        Role.GATEWAY,
        C,
        "as http://[x]:80, which is no URL",
        settings=registered("http://[x]:80"),
        connection={"peer": None},
    ),
    Case(
        "install-name",
        Role.COMPUTE,
        C,
        "WAKARI_SERVER in",
        settings=compute_config(keys={"ANON_USER": '"public"', "WAKARI_SERVER": '"http://aen.old.example.com"'}),
    ),
    Case(
        "install-name",
        Role.COMPUTE,
        C,
        "is aen.old.example.com",
        settings=compute_config(keys={"ANON_USER": '"public"', "server": '"aen.old.example.com"'}),
    ),
    Case(
        "install-name", Role.SERVER, C, "*.example.org", settings={"server_names": ("*.example.org", "x.example.com")}
    ),
    Case("install-name", Role.SERVER, C, "is *.ample.com", settings={"server_names": ("*.ample.com",)}),
    Case("install-name", Role.SERVER, C, "is aen.exam.*", settings={"server_names": ("aen.exam.*",)}),
    Case(
        "install-name",
        Role.SERVER,
        C,
        "server_name in",
        settings=server_keys(server_name='"aen.old.example.com"', ANON_USER='"public"'),
    ),
    Case("service-account-apps", Role.COMPUTE, W, "3 processes", apps=processes("node", "python", "cp")),
    Case("service-account-apps", Role.COMPUTE, W, "in /projects/alice (pid", apps=processes("node", place="alice")),
    Case("service-account-apps", Role.COMPUTE, W, "in /projects (pid", apps=processes("node", place="")),
    Case("os-release", Role.GATEWAY, W, "6.4", {"release": "CentOS release 6.4 (Final)", **LATER}),
    Case(
        "anon-user-file",
        Role.COMPUTE,
        W,
        "has it in wk-compute-launcher-config.json",
        {"packages": {"wakari-version": "4.2.1"}},
        launcher("/etc/wakari/config.json"),
    ),
]
EXPLAINED: dict[tuple[str, str], set[str]] = {
    ("anon-user-file", "has it in wk-compute-launcher-config.json"): {"differs"},
    ("condarc-channels", "is no URL"): {"condarc-alias"},
    ("condarc-channels", "http://[x is no URL"): {"condarc-alias"},
    ("condarc-channels", "several repositories: one.example.com:80 two.example.com"): {"condarc-alias"},
    ("install-name", "server_name in"): {"anon-user-file"},
}
FINE = {
    "no local repository": Case(
        "condarc-channels",
        Role.COMPUTE,
        OK,
        "no URL",
        settings={**condarc(channels=("defaults",)), **client()},
    ),
    "the public repositories": Case(
        "client-url",
        Role.COMPUTE,
        OK,
        "api.anaconda.org",
        settings={
            **condarc(channels=("defaults",), channel_alias=("https://conda.anaconda.org",)),
            **client("https://api.anaconda.org"),
        },
    ),
    "the public alias": Case(
        "condarc-alias",
        Role.COMPUTE,
        OK,
        "conda.anaconda.org",
        settings=condarc(channel_alias=("https://conda.anaconda.org",)),
    ),
    "a server that is this machine": Case(
        "install-name", Role.SERVER, OK, "names no server", settings=server_keys(server_host='"127.0.0.1"')
    ),
    "titles": Case(
        "install-name",
        Role.SERVER,
        OK,
        "names no server",
        settings=server_keys(
            site_name='"Acme"',
            domain='"acme.example.org"',
            server="true",
            site='"Acme.org"',
            server_name='"Acme"',
            docs='"http://docs.example.org"',
        ),
    ),
    "a gateway registered by its address": Case(
        "install-name", Role.GATEWAY, OK, "", settings=registered("10.0.0.7"), reach={"names": ADDRESSES}
    ),
    "a gateway registered without its domain": Case(
        "install-name", Role.GATEWAY, OK, "", {"hostname": "gateway1.right.example.com"}, registered("gateway1")
    ),
    "a gateway that knows itself without its domain": Case(
        "install-name", Role.GATEWAY, OK, "", {"hostname": "gateway1"}, registered("gateway1.example.com")
    ),
    "a compute that was installed with the name": Case(
        "install-name",
        Role.COMPUTE,
        OK,
        "as browsers use it",
        settings=compute_config(keys={"ANON_USER": '"public"', "WAKARI_SERVER": '"http://AEN.example.com"'}),
    ),
    "a gateway registered by the address of its URL": Case(
        "install-name", Role.GATEWAY, OK, "", settings=registered("10.0.0.9"), spec={"http": (GATEWAY_URL,)}
    ),
    "a gateway registered by the address that ssh uses": Case(
        "install-name", Role.GATEWAY, OK, "", settings=registered("10.0.0.8"), connection={"peer": "10.0.0.8 OpenSSH"}
    ),
    "a gateway registered as localhost": Case("install-name", Role.GATEWAY, OK, "", settings=registered("localhost")),
    "a gateway registered without a name": Case("install-name", Role.GATEWAY, OK, "", settings=registered("")),
    "a gateway registered by its URL": Case(
        "install-name", Role.GATEWAY, OK, "", settings=registered("http://gateway1:8089")
    ),
    "a gateway whose name is no text": Case(
        "install-name",
        Role.GATEWAY,
        OK,
        "",
        settings=gateway_config(keys={"server": '"http://aen.example.com"', "host": "7"}),
    ),
    "a gateway registered by the name of its URL": Case(
        "install-name", Role.GATEWAY, OK, "", settings=registered("gateway9"), spec={"http": (GATEWAY_NAME,)}
    ),
    "a catch-all in server_name": Case("install-name", Role.SERVER, OK, "", settings={"server_names": ("_",)}),
    "a variable in server_name": Case("install-name", Role.SERVER, OK, "", settings={"server_names": ("$hostname",)}),
    "a domain itself": Case("install-name", Role.SERVER, OK, "", settings={"server_names": (".aen.example.com",)}),
    "a domain in server_name": Case(
        "install-name", Role.SERVER, OK, "", settings={"server_names": ("localhost", ".example.com")}
    ),
    "a wildcard beside another name": Case(
        "install-name", Role.SERVER, OK, "", settings={"server_names": ("other.example.org", "*.example.com")}
    ),
    "a wildcard at the end": Case("install-name", Role.SERVER, OK, "", settings={"server_names": ("aen.example.*",)}),
    "an expression": Case("install-name", Role.SERVER, OK, "", settings={"server_names": ("x.org", "~^(www|aen)")}),
    "a start in progress": Case(
        "service-account-apps", Role.COMPUTE, OK, "runs nothing", apps=processes("node", "conda", "bash", is_start=True)
    ),
    "a later 7.x": Case(
        "os-release", Role.GATEWAY, OK, "4.3.1 is later", {"release": "CentOS Linux release 7.9.2009", **LATER}
    ),
    "the launcher's own file of seed 002": Case(
        "anon-user-file",
        Role.COMPUTE,
        OK,
        "stands in /etc/wakari/compute-launcher-config.json",
        LATER,
        launcher("/etc/wakari/compute-launcher-config.json"),
    ),
    "ANON_USER up to 4.2.0": Case("anon-user-file", Role.COMPUTE, OK, "config.json", settings=compute_config(
        keys={"ANON_USER": '"public"'}
    )),
}  # fmt: skip

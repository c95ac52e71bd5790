"""What is configured departs from what is documented."""

from __future__ import annotations

from datetime import date

from aen_tui.model.node import HttpTarget, NodeName, Role
from aen_tui.model.node_facts import Certificate, Copies, LeftLog, Page, ResolvedName, TextSettings
from aen_tui.model.severity import Severity
from tests.support.node_facts import config
from tests.support.preflight_cases import (
    Case,
    certificate,
    client,
    compute_config,
    condarc,
    gateway_config,
    own_condarc,
    site,
)

PLAIN_ABSENT, TLS_ABSENT = (
    Copies(f"/opt/{name}", f"/etc/nginx/conf.d/{name}", None, f"/etc/nginx/conf.d/{name}: absent")
    for name in ("www.enterprise.conf", "www.enterprise.https.conf")
)
HTTPS = HttpTarget(
    "server", "https://aen.example.com", ("/",), NodeName("aen-server"), NodeName("aen-server"), wants_document=True
)
W, C, U, OK = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN, Severity.OK
PUBLIC = (
    "https://anaconda.org/x",
    "https://conda.binstar.org/x",
    "https://repo.continuum.io/x",
    "https://repo.anaconda.com",
)


CASES = [
    Case("anon-user", Role.COMPUTE, C, "no such account", {"accounts": {"public": None}}),
    Case("anon-user", Role.COMPUTE, W, "not set here", settings=compute_config(keys={}), is_said_by_a_seed=False),
    Case(
        "anon-user", Role.COMPUTE, U, "denied", settings=compute_config(state="unreadable", problem="permission denied")
    ),
    Case(
        "anon-user-file",
        Role.COMPUTE,
        W,
        "has it in config.json",
        settings=compute_config("wk-compute-launcher-config.json", keys={"ANON_USER": '"public"'}),
    ),
    Case(
        "anon-user",
        Role.COMPUTE,
        U,
        "public: getent",
        {"accounts": {"public": None}, "accounts_error": "getent: no answer"},
    ),
    Case(
        "anon-user-file",
        Role.COMPUTE,
        W,
        'ANON_USER is "guest" in /opt/wakari/wakari-compute/etc/wakari/config.json, but',
        settings={
            "files": (
                *compute_config(keys={"ANON_USER": '"guest"'})["files"],
                *compute_config("wk-compute-launcher-config.json", keys={"ANON_USER": '"public"'})["files"],
            )
        },
    ),
    Case(
        "anon-user-file",
        Role.SERVER,
        W,
        "has it in config.json",
        settings={"files": (config("server", "/x/wk-server-config.json", keys={"ANON_USER": '"public"'}),)},
    ),
    Case(
        "install-name",
        Role.GATEWAY,
        C,
        "is wrong.example.com",
        settings=gateway_config(keys={"server": '"http://wrong.example.com:80/x"'}),
    ),
    Case(
        "install-name",
        Role.GATEWAY,
        C,
        "registered as other",
        settings=gateway_config(keys={"host": '"other.example.com"'}),
    ),
    Case("install-name", Role.SERVER, C, "server_name", settings={"server_names": ("aen.old.example.com",)}),
    Case(
        "install-name",
        Role.GATEWAY,
        U,
        "denied",
        settings=gateway_config(state="unreadable", problem="permission denied"),
    ),
    Case(
        "name-resolution",
        Role.GATEWAY,
        C,
        "does not resolve",
        reach={"names": (ResolvedName("aen.example.com", error="does not resolve: x"),)},
    ),
    Case(
        "name-resolution",
        Role.SERVER,
        W,
        "back to no name",
        reach={"names": (ResolvedName("aen.example.com", ("10.0.0.1",)),)},
    ),
    Case(
        "name-resolution",
        Role.GATEWAY,
        W,
        "back to old.example.com, another name",
        reach={"names": (ResolvedName("aen.example.com", ("10.0.0.1",), ("old.example.com",)),)},
    ),
    Case(
        "name-resolution",
        Role.COMPUTE,
        C,
        "does not resolve",
        reach={"names": (ResolvedName("compute1-1", error="does not resolve: x"),)},
    ),
    Case("config-owner", Role.GATEWAY, C, "belongs to root", settings=gateway_config(owner="root", uid=0, keys={})),
    Case(
        "config-owner",
        Role.GATEWAY,
        U,
        "belongs to uid 70123",
        host={"accounts": {"wakari": None}, "accounts_error": "getent: no answer"},
        settings=gateway_config(owner="70123", uid=70123, readable=None, keys={}),
    ),
    Case(
        "config-owner",
        Role.COMPUTE,
        C,
        "may not read",
        settings=compute_config(owner="root", uid=0, mode=0o600, readable=False, keys={"ANON_USER": '"public"'}),
        is_said_by_a_seed=False,
    ),
    Case(
        "config-owner",
        Role.COMPUTE,
        W,
        "everybody",
        settings=compute_config(mode=0o666, keys={"ANON_USER": '"public"'}),
        is_said_by_a_seed=False,
    ),
    Case(
        "config-syntax",
        Role.SERVER,
        C,
        "line 4: a comma",
        settings={
            "files": (
                config(
                    "server", "/x/config.json", state="syntax", line=4, problem="a comma before the closing bracket"
                ),
            )
        },
    ),
    Case("nginx-site", Role.SERVER, W, "differs", settings=site(Copies("/a", "/b", same=False))),
    Case("nginx-site", Role.SERVER, W, "does not read it", settings=site(Copies("/a", "/c", same=True))),
    Case("nginx-site", Role.SERVER, W, "there is no /etc/nginx/nginx.conf", settings=site(problem="absent")),
    Case("nginx-site", Role.SERVER, U, "nginx.conf: denied", settings=site(problem="denied")),
    Case("nginx-site", Role.SERVER, C, "reads no site file", settings=site(PLAIN_ABSENT, TLS_ABSENT)),
    Case("nginx-site", Role.SERVER, C, "reads no site file", settings=site()),
    Case("nginx-site", Role.SERVER, U, "denied", settings=site(Copies("/a", "/b", None, "/a: denied"))),
    Case("gateway-registered", Role.GATEWAY, C, "not registered", settings=gateway_config(state="absent", owner=None)),
    Case(
        "condarc-alias",
        Role.COMPUTE,
        W,
        "does not end in /conda",
        settings=condarc(channel_alias=("http://repo.example.com:8080",)),
    ),
    Case(
        "condarc-alias",
        Role.COMPUTE,
        W,
        "no channel_alias",
        settings=condarc(default_channels=("http://repo.example.com/conda/x",)),
    ),
    Case(
        "condarc-alias",
        Role.COMPUTE,
        W,
        ".condarc has channels, but no channel_alias",
        settings=condarc(channels=("http://repo.example.com:8080/conda/anaconda",)),
    ),
    Case(
        "condarc-alias",
        Role.COMPUTE,
        W,
        "in /home/wakari/.condarc does not end in /conda",
        settings=own_condarc(channel_alias=("http://repo.example.com:8080",)),
    ),
    Case(
        "condarc-alias",
        Role.COMPUTE,
        W,
        "/home/wakari/.condarc has channel_alias http://old.example.com/conda",
        settings=own_condarc(channel_alias=("http://old.example.com/conda",)),
    ),
    Case(
        "condarc-alias",
        Role.COMPUTE,
        U,
        "/home/wakari/.condarc: denied",
        settings={"own_condarc": TextSettings("/home/wakari/.condarc", "unreadable", problem="denied")},
    ),
    Case(
        "condarc-alias",
        Role.COMPUTE,
        U,
        "/home/wakari/.condarc: its filesystem does not answer",
        settings={"own_condarc": TextSettings("/home/wakari/.condarc", "hung", problem="hung")},
    ),
    Case(
        "condarc-channels",
        Role.COMPUTE,
        W,
        "never filled in",
        settings=condarc(channel_alias=("http://<your Anaconda Server name:8080/conda",)),
    ),
    Case("condarc-channels", Role.COMPUTE, W, "filled in", settings=condarc(channels=("http://your-server>:80",))),
    Case("condarc-channels", Role.COMPUTE, W, "https://[x is no URL", settings=condarc(channels=("https://[x",))),
    Case("condarc-alias", Role.COMPUTE, W, "has channels", settings=condarc(channels=("http://notanaconda.org/x",))),
    Case("client-url", Role.COMPUTE, W, "conda to http://repo", settings=client("http://other.example.com/api")),
    Case(
        "client-url",
        Role.COMPUTE,
        W,
        "/api",
        settings=client("http://repo.example.com:8080"),
    ),
    Case(
        "install-log",
        Role.SERVER,
        C,
        "others may read",
        settings={"logs": (LeftLog("/tmp/wakari_server.log", 0o644, "root", holds_password=True),)},
    ),
    Case(
        "install-log",
        Role.SERVER,
        W,
        "holds the admin",
        settings={"logs": (LeftLog("/tmp/wakari_server.log", 0o600, "root"),)},
    ),
    Case("certificate-dates", Role.SERVER, C, "expired 3 days", settings={"certificates": (certificate(-3),)}),
    Case("certificate-dates", Role.SERVER, C, "within a day", settings={"certificates": (certificate(0.5),)}),
    Case("certificate-dates", Role.SERVER, W, "very soon", settings={"certificates": (certificate(5),)}),
    Case("certificate-dates", Role.GATEWAY, W, "in 20 days", settings={"certificates": (certificate(20),)}),
    Case(
        "certificate-dates",
        Role.SERVER,
        W,
        "another certificate",
        {},
        {"certificates": (certificate(90),)},
        {"served": (certificate(90, place="aen.example.com:443", fingerprint="bb", is_served=True),)},
        spec={"http": (HTTPS,)},
    ),
    Case(
        "certificate-dates",
        Role.SERVER,
        U,
        "holds no",
        settings={"certificates": (Certificate("/x", "holds no certificate"),)},
    ),
    Case(
        "license",
        Role.SERVER,
        C,
        "wants a license",
        reach={"pages": (Page("server", "http://aen.example.com/", 200, "license"),)},
    ),
    Case(
        "license",
        Role.SERVER,
        U,
        "answer 502",
        reach={"pages": (Page("server", "http://aen.example.com/", 502, "other"),)},
    ),
    Case(
        "license",
        Role.SERVER,
        U,
        "answer 403",
        reach={"pages": (Page("server", "http://aen.example.com/", 403, "login"),)},
    ),
    Case(
        "license",
        Role.SERVER,
        U,
        "leads to https://aen.example.com/, which was not looked at",
        reach={"pages": (Page("server", "http://aen/", 301, "other", onward="https://aen.example.com/"),)},
    ),
    Case(
        "license",
        Role.SERVER,
        U,
        "neither the login page",
        reach={"pages": (Page("server", "http://aen.example.com/", 200, "other"),)},
    ),
    Case(
        "config-syntax",
        Role.COMPUTE,
        U,
        "9 of 10 settings",
        settings=compute_config(
            state="too-big", problem="9 of 10 settings were not looked at", keys={"ANON_USER": '"public"'}
        ),
    ),
    Case("license", Role.SERVER, C, "expired on", inventory={"license_expires": date(2020, 1, 31)}),
]
EXPLAINED: dict[tuple[str, str], set[str]] = {
    ("condarc-channels", "filled in"): {"condarc-alias"},
    ("condarc-channels", "https://[x is no URL"): {"condarc-alias"},
    ("config-syntax", "9 of 10 settings"): {"config-merge", "install-name", "project-root"},
    ("disk-size", "hung"): {"one-filesystem", "acl-support"},
    ("anon-user", "denied"): {"install-name", "anon-user-file", "config-syntax", "config-merge"},
    ("anon-user-file", "has it in config.json"): {"anon-user"},
    ("install-name", "denied"): {"config-syntax", "config-merge"},
    ("config-owner", "belongs to uid 70123"): {"accounts"},
    ("config-syntax", "line 4: a comma"): {"anon-user-file", "config-merge", "install-name"},
}
"""What follows from the fault itself: a file that cannot be read hides what stands in it."""
SERVED = {"place": "aen.example.com:443", "is_served": True}
FINE = {
    "a served certificate whose print is not known": Case(
        "certificate-dates",
        Role.SERVER,
        OK,
        "aen.example.com:443: 90 days",
        settings={"certificates": (certificate(90),)},
        reach={"served": (certificate(90, fingerprint=None, **SERVED),)},
        spec={"http": (HTTPS,)},
    ),
    "a served certificate, and none on disk": Case(
        "certificate-dates",
        Role.SERVER,
        OK,
        "aen.example.com:443: 90 days",
        reach={"served": (certificate(90, **SERVED),)},
        spec={"http": (HTTPS,)},
    ),
    "the same certificate, served": Case(
        "certificate-dates",
        Role.SERVER,
        OK,
        "aen.example.com:443: 90 days",
        settings={"certificates": (certificate(90),)},
        reach={"served": (certificate(90, **SERVED),)},
        spec={"http": (HTTPS,)},
    ),
    "public channels": Case("condarc-alias", Role.COMPUTE, OK, "no channel_alias", settings=condarc(channels=PUBLIC)),
    "no condarc": Case(
        "condarc-channels", Role.COMPUTE, OK, "there is no /x", settings={"condarc": TextSettings("/x", "absent")}
    ),
    "no condarc, no alias": Case(
        "condarc-alias", Role.COMPUTE, OK, "there is no /x", settings={"condarc": TextSettings("/x", "absent")}
    ),
    "an alias that ends in a slash": Case(
        "condarc-alias",
        Role.COMPUTE,
        OK,
        "conda/",
        settings=own_condarc(channel_alias=("http://repo.example.com:8080/conda/",)),
    ),
    "no client's URL and no alias": Case(
        "client-url", Role.COMPUTE, OK, "uses Anaconda.org", settings=client() | condarc(channels=("defaults",))
    ),
    "the log of another installer": Case(
        "install-log", Role.SERVER, OK, "", settings={"logs": (LeftLog("/tmp/wakari_gateway.log", 0o644, "root"),)}
    ),
    "a log that holds no password": Case(
        "install-log",
        Role.SERVER,
        OK,
        "",
        settings={"logs": (LeftLog("/tmp/wakari_server.log", 0o644, "root", holds_password=False),)},
    ),
}

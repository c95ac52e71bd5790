"""Preflight's errands on every Python at hand: what they see, what they mask, and what they make of bad files."""

from __future__ import annotations

import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.node_facts import ConfigFile, SettingsFacts
from aen_tui.sources import requirements_apps, requirements_host, requirements_reach, requirements_settings
from aen_tui.transports.payload import errand_source
from tests.probe.harness import ProbeProcess, namespace

SECRET = "this-is-secret"
ERRAND_SECONDS = 90.0
"""It ends itself after 60."""
CONFIGS = {
    "comma.json": b'{"a": 1,\n "b": [1,\n  2,\n ]\n}',
    "comma-in-text.json": b'{"a": "x,}", "b": "\\",]"}',
    "open.json": b'{"a": 1',
    "list.json": b"[1, 2]",
    "empty.json": b"",
    "binary.json": b"{\x00\xff\xfe\n\x80",
    "deep.json": b"[" * 100_000,
    "good.json": json.dumps(
        {
            "port": 5002,
            "client_secret": SECRET,
            "LDAP": {"BIND_AUTH": SECRET, "URI": "ldaps://ldap"},
            "MONGO_URL": f"mongodb://wakari:{SECRET}@db:27017/x?token={SECRET}",
            "hooks": [f"https://hooks/t/{SECRET}/x", {"api_key": SECRET}],
            "header": f"Bearer {SECRET}",
            "pem": f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        }
    ).encode(),
}
STATES = {
    "comma.json": ("syntax", 3, "a comma before the closing bracket"),
    "comma-in-text.json": ("read", None, None),
    "open.json": ("syntax", None, None),
    "list.json": ("syntax", 1, "not an object of keys and values"),
    "empty.json": ("syntax", 1, "empty"),
    "binary.json": ("syntax", 1, "not UTF-8 text"),
    "good.json": ("read", None, None),
    "huge.json": ("too-big", None, None),
    "absent.json": ("absent", None, None),
    "pipe.json": ("unreadable", None, "not a regular file"),
    "folder.json": ("unreadable", None, "not a regular file"),
}


def errand(python: str, name: str, order: dict[str, Any], **start: Any) -> bytes:
    """The rows of one errand."""
    with ProbeProcess.start(python, start) as probe:
        probe.send({"op": "errand", "rid": 1, "name": name, "source": errand_source(name), "order": order})
        rows = b""
        while True:
            frame = probe.wait(lambda frame: frame.kind == "A", ERRAND_SECONDS)
            rows += frame.data
            if frame.head["end"]:
                assert frame.head["error"] is None, frame.head
                return rows


def settings_of(rows: bytes) -> SettingsFacts:
    """What all rows of an answer say."""
    return requirements_settings.joined([requirements_settings.decode(row) for row in rows.splitlines()])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, content in CONFIGS.items():
        (tmp_path / name).write_bytes(content)
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / ".condarc").write_text(
        "# ours\nchannels:\n    - defaults\ndefault_channels:\n  - http://repo:8080/t/this-is-secret/conda/a # first\n"
        "channel_alias: 'http://repo:8080/conda'\nssl_verify: [a, b]\n"
    )
    (tmp_path / "config.yaml").write_text("url: http://repo:8080/api\ntoken: this-is-secret\n")
    (tmp_path / "wakari_server.log").write_text("Created password 'this-is-secret' for user 'wakari'\n")
    (tmp_path / "site.conf").write_text("server {\n server_name aen.example.com www; # not this: x\n}\n")
    (tmp_path / "nginx.conf").write_text("http {\n include s*.conf;\n # include good.json;\n}\n")
    return tmp_path


def test_settings_of_good_and_bad_files_without_secrets(every_python: str, files: Path) -> None:
    order = {
        "files": [["compute", str(files / name)] for name in STATES],
        "service_account": "nobody",
        "condarc": str(files / ".condarc"),
        "client": str(files / "config.yaml"),
        "logs": [str(files / "wakari_server.log"), str(files / "no.log")],
        "nginx": str(files / "nginx.conf"),
        "copies": [
            [str(files / one), str(files / other)]
            for one, other in (
                ("site.conf", "site.conf"),
                ("site.conf", "good.json"),
                ("site.conf", "no"),
                ("no", "no"),
            )
        ],
        "certificates": [str(files / "good.json"), str(files / "absent.crt")],
    }
    row = errand(every_python, requirements_settings.ERRAND, order)
    assert SECRET.encode() not in row
    facts = settings_of(row)
    found: dict[str, ConfigFile] = {one.path.rpartition("/")[2]: one for one in facts.files}
    for name, (state, line, problem) in STATES.items():
        assert found[name].state == state, (name, found[name])
        assert line is None or found[name].line == line, (name, found[name])
        assert problem is None or found[name].problem == problem, (name, found[name])
    assert found["good.json"].keys["port"] == "5002"
    assert found["good.json"].keys["client_secret"] == '"***"'
    assert json.loads(found["good.json"].keys["LDAP"]) == {"BIND_AUTH": "***", "URI": "ldaps://ldap"}
    assert json.loads(found["good.json"].keys["MONGO_URL"]) == "mongodb://***@db:27017/x?token=***"
    assert found["comma-in-text.json"].keys == {"a": '"x,}"', "b": '"\\",]"'}
    assert facts.condarc is not None and facts.client is not None
    assert facts.condarc.values["channel_alias"] == ("http://repo:8080/conda",)
    assert facts.condarc.values["default_channels"] == ("http://repo:8080/t/***/conda/a",)
    assert facts.condarc.values["ssl_verify"] == ("a", "b")
    assert facts.client.values == {"url": ("http://repo:8080/api",), "token": ("***",)}
    assert [(one.path, one.holds_password) for one in facts.logs] == [(str(files / "wakari_server.log"), True)]
    assert [one.same for one in facts.copies] == [True, False, None]
    assert (facts.copies[2].problem or "").endswith("/no: absent")
    assert facts.server_names == ("aen.example.com", "www")
    assert facts.nginx is not None and facts.nginx.problem is None
    assert facts.nginx.files == tuple(str(files / name) for name in ("nginx.conf", "site.conf"))
    assert [one.error for one in facts.certificates] == ["holds no certificate"]


def test_nesting_without_end_is_no_configuration(every_python: str, files: Path) -> None:
    order = {"files": [["compute", str(files / "deep.json")]]}
    facts = requirements_settings.decode(errand(every_python, requirements_settings.ERRAND, order))
    assert facts.files[0].state == "syntax"


def test_the_machine(every_python: str, tmp_path: Path) -> None:
    program = tmp_path / "mongod"
    program.write_text("#!/bin/sh\necho db version v2.6.10\necho git version: 5901dbf >&2\n")
    program.chmod(0o755)
    stuck = tmp_path / "stuck"
    stuck.write_text("#!/bin/sh\nexit 3\n")
    stuck.chmod(0o755)
    order = {
        "paths": ["/", str(tmp_path / "none")],
        "accounts": ["root", "nobody-here"],
        "programs": {
            "mongod": {"paths": [str(tmp_path / "mongo*")], "argv": ["--version"]},
            "stuck": {"paths": [str(stuck)], "argv": []},
            "java": {"paths": [str(tmp_path / "java")], "argv": ["-version"]},
        },
        "libraries": {"a": [str(tmp_path / "mon*")], "b": [str(tmp_path / "none*")]},
        "ports": [1],
        "prefixes": [str(tmp_path), str(tmp_path / "none")],
    }
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta/wakari-version-4.1.2-0.json").write_text("{}")
    (tmp_path / "etc/supervisord/conf.d").mkdir(parents=True)
    (tmp_path / "etc/supervisord/conf.d/wk-server.conf.SUSPEND").write_text("")
    facts = requirements_host.decode(errand(every_python, requirements_host.ERRAND, order))
    assert facts.paths["/"].acl in ("yes", "no")
    assert (facts.paths["/"].total_bytes or 0) > 0
    assert facts.paths[str(tmp_path / "none")].error == "absent"
    root = facts.accounts["root"]
    assert root is not None and (root.uid, root.has_home) == (0, True)
    assert facts.accounts["nobody-here"] is None
    mongod = facts.programs["mongod"]
    assert mongod is not None and mongod.text == "db version v2.6.10 / git version: 5901dbf"
    assert facts.programs["java"] is None
    assert facts.libraries == {"a": True, "b": False}
    assert facts.packages == {"wakari-version": "4.1.2"}
    assert facts.packages_of == {str(tmp_path): {"wakari-version": "4.1.2"}, str(tmp_path / "none"): {}}
    assert facts.ports == {"1": False}
    assert facts.suspended == (str(tmp_path / "etc/supervisord/conf.d/wk-server.conf.SUSPEND"),)


def test_selinux_and_mount_options_of_a_root(every_python: str, tmp_path: Path) -> None:
    (tmp_path / "etc/selinux").mkdir(parents=True)
    (tmp_path / "etc/selinux/config").write_text("# SELINUX=disabled\nSELINUX = Enforcing\nSELINUXTYPE=targeted\n")
    (tmp_path / "sys/fs/selinux").mkdir(parents=True)
    (tmp_path / "sys/fs/selinux/enforce").write_text("0")
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mounts").write_text("/dev/sda1 / xfs rw 0 0\n/dev/sdb1 /projects ext4 rw,noacl 0 0\n")
    (tmp_path / "projects").mkdir()
    row = errand(every_python, "requirements", {"paths": ["/projects"]}, root=str(tmp_path))
    facts = requirements_host.decode(row)
    assert facts.selinux.running == "permissive"
    assert facts.selinux.files == {"/etc/selinux/config": "enforcing"}
    assert (facts.paths["/projects"].filesystem, facts.paths["/projects"].options) == ("ext4", "rw,noacl")


def test_processes_in_projects(every_python: str, tmp_path: Path) -> None:
    """One by its folder, one by its arguments; the account is whoever runs the tests."""
    import pwd

    home = tmp_path / "alice/churn"
    home.mkdir(parents=True)
    by_folder = subprocess.Popen(["sleep", "300"], cwd=home)
    by_words = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", f"--dir={tmp_path}/bob/fraud/x"])
    try:
        order = {"projects_root": str(tmp_path), "service_account": pwd.getpwuid(os.getuid()).pw_name}
        facts = requirements_apps.decode(errand(every_python, requirements_apps.ERRAND, order))
        assert {(one.pid, one.project) for one in facts.projects} >= {
            (by_folder.pid, "alice/churn"),
            (by_words.pid, "bob/fraud"),
        }
        assert not [one for one in facts.projects if one.is_start]
    finally:
        for process in (by_folder, by_words):
            process.kill()
            process.wait()


LEADS = {
    "/": "/license",
    "/in/here?x=1": "../in/to?next=//x/#part",
    "/in/../in/to?next=//x/": "http://{host}/login",
    "/tls": "https://aen.example.com/login?session=this-is-secret",
    "/away": "//aen.example.com/login",
    "/circle": "circle",
}
SHOWN = {
    "/license": (200, b"<h1>Your license has <b>expired</b></h1>"),
    "/login": (200, b"<style>.license-expired{}</style><input type='password'>"),
    "/nginx": (200, b"<h1>Welcome to nginx!</h1>"),
    "/denied": (403, b"<h1>403 Forbidden</h1>"),
}


class Pages(http.server.BaseHTTPRequestHandler):
    """A server that leads on to the page that wants a license, and elsewhere."""

    def do_GET(self) -> None:
        if self.path in LEADS:
            self.send_response(302)
            self.send_header("Location", LEADS[self.path].replace("{host}", self.headers["Host"]))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        code, body = SHOWN[self.path]
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[str, int]]:
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    if request.param == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "crt", certificate / "key")
        running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield request.param, running.server_port
    running.shutdown()
    thread.join()
    running.server_close()


def test_pages_names_and_certificates(every_python: str, server: tuple[str, int], certificate: Path) -> None:
    scheme, port = server
    order: dict[str, Any] = {"names": ["localhost", "no-such-name.invalid"]}
    if scheme == "http":
        order |= requirements_reach.pages_of([])
        asked = ("/", "/login", "/in/here?x=1", "/nginx", "/denied", "/tls", "/away", "/circle")
        order["pages"] = [["server", f"http://127.0.0.1:{port}{path}"] for path in asked]
    else:
        order["tls"] = [["aen.example.com", "127.0.0.1", port]]
    facts = requirements_reach.decode(errand(every_python, requirements_reach.ERRAND, order))
    there, nowhere = facts.names
    assert there.addresses and there.back and there.error is None
    assert not nowhere.addresses and nowhere.error
    if scheme == "http":
        kinds = [(one.code, one.kind) for one in facts.pages]
        assert kinds[:4] == [(200, "license"), (200, "login"), (200, "login"), (200, "other")]
        assert kinds[4:] == [(403, "other"), *[(302, "other")] * 3]
        assert facts.pages[0].url.endswith("/license")
        assert [one.onward for one in facts.pages[:5]] == [None] * 5
        circle = f"http://127.0.0.1:{port}/circle"
        elsewhere = ["https://aen.example.com/login", "http://aen.example.com/login", circle]
        assert [one.onward for one in facts.pages[5:]] == elsewhere
    else:
        (seen,) = facts.served
        settings = {"certificates": [str(certificate / "c*")]}
        lies, first, second = settings_of(errand(every_python, "settings", settings)).certificates
        assert lies.place.endswith("/crt") and second.place.endswith("/crt-bundle.pem, certificate 2")
        assert first.fingerprint == lies.fingerprint
        assert seen.names == lies.names == ("aen.example.com",)
        assert seen.fingerprint == lies.fingerprint
        assert seen.not_after == lies.not_after


def test_ports_of_other_hosts(every_python: str) -> None:
    """One that speaks first, one that takes connections and is silent, one that hangs up, one that is closed."""
    greeting, silent = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))  # nobody else gets the port, and nobody listens on it

    def greet() -> None:
        one, _ = greeting.accept()
        one.sendall(b"SSH-2.0-x\r\n")
        one.close()
        two, _ = greeting.accept()
        two.close()

    thread = threading.Thread(target=greet)
    thread.start()
    ports = [one.getsockname()[1] for one in (greeting, greeting, silent, silent, closed)]
    wanted = [["127.0.0.1", port, speaks] for port, speaks in zip(ports, (1, 1, 1, 0, 0), strict=True)]
    order = {"ports": [*wanted, ["no-such-name.invalid", 22, 1]]}
    facts = requirements_reach.decode(errand(every_python, requirements_reach.ERRAND, order))
    thread.join()
    for one in (greeting, silent, closed):
        one.close()
    assert [one.port for one in facts.ports] == [*ports, 22]
    spoke, hung_up, mute, taken, refused, nowhere = (one.error for one in facts.ports)
    assert spoke is None and taken is None
    assert hung_up == "closed without a word" and mute is not None and "timed out" in mute
    assert refused == "connection refused" and nowhere


@pytest.mark.parametrize("row", [b"\xff", b"[]", b'{"files": 3}', b'{"files": [{"path": 1}]}', b'{"files": null}'])
def test_an_answer_that_is_nonsense_is_an_error_of_its_own_kind(row: bytes) -> None:
    from aen_tui.errors import ProbeError

    for source in (requirements_settings, requirements_host, requirements_apps, requirements_reach):
        try:
            source.decode(row)
        except ProbeError:
            continue
        assert row.startswith(b'{"files"') and source in (requirements_apps, requirements_reach)


def test_that_others_processes_are_hidden_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    names = namespace()
    exec(errand_source(requirements_apps.ERRAND), names)
    rows: list[dict[str, Any]] = []
    for uid, of_init, is_blind in ((498, "", True), (498, "1 (init) S", False), (0, "", False)):
        monkeypatch.setattr(os, "geteuid", lambda uid=uid: uid)
        names["peek"] = lambda path, *_, of_init=of_init: of_init if path == b"/proc/1/stat" else ""
        names["run"]({"service_uid": 498}, rows.append)
        blind = requirements_apps.decode(json.dumps(rows.pop()).encode()).blind
        assert (blind == "/proc shows this account its own processes only (hidepid)") is is_blind
        assert is_blind or blind is None

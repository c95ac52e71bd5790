"""The errand `settings` on every Python at hand: what nginx includes, whose condarc, which certificates."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from aen_tui.model.node_facts import TextSettings
from aen_tui.sources import requirements_settings
from aen_tui.transports.payload import errand_source
from tests.probe.harness import namespace
from tests.probe.test_looking import never_answering, silent_fuse
from tests.probe.test_preflight_errands import errand, settings_of

__all__ = ["silent_fuse"]
_NEW_IPC = 0x08000000
SITE = "/opt/wakari/wakari-server/etc/conf.d"


@pytest.mark.parametrize(
    ("includes", "problem", "files", "named"),
    [
        ("conf.d/*.conf", None, ["/etc/nginx/conf.d/a.conf"], ["/etc/ssl/a.crt: absent"]),
        (f"'{SITE}/*.conf'", None, [f"{SITE}/b.conf"], ["/etc/ssl/b.crt: absent"]),
        ("/opt/*/wakari-*/etc/conf.d/b.conf", None, [f"{SITE}/b.conf"], ["/etc/ssl/b.crt: absent"]),
        ("./conf.d/../conf.d/*.conf", None, ["/etc/nginx/conf.d/a.conf"], ["/etc/ssl/a.crt: absent"]),
        ("conf.d/.*.conf", None, ["/etc/nginx/conf.d/.a.conf"], ["/etc/ssl/a.crt: absent"]),
        ("nginx.conf; include none.conf", None, [], []),
        ("pipe", None, ["/etc/nginx/pipe"], []),
        (None, "absent", ["/etc/nginx/conf.d/a.conf"], ["/etc/ssl/a.crt: absent"]),
        ("#" * 300_000, "/etc/nginx/nginx.conf is longer than 262144 bytes", [], []),
    ],
)
def test_what_nginx_reads_is_what_it_includes(
    every_python: str, tmp_path: Path, includes: str | None, problem: str | None, files: list[str], named: list[str]
) -> None:
    for folder, name in (("/etc/nginx/conf.d", "a"), (SITE, "b")):
        (tmp_path / folder[1:]).mkdir(parents=True)
        site = f"server_name {name};\nssl_certificate /etc/ssl/{name}.crt; ssl_certificate /etc/$host.crt;"
        for file in (f"{name}.conf", f".{name}.conf"):  # glob(3) takes hidden ones only where the pattern has the dot
            (tmp_path / folder[1:] / file).write_text(site)
    os.mkfifo(tmp_path / "etc/nginx/pipe")
    if includes is not None:
        (tmp_path / "etc/nginx/nginx.conf").write_text(f"http {{ include {includes}; }}")
    order = {"nginx": requirements_settings.NGINX_CONF}
    facts = settings_of(errand(every_python, "settings", order, root=str(tmp_path)))
    assert facts.nginx is not None and facts.nginx.problem == problem
    own = [requirements_settings.NGINX_CONF] if includes is not None else []
    assert list(facts.nginx.files) == [*own, *files]
    assert list(facts.server_names) == [Path(one).stem.lstrip(".") for one in files if one.endswith(".conf")]
    assert [f"{one.place}: {one.error}" for one in facts.certificates] == named


@pytest.mark.parametrize(
    "words",
    [
        "server_name " * 20_000 + "{",
        "server_name" + " " * 240_000 + "{",
        "include " * 30_000 + "{",
        "".join(f"include /x{number};" for number in range(101)),
        "include nginx.conf; include /*.conf;" * 6_000,
    ],
    ids=["names", "blanks", "includes", "many files", "again and again"],
)
def test_a_hostile_site_is_gone_through_once(every_python: str, tmp_path: Path, words: str) -> None:
    (tmp_path / "etc/nginx").mkdir(parents=True)
    long = "x" * 1000
    (tmp_path / "etc/nginx/nginx.conf").write_text(f"{words} server_name late {long}; }}")
    order = {"nginx": requirements_settings.NGINX_CONF}
    facts = requirements_settings.decode(errand(every_python, "settings", order, root=str(tmp_path)))
    assert facts.nginx is not None and list(facts.nginx.files) == [requirements_settings.NGINX_CONF]
    assert facts.nginx.problem == ("more than 100 files are included" if "/x100;" in words else None)
    assert facts.server_names[0] == "late" and len(facts.server_names[1]) <= 300


def test_condarc_of_an_account_and_what_is_no_condarc(every_python: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("wakari:x:498:498::/home/wakari:/bin/sh\n")
    (tmp_path / "home/wakari").mkdir(parents=True)
    (tmp_path / "home/wakari/.condarc").write_text("channels: [http://repo/x]\n")
    (tmp_path / "long").write_text("channel_alias: http://repo/conda\n" + "#" * 1_048_576)
    (tmp_path / "binary").write_bytes(b"channel_alias: http://repo/conda\n\0")
    found = {}
    for name in ("long", "binary", "none"):
        order = {"condarc": f"/{name}", "own_condarc": True, "service_account": "wakari"}
        facts = requirements_settings.decode(errand(every_python, "settings", order, root=str(tmp_path)))
        assert facts.condarc is not None and facts.own_condarc is not None
        found[name] = (facts.condarc.state, facts.condarc.problem, facts.condarc.values)
        assert facts.own_condarc.path == "/home/wakari/.condarc"
        assert facts.own_condarc.values == {"channels": ("http://repo/x",)}
    assert found == {
        "long": ("too-big", "longer than 1048576 bytes", {}),
        "binary": ("unreadable", "not text", {}),
        "none": ("absent", None, {}),
    }


def test_a_long_condarc_is_read_as_far_as_there_is_room(every_python: str, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("wakari:x:498:498::/home/wakari:/bin/sh\n")
    (tmp_path / "home/wakari").mkdir(parents=True)
    said = "# \u2603\n" * 50_000 + "channels:\n  - http://repo/t/tk-PLANTED-0/conda/x\nproxy_password: PLANTED\n"
    (tmp_path / "remarks").write_text(said)
    listed = "".join(f"list-{number}:\n" + "  - \u2603\n" * 100 for number in range(200))
    (tmp_path / "lists").write_text(listed + "channel_alias: http://repo/conda\n")
    (tmp_path / "home/wakari/.condarc").write_text(listed)
    found = {}
    for name in ("remarks", "lists"):
        order = {"condarc": f"/{name}", "client": "/lists", "own_condarc": True, "service_account": "wakari"}
        row = errand(every_python, "settings", order, root=str(tmp_path))
        assert len(row) < 200_000 and "PLANTED" not in str(row)  # of ROW_CAP, 262,144
        facts = requirements_settings.decode(row)
        assert facts.condarc is not None
        found[name] = facts.condarc
    assert found["remarks"].state == "read"
    assert found["remarks"].values == {"channels": ("http://repo/t/***/conda/x",), "proxy_password": ("***",)}
    assert found["lists"].state == "too-big" and (found["lists"].problem or "").endswith("or they are too long")
    assert found["lists"].values["channel_alias"] == ("http://repo/conda",)


def test_big_configurations_leave_room_for_the_others(every_python: str, tmp_path: Path) -> None:
    """Legal ones, in words that take six bytes a character on the way."""
    big = {"ANON_USER": "public", **{f"key-{number}": "\u2603" * 2500 for number in range(115)}}
    many = {f"key-{number:03}": number for number in range(400)}
    contents = {"big-1": big, "big-2": big, "big-3": big, "big-4": big, "big-5": big, "many": many, "fine": {"port": 1}}
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content, ensure_ascii=False))
    order = {"files": [["compute", f"/{name}"] for name in contents]}
    row = errand(every_python, "settings", order, root=str(tmp_path))
    assert len(row) < 200_000  # of ROW_CAP, 262,144
    files = {one.path: one for one in requirements_settings.decode(row).files}
    assert files["/fine"].state == "read" and files["/fine"].keys == {"port": "1"}
    for name in ("/big-1", "/big-3"):
        one = files[name]
        assert (one.state, one.keys["ANON_USER"]) == ("too-big", '"public"') and len(one.sha256 or "") == 64
        assert (one.problem or "").endswith(
            "of 116 settings were not looked at: there are too many, or they are too long"
        )
    assert len(files["/many"].keys) == 300 and (files["/many"].problem or "").startswith("100 of 400 settings")


def test_who_may_read_a_file_is_told_by_owner_group_and_bits(every_python: str, tmp_path: Path) -> None:
    """Under a root of its own, whose accounts are made up."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(f"wakari:x:{os.getuid()}:7777::/:/bin/sh\nother:x:4242:7778::/:/bin/sh\n")
    (root / "etc/group").write_text(f"mine:x:{os.getgid()}:other\n")  # whose own group is of another machine
    for mode in (0o600, 0o640, 0o604, 0o000):
        (root / f"{mode:o}.json").write_text("{}")
        (root / f"{mode:o}.json").chmod(mode)
    paths = [["compute", f"/{mode}.json"] for mode in ("600", "640", "604", "0")]
    seen = {}
    for account in ("wakari", "other", "nobody-here"):
        row = errand(every_python, "settings", {"files": paths, "service_account": account}, root=str(root))
        seen[account] = [one.readable for one in requirements_settings.decode(row).files]
    is_root = os.getuid() == 0  # an account with uid 0 reads everything
    assert seen["wakari"] == [True, True, True, is_root]
    assert seen["other"] == [False, True, False, False]
    assert seen["nobody-here"] == [None] * 4
    (root / "etc/group").write_text("")
    row = errand(every_python, "settings", {"files": paths, "service_account": "other"}, root=str(root))
    assert [one.readable for one in requirements_settings.decode(row).files] == [False, None, None, False]


def test_of_a_big_bundle_the_certificates_that_end_first_are_looked_at(
    every_python: str, certificate: Path, tmp_path: Path
) -> None:
    """And of other PEM files that lie beside them none, but where nginx is told to serve one."""
    lasting = (certificate / "crt").read_bytes()
    for name, days in (("soon", 1), ("late", 12_000)):  # UTCTime ends in 2049, GeneralizedTime begins
        make = f"openssl req -x509 -key key -days {days} -subj /CN={name} -out {tmp_path}/{name}"
        subprocess.run(make.split(), cwd=certificate, check=True, capture_output=True)
    soon, late = ((tmp_path / name).read_bytes() for name in ("soon", "late"))
    (tmp_path / "ca.pem").write_bytes(late * 3 + lasting * 19 + soon)
    (tmp_path / "dh.pem").write_text("-----BEGIN DH PARAMETERS-----\nMIIBCAKCAQEA\n-----END DH PARAMETERS-----\n")
    (tmp_path / "gateway-key.pem").write_bytes((certificate / "key").read_bytes())
    (tmp_path / "none.pem").write_text("nothing of the kind")
    (tmp_path / "x509.pem").write_text("-----BEGIN TRUSTED CERTIFICATE-----\n")
    with (tmp_path / "zeros.pem").open("wb") as file:
        file.truncate(2 * 1024 * 1024)
    (tmp_path / "nginx.conf").write_text(f"ssl_certificate {tmp_path}/dh.pem;")
    order = {"certificates": [str(tmp_path / "*.pem")], "nginx": str(tmp_path / "nginx.conf")}
    found = settings_of(errand(every_python, "settings", order)).certificates
    places = {one.place.rpartition("/")[2]: one for one in found}
    ca = [one for one in found if "/ca.pem" in one.place]
    assert [one.names for one in ca] == [("late",), *[("aen.example.com",)] * 18, ("soon",)]
    assert "ca.pem, certificate 23" in places
    others = {name: one.error for name, one in places.items() if "ca.pem" not in name}
    assert others == dict.fromkeys(("dh.pem", "none.pem", "x509.pem", "zeros.pem"), "holds no certificate")


def test_certificates_without_end_are_not_passed_over_in_silence(
    every_python: str, certificate: Path, tmp_path: Path
) -> None:
    """Ten big bundles are looked at whole; of thirty each as far as there is room, and of a small file all."""
    many = (certificate / "crt").read_bytes() * 20
    for number in range(102):
        (tmp_path / f"{number:03}.pem").write_bytes(many if number < 30 else many[: len(many) // 20])
    order = {"certificates": [str(tmp_path / "*.pem")]}
    rows = errand(every_python, "settings", order)
    assert len(rows) < 640 * 1024 and max(len(row) for row in rows.splitlines()) < 256 * 1024
    *found, files = settings_of(rows).certificates
    left = [one for one in found if one.error is not None]
    assert len(left) == 30 and all("more certificates were not looked at" in str(one.error) for one in left)
    assert sum(one.error is None and ", certificate " not in one.place for one in found) == 70
    assert files.place.endswith("/100.pem") and files.error == "this and 1 more files were not looked at"
    for number in range(10, 102):
        (tmp_path / f"{number:03}.pem").unlink()
    whole = settings_of(errand(every_python, "settings", order)).certificates
    assert [one.error for one in whole] == [None] * 200


@pytest.fixture
def home_elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A filesystem that is not local, and answers: message queues, each of which reads as a line of figures."""
    libc = ctypes.CDLL(None, use_errno=True)
    place = tmp_path / "queues"
    place.mkdir()
    with ExitStack() as stack:  # queues are a namespace's, as long as that is there: these are nobody else's
        before = stack.enter_context(Path("/proc/self/ns/ipc").open())
        if libc.unshare(_NEW_IPC):
            pytest.skip("mounting needs root")
        stack.enter_context(Path("/proc/self/ns/ipc").open())
        is_mounted = libc.mount(b"aen", os.fsencode(place), b"mqueue", 0, None) == 0
        libc.setns(before.fileno(), _NEW_IPC)
        if not is_mounted:
            pytest.skip("mounting needs root")
        yield place
        libc.umount2(os.fsencode(place), 2)


def own_condarc(python: str, root: Path, home: str) -> TextSettings:
    """What is seen of an account's, whose home is below a root."""
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/passwd").write_text(f"wakari:x:498:498::{home}:/bin/sh\n")
    order = {"own_condarc": True, "service_account": "wakari"}
    found = settings_of(errand(python, "settings", order, root=str(root))).own_condarc
    assert found is not None
    return found


def test_the_condarc_of_a_home_elsewhere_is_read(every_python: str, tmp_path: Path, home_elsewhere: Path) -> None:
    assert own_condarc(every_python, tmp_path, "/queues").state == "absent"
    (home_elsewhere / ".condarc").touch()
    found = own_condarc(every_python, tmp_path, "/queues")
    assert (found.state, found.problem, list(found.values)) == ("read", None, ["QSIZE"])


def test_a_long_file_of_a_home_elsewhere_comes_whole(tmp_path: Path) -> None:
    names = namespace()
    exec(errand_source("settings"), names)
    (tmp_path / "long").write_bytes(b"# long\n" * 60_000)
    mine = ["me", "x", str(os.geteuid()), str(os.getegid())]
    assert names["of_home"](str(tmp_path / "long"), mine, 1_048_576) == (b"# long\n" * 60_000, None)
    assert len(names["of_home"](str(tmp_path / "long"), mine, 100_000)[0]) == 100_001


def test_a_home_that_does_not_answer_is_hung_and_delays_little_else(
    every_python: str, tmp_path: Path, silent_fuse: Path
) -> None:
    found = own_condarc(every_python, tmp_path, f"/{silent_fuse.name}")
    assert (found.state, found.problem) == ("hung", "hung")


def test_what_root_may_not_see_the_account_itself_looks_at(every_python: str) -> None:
    """As over NFS with root_squash: what FUSE mounts for an account only that one may look at."""
    with TemporaryDirectory() as name, never_answering(Path(name, "home"), owner=498):
        Path(name).chmod(0o755)
        assert own_condarc(every_python, Path(name), "/home").state == "hung"

"""The errand that looks at an installation, on every Python at hand: real folders, sockets and processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from aen_tui.model.install_facts import InstallFacts
from aen_tui.model.node import NodeName, Role
from aen_tui.sources import requirements_boot, requirements_installed
from tests.probe.test_preflight_errands import errand
from tests.support.states import inventory

ME = os.getuid()
SLEEP = "import time, sys; print(1, flush=True); time.sleep(300)"
STARTS = (
    "import os, subprocess, sys, time; os.chdir(sys.argv[2]); subprocess.Popen([sys.executable, '-c', sys.argv[1]])"
)


def looked(python: str, **order: object) -> InstallFacts:
    root = order.pop("root", "")
    return requirements_installed.decode(errand(python, requirements_installed.ERRAND, order, root=str(root)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A node's root with made-up accounts: files there belong to whoever runs the tests, here called wakari."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(f"root:x:0:0::/root:/bin/sh\nwakari:x:{ME}:{os.getgid()}::/:/bin/sh\n")
    (tmp_path / "etc/group").write_text("x:x:77:wakari\n")
    for folder in ("opt/wakari/wakari-compute/lib/node_modules/launcher/scripts", "opt/wakari/anaconda/pkgs"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def test_paths_their_owners_and_what_the_account_may(every_python: str, root: Path) -> None:
    prefix = root / "opt/wakari"
    (prefix / "tool").write_text("")
    (prefix / "tool").chmod(0o644)
    (prefix / "run").write_text("")
    (prefix / "run").chmod(0o755)
    names = ("tool", "run", "none", "")
    facts = looked(every_python, root=root, paths=[f"/opt/wakari/{name}".rstrip("/") for name in names])
    tool, run, none, top = (facts.paths[f"/opt/wakari/{name}".rstrip("/")] for name in names)
    assert facts.account_uid == ME
    assert (tool.kind, tool.owner, tool.mode, tool.runs) == ("file", "wakari" if ME else "root", 0o644, False)
    assert (run.runs, run.writes) == (True, True)
    assert none.kind == "absent" and none.owner is None
    assert (top.kind, top.uid) == ("folder", ME)


def test_another_account_may_less_and_an_unknown_one_is_not_judged(every_python: str, root: Path) -> None:
    (root / "etc/passwd").write_text("other:x:4242:4242::/:/bin/sh\n")
    folder = root / "opt/wakari"
    folder.chmod(0o755)
    seen = looked(every_python, root=root, service_account="other", paths=["/opt/wakari"]).paths["/opt/wakari"]
    assert (seen.writes, seen.runs) == (False, True)
    for mode, runs in ((0o700, True), (0o600, False)):
        (folder / "tool").write_text("")
        (folder / "tool").chmod(mode)
        as_root = looked(every_python, root=root, service_uid=0, paths=["/opt/wakari/tool"]).paths["/opt/wakari/tool"]
        assert as_root.runs is runs and as_root.writes is True
    nobody = looked(every_python, root=root, service_account="nobody-here", paths=["/opt/wakari"])
    assert nobody.account_uid is None and nobody.paths["/opt/wakari"].writes is None
    told = looked(every_python, root=root, service_account="ldap", service_uid=4242, paths=["/opt/wakari"])
    assert told.account_uid == 4242 and told.paths["/opt/wakari"].writes is False
    folder.chmod(0o770)  # a directory knows its groups, /etc/group does not
    told = looked(every_python, root=root, service_account="ldap", service_uid=4242, paths=["/opt/wakari"])
    assert (told.paths["/opt/wakari"].writes, told.paths["/opt/wakari"].runs) == (None, None)
    seen = looked(every_python, root=root, service_account="other", paths=["/opt/wakari"]).paths["/opt/wakari"]
    assert (seen.writes, seen.runs) == (False, False)


def test_the_package_cache(every_python: str, root: Path) -> None:
    cache = root / "opt/wakari/anaconda/pkgs"
    for name, mode in (("numpy-1.9", 0o755), ("secret-1.0", 0o750), (".trash", 0o700)):
        (cache / name).mkdir(mode=mode)
        (cache / name).chmod(mode)
    (cache / "numpy-1.9.tar.bz2").write_text("")
    place = "/opt/wakari/anaconda/pkgs"
    found = looked(every_python, root=root, cache=place).cache
    assert found is not None
    assert (found.count, found.foreign_count, found.closed) == (4, 0, ("secret-1.0",))
    if ME:
        others = looked(every_python, root=root, cache=place, service_uid=ME + 1).cache
        assert others is not None and others.foreign_count == 4
    assert looked(every_python, root=root, cache="/no/such").cache is None


def test_a_file_of_which_no_page_tells_the_place(every_python: str, root: Path) -> None:
    scripts = root / "opt/wakari/wakari-compute/lib/node_modules/launcher"
    (scripts / "skeleton").mkdir()
    (scripts / "skeleton/start-project").write_text("")
    order = {
        "start-project": ["/opt/wakari/wakari-compute/bin", "/opt/wakari/wakari-compute/lib/node_modules/launcher"]
    }
    assert looked(every_python, root=root, find=order).found == {"start-project": None}
    (scripts / "scripts/start-project").write_text("")
    found = looked(every_python, root=root, find=order)
    path = "/opt/wakari/wakari-compute/lib/node_modules/launcher/scripts/start-project"
    assert found.found == {"start-project": path} and found.paths[path].kind == "file"


def test_addresses_of_listeners(every_python: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as local, socket.create_server(("0.0.0.0", 0)) as everywhere:
        ports = [one.getsockname()[1] for one in (local, everywhere)]
        found = looked(every_python, ports=[*ports, 1]).listeners
        assert found == {str(ports[0]): ("127.0.0.1",), str(ports[1]): ("0.0.0.0",), "1": ()}
        shared = looked(every_python, root=tmp_path, address="127.0.0.1", ports=ports).listeners
        assert shared == {str(ports[0]): ("127.0.0.1",), str(ports[1]): ()}, "a machine of several nodes"
    if socket.has_dualstack_ipv6():
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as six:
            port = six.getsockname()[1]
            assert looked(every_python, ports=[port]).listeners == {str(port): ("::1",)}


def test_programs_with_their_users_and_working_folders(every_python: str, tmp_path: Path) -> None:
    """A supervisord by its arguments, what it has started, and a wk-server that it has not."""
    supervisord = tmp_path / "wakari-compute/bin/supervisord"
    supervisord.parent.mkdir(parents=True)
    supervisord.write_text(f"{STARTS}\nprint(1, flush=True)\ntime.sleep(300)\n")
    gone = tmp_path / "gone"
    gone.mkdir()
    alone = tmp_path / "bin/wk-server"
    alone.parent.mkdir()
    alone.write_text(SLEEP)
    pipe = {"stdout": subprocess.PIPE, "text": True}
    one = subprocess.Popen([sys.executable, str(supervisord), SLEEP, str(gone)], **pipe)  # type: ignore[call-overload]
    two = subprocess.Popen([sys.executable, str(alone)], cwd="/", **pipe)  # type: ignore[call-overload]
    child = 0
    try:
        assert [one.stdout.readline(), one.stdout.readline(), two.stdout.readline()] == ["1\n"] * 3
        gone.rmdir()
        rows = looked(every_python).processes
        child = next(row.pid for row in rows if row.parent == one.pid)
        by_pid = {row.pid: row for row in rows}
        top, started, other = by_pid[one.pid], by_pid[child], by_pid[two.pid]
        assert (top.name, top.supervisor) == ("supervisord", "wakari-compute")
        assert (started.supervisor, started.user) == ("wakari-compute", top.user)
        assert started.folder == top.folder == f"{gone} (deleted)"
        assert (other.name, other.supervisor, other.folder) == ("wk-server", None, "/")
    finally:
        for process in (one, two):
            process.kill()
            process.wait()
            process.stdout.close()
        if child:
            os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("role", [Role.SERVER, Role.GATEWAY, Role.COMPUTE], ids=str)
def test_what_is_asked_for_is_answered(python: str, role: Role) -> None:
    node = {Role.SERVER: "aen-server", Role.GATEWAY: "gateway1", Role.COMPUTE: "compute1-1"}[role]
    order = requirements_installed.request(inventory().nodes[NodeName(node)])
    facts = looked(python, **order)
    assert set(facts.paths) >= set(order["paths"]) and set(facts.found) == set(order["find"])
    assert facts.error is None


def test_what_begins_at_boot(every_python: str, root: Path) -> None:
    for folder in ("etc/init.d", "etc/rc.d/rc3.d"):
        (root / folder).mkdir(parents=True)
    for name in ("elasticsearch", "nginx"):
        (root / "etc/init.d" / name).write_text("#!/bin/sh\n")
    (root / "etc/rc.d/rc3.d/S80elasticsearch").symlink_to("../init.d/elasticsearch")
    order = requirements_boot.request(inventory().nodes[NodeName("compute1-1")])
    assert order["services"] == ["wakari-compute"]
    names = ["elasticsearch", "nginx", "mongod"]
    row = errand(every_python, requirements_boot.ERRAND, {**order, "services": names}, root=str(root))
    assert json.loads(row).keys() == {"services"}, "and nothing else is looked at"
    assert requirements_boot.decode(row) == {"elasticsearch": True, "nginx": False}

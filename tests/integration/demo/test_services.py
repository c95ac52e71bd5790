"""The demo's SysV services: what a newcomer does to them ends as it would on a real server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from aen_tui.demo.stand_ins import nginx as by_hand
from tests.integration.demo.conftest import Demo, needs_ssh, wait_for
from tests.whole.conftest import own_state
from tests.whole.test_status import command

__all__ = ["own_state"]

pytestmark = [needs_ssh, pytest.mark.usefixtures("own_state")]

SERVER = ("nginx", "mongod", "elasticsearch", "wakari-server")
SERVICES = [
    *(("aen-server", name) for name in SERVER),
    ("gateway1", "wakari-gateway"),
    ("compute1-1", "wakari-compute"),
]


def service(demo: Demo, name: str, verb: str, node: str = "aen-server") -> tuple[int, str]:
    done = demo.ssh(node, f"{demo.root(node)}/sbin/service {name} {verb}")
    return done.returncode, (done.stdout + done.stderr).decode()


def pid_of(demo: Demo, name: str, node: str = "aen-server") -> int:
    status, said = service(demo, name, "status", node)
    assert status == 0, said
    assert said.startswith(f"{name} (pid  ") and said.endswith(") is running...\n")
    return int(said.split()[2].rstrip(")"))


def pids(demo: Demo) -> dict[str, int]:
    return {f"{node}/{name}": pid_of(demo, name, node) for node, name in SERVICES}


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children(pid: int) -> set[str]:
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def do(demo: Demo, *words: str) -> str:
    done = command(demo.inventory, "do", *words, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def known(demo: Demo) -> Mapping[str, Any]:
    document = json.loads(command(demo.inventory, "status", "--json", "--wait", "60").stdout)
    found = next(node for node in document["nodes"] if node["name"] == "aen-server")
    return {one["name"]: one for one in found["services"] if one["manager"] == "sysv"}


def test_each_has_a_process_of_its_own_below_one_parent(demo: Demo) -> None:
    found = pids(demo)
    assert len(set(found.values())) == len(SERVICES)
    assert len({parent(pid) for pid in found.values()}) == 1
    seen = known(demo)
    assert {name: (seen[name]["state"], seen[name]["pid"]) for name in SERVER} == {
        name: ("RUNNING", found[f"aen-server/{name}"]) for name in SERVER
    }


@pytest.mark.parametrize(("node", "name"), SERVICES)
def test_a_restart_is_verified(demo: Demo, node: str, name: str) -> None:
    before = pids(demo)
    assert f"{node}/{name}  VERIFIED  pid {before[f'{node}/{name}']} -> " in do(
        demo, "restart", f"{node}/service:{name}"
    )
    after = pids(demo)
    assert [key for key in after if after[key] != before[key]] == [f"{node}/{name}"]
    assert len({parent(pid) for pid in after.values()}) == 1


@pytest.mark.parametrize("name", ["nginx", "mongod", "elasticsearch"])
def test_stop_and_start_are_verified(demo: Demo, name: str) -> None:
    assert "VERIFIED" in do(demo, "stop", f"aen-server/{name}")
    assert service(demo, name, "status") == (3, f"{name} is stopped\n")
    assert service(demo, name, "stop") == (0, "")
    assert "VERIFIED" in do(demo, "start", f"aen-server/{name}")
    assert service(demo, name, "start") == (0, "")
    pid_of(demo, name)


def test_the_words_are_a_real_scripts(demo: Demo) -> None:
    status, said = service(demo, "mongod", "restart")
    assert (status, " ".join(said.split())) == (0, "Stopping mongod: [ OK ] Starting mongod: [ OK ]")
    assert service(demo, "mongod", "reload")[0] == 2
    for unknown in ("wakari-gateway", "../etc/init.d/nginx", "''"):
        status, said = service(demo, unknown, "restart")
        assert status == 1
        assert "unrecognized service" in said or "Usage: service" in said


def test_nginx_takes_new_workers_and_keeps_its_master(demo: Demo) -> None:
    master = pid_of(demo, "nginx")
    before = children(master)
    assert do(demo, "reload-nginx", "aen-server/nginx").count("VERIFIED") == 2
    assert pid_of(demo, "nginx") == master
    assert wait_for(lambda: len(after := children(master)) == 1 and not after & before)
    assert demo.get(demo.tables["server"]["url"] + "/")[0] == 200


def test_nginx_replaces_a_worker_that_was_killed(demo: Demo) -> None:
    master = pid_of(demo, "nginx")
    (before,) = children(master)
    os.kill(int(before), signal.SIGKILL)
    assert wait_for(lambda: len(after := children(master)) == 1 and before not in after)
    assert demo.get(demo.tables["server"]["url"] + "/")[0] == 200


def test_a_broken_configuration_stops_before_the_reload(demo: Demo) -> None:
    site = demo.root("aen-server") / "etc/nginx/conf.d/www.enterprise.conf"
    good, before = site.read_text(), children(pid_of(demo, "nginx"))
    site.write_text(good.rstrip().rstrip("}"))
    try:
        done = command(demo.inventory, "do", "reload-nginx", "aen-server/nginx", "--yes")
        assert done.returncode == 1, done.stdout
        assert 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/www.enterprise.conf:' in done.stdout
        for verb in ("reload", "restart"):
            assert service(demo, "nginx", verb)[0] == 6
    finally:
        site.write_text(good)
    assert children(pid_of(demo, "nginx")) == before


@pytest.mark.parametrize("name", SERVER)
def test_what_was_killed_is_down_alone_and_comes_back(demo: Demo, name: str) -> None:
    before = pids(demo)
    os.kill(before[f"aen-server/{name}"], signal.SIGKILL)
    assert wait_for(lambda: service(demo, name, "status") == (1, f"{name} dead but pid file exists\n"))
    assert service(demo, name, "reload")[0] == (7 if name == "nginx" else 2)
    seen = known(demo)
    assert {one for one in SERVER if seen[one]["state"] != "RUNNING"} == {name}
    assert (seen[name]["state"], seen[name]["pid"]) == ("EXITED", None)
    assert "VERIFIED" in do(demo, "start", f"aen-server/service:{name}")
    after = pids(demo)
    assert [key for key in after if after[key] != before[key]] == [f"aen-server/{name}"]


def test_only_known_daemons_are_started_and_ended_through_the_fifo(demo: Demo) -> None:
    before = pids(demo)
    keeper = parent(before["aen-server/nginx"])
    mine = children(keeper)
    told = (
        "start /bin/sh\nstart wakari-gateway\nstop wakari-gateway\nkill nginx\nstart nginx mongod\nstop\n\n"
        'start [\\"/bin/sh\\"]\n\\0377\\0\nreload nobody\nstart nginx\n'
    )
    fifo = demo.root("aen-server") / "run/services"
    demo.ssh("aen-server", f"cat > {fifo}", stdin=told.encode())
    # What is written later is read later.
    assert service(demo, "elasticsearch", "restart")[0] == 0
    after = children(keeper)
    assert mine - after == {str(before["aen-server/elasticsearch"])}
    assert after - mine == {str(pid_of(demo, "elasticsearch"))}


GOOD = (
    "events { }\nhttp {\n    # a } comment;\n    log_format main \"a;{b\" 'c}';\n    include FOLDER/conf.d/*.conf;\n}\n"
)
BROKEN = {
    "open": "events { }\nhttp {\n",
    "closed": "events { }\n}\n",
    "semicolon": "events { }\nhttp {\n    sendfile on\n}\n",
    "nothing": "events { }\n;\n",
    "quote": 'events { }\nhttp { log_format main "a; }\n',
    "words": "events { }\nhttp { }\npid x",
    "missing": "events { }\nhttp { include FOLDER/none.conf; }\n",
}


@pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="nginx is not installed")
@pytest.mark.parametrize("name", ["good", *BROKEN])
def test_what_nginx_finds_wrong_its_stand_in_finds_wrong(tmp_path: Path, name: str) -> None:
    file = tmp_path / "nginx.conf"
    file.write_text(BROKEN.get(name, GOOD).replace("FOLDER", str(tmp_path)))
    argv = ["nginx", "-t", "-c", str(file), "-p", str(tmp_path), "-g", f"error_log stderr; pid {tmp_path}/pid;"]
    real = subprocess.run(
        argv, capture_output=True, text=True, timeout=30, check=False, env={"PATH": "/usr/sbin:/usr/bin"}
    )
    mine = by_hand.wrong("", str(file))
    assert (mine is None) == (real.returncode == 0), (mine, real.stderr)
    assert mine is None or f": {mine}\n" in real.stderr or f": {mine} in {file}:" in real.stderr, real.stderr

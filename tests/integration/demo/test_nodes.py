"""The demo's nodes: who gets in, what runs, what answers."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import stat
import subprocess

import pytest

from aen_tui.config.load import load_inventory
from aen_tui.runtime.cluster import Runtime
from aen_tui.runtime.differences import Differences
from tests.integration.demo.conftest import Demo, needs_ssh, wait_for

pytestmark = needs_ssh
CTL = "opt/wakari/wakari-{}/bin/supervisorctl"


@pytest.mark.parametrize(
    ("node", "role", "programs"),
    [
        ("aen-server", "server", ["wk-server", "worker"]),
        ("gateway1", "gateway", ["wk-gateway"]),
        ("compute1-2", "compute", ["wk-compute"]),
    ],
)
def test_supervisor_runs_the_roles_programs(demo: Demo, node: str, role: str, programs: list[str]) -> None:
    done = demo.ssh(node, f"{demo.root(node)}/{CTL.format(role)} status")
    assert done.returncode == 0, done
    lines = done.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == programs
    assert all(line.split()[1] == "RUNNING" for line in lines)


def test_the_loader_accepts_the_inventory_as_a_demo(demo: Demo) -> None:
    inventory = load_inventory(demo.inventory)
    assert inventory.is_demo
    assert list(inventory.nodes) == ["aen-server", "gateway1", "compute1-1", "compute1-2"]
    assert {spec.become for spec in inventory.nodes.values()} == {"never"}


async def test_its_computes_are_alike(demo: Demo) -> None:
    runtime = Runtime(load_inventory(demo.inventory))
    async with asyncio.timeout(120), runtime.running():
        state = await runtime.store.wait_for(lambda state: state.up_count == len(state.nodes))
        look = Differences(state.nodes.values(), runtime.checkup, runtime.errand)
        (found,) = await look.look()
    assert look.errors == {}
    assert (found.differences, found.nodes) == ((), ("compute1-1", "compute1-2"))
    assert "programs of wakari-compute" in found.alike


async def test_its_site_is_what_nginx_reads_and_its_page_the_login(demo: Demo) -> None:
    runtime = Runtime(load_inventory(demo.inventory))
    async with asyncio.timeout(120), runtime.running():
        state = await runtime.store.wait_for(lambda state: state.up_count == len(state.nodes))
        await runtime.checkup.gather(list(state.nodes))
        found = [one for node in state.nodes.values() for one in runtime.checkup.findings(node, state)]
    said = {one.check: one.severity.word for one in found if one.check in ("nginx-site", "license", "condarc-alias")}
    assert said == dict.fromkeys(("license", "nginx-site", "condarc-alias"), "ok")


def test_documented_endpoints_answer(demo: Demo) -> None:
    site = demo.tables["server"]["url"]
    assert demo.get(site + "/status")[0] == 200
    assert "Sign in" in demo.get(site + "/")[1]
    assert demo.get(demo.tables["node"]["compute1-1"]["compute_url"] + "/") == (200, '{"status": "ok"}')
    assert demo.get(site + "/nothing")[0] == 404
    log = demo.root("aen-server") / "var/log/nginx/woc.log"
    assert wait_for(lambda: re.search(r'127\.\S+ - - \[\d\d/\w+/\d{4}:.*"GET /nothing HTTP/1.1" 404', log.read_text()))


def test_nginx_stays_when_wk_server_goes(demo: Demo) -> None:
    root, site = demo.root("aen-server"), demo.tables["server"]["url"]
    control = str(root / CTL.format("server"))
    assert demo.ssh("aen-server", f"{root}/etc/init.d/nginx status").stdout.startswith(b"nginx (pid  ")
    assert demo.ssh("aen-server", f"{control} stop wk-server").stdout == b"wk-server: stopped\n"
    assert demo.get(site + "/status")[0] == 502
    assert "111: Connection refused) while connecting to upstream" in (root / "var/log/nginx/woc-error.log").read_text()
    assert demo.ssh("aen-server", f"{control} start wk-server").stdout == b"wk-server: started\n"
    well = (200, '{"status": "ok", "messages": []}')
    wait_for(
        lambda: demo.get(site + "/status") == well
    )  # it is called started a second later, whether it listens or not


def test_another_key_is_refused(demo: Demo, tmp_path) -> None:
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    config = demo.folder / "ssh_config"
    theirs = tmp_path / "config"
    theirs.write_text(config.read_text().replace(f"{demo.folder}/key", str(other)))
    done = subprocess.run(
        ["ssh", "-F", theirs, "-o", "BatchMode=yes", "gateway1", "id"], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 255
    assert b"Permission denied" in done.stderr
    assert done.stdout == b""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_reads_and_runs_nothing(demo: Demo) -> None:
    as_nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    done = demo.ssh("gateway1", "id", before=as_nobody)
    assert done.returncode == 255
    assert done.stdout == b""
    commands = (
        ["ls", str(demo.folder)],
        ["cat", str(demo.inventory)],
        [f"{demo.root('gateway1')}/{CTL.format('gateway')}"],
    )
    for command in commands:
        tried = subprocess.run([*as_nobody, *command], capture_output=True, timeout=120, check=False)
        assert tried.returncode != 0
        assert b"ermission denied" in tried.stderr


def test_everything_is_the_users_alone(demo: Demo) -> None:
    for path in [demo.folder, *demo.folder.rglob("*")]:
        try:
            info = path.lstat()
        except FileNotFoundError:  # the day goes on
            continue
        if not stat.S_ISLNK(info.st_mode) and "/proc/" not in str(path):
            assert info.st_mode & 0o077 == 0, path


def test_bytes_status_and_signals_come_through(demo: Demo) -> None:
    data = os.urandom(3_000_000)
    for _ in range(5):
        assert demo.ssh("compute1-1", "cat", stdin=data).stdout == data
    done = demo.ssh("compute1-1", "sha256sum; echo aside >&2; exit 7", stdin=data)
    assert done.stdout.decode().split()[0] == hashlib.sha256(data).hexdigest()
    assert done.stderr == b"aside\n"
    assert done.returncode == 7
    big = demo.ssh("compute1-1", "head -c 20000000 /dev/zero")
    assert len(big.stdout) == 20_000_000
    assert demo.ssh("compute1-1", "kill -9 $$").returncode == 255
    assert demo.ssh("compute1-1", "pwd").stdout.decode().strip() == str(demo.root("compute1-1"))


def test_a_terminal_is_a_terminal(demo: Demo) -> None:
    done = demo.ssh("gateway1", "tty; read word; echo got $word", "-tt", stdin=b"hello\n")
    assert b"/dev/pts/" in done.stdout
    assert b"got hello" in done.stdout
    assert done.returncode == 0


def test_computes_are_reached_through_their_gateway_and_nothing_else_is(demo: Demo) -> None:
    done = demo.ssh("compute1-1", "cat etc/hostname", "-J", "gateway1")
    assert done.stdout == b"compute1-1\n", done
    outside = demo.ssh("gateway1", "", "-W", "192.0.2.1:80")
    assert outside.returncode != 0
    assert b"not a node of this demo" in outside.stderr


def test_proc_moves_and_shows_the_real_processes(demo: Demo) -> None:
    proc = demo.root("aen-server") / "proc"

    def ticks() -> int:
        return sum(map(int, (proc / "stat").read_text().splitlines()[0].split()[1:]))

    before = ticks()
    wait_for(lambda: ticks() > before)
    pid = (demo.root("aen-server") / "opt/wakari/wakari-server/var/run/supervisord.pid").read_text().strip()
    assert (proc / pid / "stat").read_text().startswith(pid)
    assert (proc / "loadavg").read_text().count(" ") == 4


def test_users_work(demo: Demo) -> None:
    root = demo.root("aen-server")
    wait_for(lambda: "/start user=" in (root / "opt/wakari/wakari-server/var/log/wakari/server.log").read_text())
    wait_for(lambda: "Mozilla/5.0" in (root / "var/log/nginx/woc.log").read_text())
    computes = [demo.root(f"compute1-{number}") for number in (1, 2)]
    notebook = wait_for(lambda: [path for root in computes for path in root.glob("proc/5??????/cmdline")])[0]
    assert "--notebook-dir=/projects/" in notebook.read_text()


def test_a_gateway_turns_bad_until_its_program_is_restarted(demo: Demo) -> None:
    bad = wait_for(lambda: (document := demo.document())["status"] == "error" and document)
    assert "compute1-2" in bad["messages"][0]
    log = demo.root("gateway1") / "opt/wakari/wakari-gateway/var/log/wakari/gateway.application.log"
    assert wait_for(lambda: '"level": "error"' in log.read_text())
    done = demo.ssh("gateway1", f"{demo.root('gateway1')}/{CTL.format('gateway')} restart wk-gateway")
    assert done.stdout == b"wk-gateway: stopped\nwk-gateway: started\n"
    wait_for(lambda: demo.document() == {"status": "ok", "messages": []})

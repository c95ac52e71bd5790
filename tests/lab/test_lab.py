"""An ordinary lab is what it says: reachable as drawn, with services that start, stop and answer."""

from __future__ import annotations

import asyncio
import json
import tomllib
import urllib.request
from pathlib import Path

import asyncssh
import pytest

from tests.lab.lab import Lab
from tests.lab.waiting import until

CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"
HEALTHY = {"status": "ok", "messages": []}


def _known(lab: Lab) -> asyncssh.SSHKnownHosts:
    return asyncssh.read_known_hosts(str(lab.known_hosts))


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:
        return bytes(response.read())


def test_seven_nodes_are_machines_of_their_own(lab: Lab) -> None:
    assert sorted(lab.nodes) == [
        "aen-server", "compute1-1", "compute1-2", "compute2-1", "compute2-2", "gateway1", "gateway2",
    ]  # fmt: skip
    for node in lab.nodes.values():
        assert node.run(["hostname"]).stdout.strip() == node.name
        assert node.role in node.prefix
    for kind in ("net", "mnt", "pid", "uts", "ipc"):
        inodes = {Path(f"/proc/{node.pid}/ns/{kind}").stat().st_ino for node in lab.nodes.values()}
        assert len(inodes) == len(lab.nodes), kind


def test_a_command_starts_in_the_nodes_own_root(lab: Lab) -> None:
    done = lab.nodes["gateway1"].run(["cat", "etc/hostname"])
    assert done.stdout == "gateway1\n", done.stderr


def test_what_a_node_writes_stays_on_it(lab: Lab) -> None:
    node = lab.nodes["compute1-1"]
    before = node.written()
    assert node.run(["touch", "/etc/only-here"]).returncode == 0
    assert node.written() - before == {"/etc/only-here"}
    assert not Path("/etc/only-here").exists()
    assert not lab.nodes["compute1-2"].path("/etc/only-here").exists()


def test_pid_1_reaps_orphans(lab: Lab) -> None:
    node = lab.nodes["gateway1"]
    # The shell ends at once; its child belongs to pid 1 then.
    pid = node.run(["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"]).stdout.strip()
    orphan = f"/proc/{pid}/stat"
    assert node.run(["cut", "-d ", "-f4", orphan]).stdout == "1\n"
    assert node.run(["kill", pid]).returncode == 0
    until(lambda: node.run(["test", "-e", orphan]).returncode != 0, "the orphan has ended and is no zombie")


def test_openssh_reaches_all_nodes_as_the_config_says(lab: Lab) -> None:
    for name in lab.nodes:
        done = lab.ssh(name, "hostname; id -un")
        assert done.stdout.split() == [name, "operator"], done.stderr


def test_wakari_logs_in_with_a_config_of_its_own(lab: Lab, tmp_path: Path) -> None:
    config = lab.write_ssh_config(tmp_path / "config", user="wakari", proxy_jump=True)
    done = lab.ssh("-F", str(config), "compute2-1", "id", "-un")
    assert done.stdout.strip() == "wakari", done.stderr


async def test_computes_are_reached_through_their_gateway_only(lab: Lab) -> None:
    compute = lab.nodes["compute1-1"]
    options = {"known_hosts": _known(lab), "client_keys": [str(lab.identity)], "username": "operator", "config": None}
    with pytest.raises(OSError):
        await asyncssh.connect(compute.address, **options)
    async with (
        asyncssh.connect(lab.nodes["gateway1"].address, **options) as gateway,
        asyncssh.connect(compute.address, tunnel=gateway, **options) as connection,
    ):
        done = await connection.run("hostname", check=True)
    assert done.stdout == "compute1-1\n"


@pytest.mark.parametrize("other", ["aen-server", "gateway2", "compute2-1"])
def test_nobody_but_its_gateway_reaches_a_compute(lab: Lab, other: str) -> None:
    address = lab.nodes["compute1-1"].address
    assert lab.nodes["gateway1"].run(["python3", "-c", CONNECT, address, "5002"]).returncode == 0
    assert lab.nodes[other].run(["python3", "-c", CONNECT, address, "5002"]).returncode != 0


def test_a_gateway_asks_its_computes_by_name(lab: Lab) -> None:
    ask = "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())"
    done = lab.nodes["gateway2"].run(["python3", "-c", ask, "http://compute2-2:5002/"])
    assert json.loads(done.stdout) == HEALTHY


def test_nginx_passes_the_document_through_and_logs_it(lab: Lab) -> None:
    server = lab.nodes["aen-server"]
    log = server.path("/var/log/nginx/woc.log")
    size = log.stat().st_size
    assert json.loads(_fetch(f"http://{server.address}/status")) == HEALTHY
    until(lambda: b'"GET /status HTTP/1.1" 200' in log.read_bytes()[size:], "the request is in woc.log")


def test_a_gateways_document_is_what_a_test_wants(lab: Lab) -> None:
    gateway = lab.nodes["gateway1"]
    url = f"http://{gateway.address}:8089/status"
    place = gateway.path(f"{gateway.prefix}/var/run/document.json")
    assert json.loads(_fetch(url)) == HEALTHY
    place.write_text('{"status": "error", "messages": ["no compute answers"]}')
    try:
        assert json.loads(_fetch(url))["status"] == "error"
    finally:
        place.unlink()


def test_programs_log_in_the_documented_places(lab: Lab) -> None:
    logs = {
        "aen-server": ("server.log", "worker.log"),
        "gateway2": ("gateway.log", "gateway.application.log"),
        "compute1-2": ("compute-launcher.log", "compute-launcher.application.log"),
    }
    for name, files in logs.items():
        node = lab.nodes[name]
        for file in files:
            assert node.path(f"{node.prefix}/var/log/wakari/{file}").stat().st_size > 0, (name, file)
        assert "entered RUNNING state" in node.path(f"{node.prefix}/var/log/supervisord.log").read_text()


def test_an_appended_line_is_read_over_ssh(lab: Lab) -> None:
    node = lab.nodes["compute2-1"]
    log = f"{node.prefix}/var/log/wakari/compute-launcher.log"
    node.append(log, b"a line by the test\n")
    assert lab.ssh("compute2-1", "tail", "-n1", log).stdout == "a line by the test\n"


def test_sysv_service_of_aen_restarts_everything_under_it(lab: Lab) -> None:
    node = lab.nodes["gateway2"]
    before = node.supervisor_pid("wk-gateway")
    status = lab.ssh("gateway2", "sudo -n service wakari-gateway status")
    assert status.returncode == 0 and "is running..." in status.stdout
    assert lab.ssh("gateway2", "sudo -n /usr/sbin/service wakari-gateway restart").returncode == 0
    until(lambda: node.program("wk-gateway")["statename"] == "RUNNING", "wk-gateway runs again")
    assert node.supervisor_pid("wk-gateway") not in {0, before}


def test_sysv_status_tells_the_three_states(lab: Lab) -> None:
    node = lab.nodes["aen-server"]
    try:
        assert node.service("nginx", "stop").returncode == 0
        stopped = node.service("nginx", "status")
        assert (stopped.returncode, stopped.stdout.strip()) == (3, "nginx is stopped")
        node.path("/run/nginx.pid").write_text("4194303\n")
        dead = node.service("nginx", "status")
        assert (dead.returncode, dead.stdout.strip()) == (1, "nginx dead but pid file exists")
    finally:
        assert node.service("nginx", "start").returncode == 0
    running = node.service("nginx", "status")
    assert running.returncode == 0 and running.stdout.startswith("nginx (pid  ")


def test_supervisorctl_by_absolute_path_as_the_service_account(lab: Lab) -> None:
    node = lab.nodes["aen-server"]
    before = node.supervisor_pid("wk-server")
    command = f"{node.prefix}/bin/supervisorctl"
    refused = lab.ssh("aen-server", command, "status")
    assert refused.returncode != 0 and "ermission denied" in refused.stdout + refused.stderr
    done = lab.ssh("aen-server", "sudo", "-n", "-u", "wakari", command, "restart", "wk-server")
    assert (done.returncode, done.stdout) == (0, "wk-server: stopped\nwk-server: started\n"), done.stderr
    assert node.supervisor_pid("wk-server") not in {0, before}


def test_the_service_account_runs_all_of_it(lab: Lab) -> None:
    for node in lab.nodes.values():
        info = node.run(["stat", "-c", "%U %a", f"{node.prefix}/var/run/supervisor.sock"]).stdout.split()
        assert info == ["wakari", "700"]
        pid = node.run(["cat", f"{node.prefix}/var/run/supervisord.pid"]).stdout.strip()
        assert node.run(["ps", "-o", "user=", "-p", pid]).stdout.strip() == "wakari"


def test_killed_sshd_refuses_until_it_is_started(lab: Lab) -> None:
    node = lab.nodes["gateway1"]
    until(lambda: not node.sshd_pids("sessions"), "earlier sessions have ended")
    assert len(node.sshd_pids("listener")) == 1
    assert node.kill_sshd() == 1
    try:
        assert "refused" in lab.ssh("gateway1", "true").stderr
    finally:
        node.start_sshd()
        until(lambda: lab.ssh("gateway1", "true").returncode == 0, "sshd answers again")


async def test_killed_sessions_leave_the_listener(lab: Lab) -> None:
    node = lab.nodes["gateway1"]
    options = {"known_hosts": _known(lab), "client_keys": [str(lab.identity)], "username": "operator", "config": None}
    async with asyncio.timeout(60), asyncssh.connect(node.address, **options) as connection:
        assert node.kill_sshd("sessions") >= 1
        await connection.wait_closed()
    assert len(node.sshd_pids("listener")) == 1
    assert lab.ssh("gateway1", "true").returncode == 0


@pytest.mark.parametrize("name", ["gateway2", "compute2-1"])
async def test_a_cut_link_answers_nothing_and_comes_back(lab: Lab, name: str) -> None:
    node = lab.nodes[name]
    options = {"known_hosts": _known(lab), "client_keys": [str(lab.identity)], "username": "operator", "config": None}
    async with asyncio.timeout(60), asyncssh.connect(lab.nodes["gateway2"].address, **options) as gateway:
        connection = gateway if name == "gateway2" else await asyncssh.connect(node.address, tunnel=gateway, **options)
        assert (await connection.run("hostname", check=True)).stdout == f"{name}\n"
        node.cut_link()
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2):
                    await connection.run("hostname")
        finally:
            node.restore_link()
        assert (await connection.run("hostname", check=True)).stdout == f"{name}\n"


def test_an_unplugged_link_comes_back(lab: Lab) -> None:
    node = lab.nodes["aen-server"]
    node.unplug_link()
    try:
        until(lambda: node.path("/sys/class/net/eth0/carrier").read_text() == "0\n", "the node sees no carrier")
        assert lab.ssh("-o", "ConnectTimeout=2", "aen-server", "true").returncode != 0
    finally:
        node.restore_link()
    until(lambda: lab.ssh("-o", "ConnectTimeout=2", "aen-server", "true").returncode == 0, "ssh works again")


def test_the_inventory_names_every_node_and_takes_overrides(lab: Lab, tmp_path: Path) -> None:
    path = lab.write_inventory(
        tmp_path / "inventory.toml",
        name="mine",
        defaults={"interval_seconds": 1},
        node={"compute1-1": {"become": "sudo"}},
    )
    content = tomllib.loads(path.read_text())
    assert content["name"] == "mine"
    assert content["ssh"] == {"config": str(lab.ssh_config)}
    assert content["defaults"] == {"become": "auto", "interval_seconds": 1}
    assert content["node"] == {"compute1-1": {"become": "sudo"}}
    centers = {center["gateway"]: center["computes"] for center in content["data_center"]}
    assert centers == {"gateway1": ["compute1-1", "compute1-2"], "gateway2": ["compute2-1", "compute2-2"]}
    assert content["server"]["host"] == "aen-server"

"""Each variant of a node does what it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import asyncssh
import pytest
from pymongo import MongoClient

from tests.lab import fetched, fixtures
from tests.lab.lab import Lab
from tests.lab.variants import PASSWORD, SupervisorVersion, Variant

OLD_SUPERVISORS: dict[str, SupervisorVersion] = {"compute1-1": "3.4.0", "compute1-2": "3.1.3", "compute1-3": "3.0"}
VARIANTS = {
    "aen-server": Variant(worker_processes=2),
    "gateway1": Variant(root_only_logs=True),
    "compute1-1": Variant(openssh_53=True),
    "compute1-2": Variant(requiretty=True),
    "compute1-3": Variant(sudo="password", ssh_password=True),
    "compute1-4": Variant(sudo="absent", noisy_shell=True),
    "compute1-5": Variant(sudo="exact"),
    "compute1-6": Variant(sudo="refused", python=False),
    "compute1-7": Variant(aen_tree=False, files={"/etc/motd": "nothing here\n"}, sshd_lines=("AllowTcpForwarding no",)),
}


@pytest.fixture(scope="module")
def odd() -> Iterator[Lab]:
    """A lab in which no node is ordinary."""
    fixtures.need_lab()
    with Lab.start(gateways=1, computes=7, variants=VARIANTS) as started:
        yield started


@pytest.fixture(scope="module")
def aged() -> Iterator[Lab]:
    """A lab of which the computes run supervisor 3.x on Python 2.7."""
    fixtures.need_lab()
    for version in OLD_SUPERVISORS.values():
        fixtures.need_fetched(partial(fetched.supervisor_3, version))
    variants = {name: Variant(supervisor=version) for name, version in OLD_SUPERVISORS.items()}
    with Lab.start(gateways=1, computes=3, variants=variants) as started:
        yield started


@pytest.fixture(scope="module")
def stored() -> Iterator[Lab]:
    """A lab with a MongoDB."""
    fixtures.need_lab()
    fixtures.need_fetched(fetched.mongod)
    with Lab.start(gateways=0, computes=0, variants={"aen-server": Variant(mongodb=True)}) as started:
        yield started


@asynccontextmanager
async def _connect(lab: Lab, name: str, **options: object) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """As the product reaches a compute: through its gateway's connection."""
    keys = [str(lab.identity), *([str(lab.identity_rsa)] if lab.identity_rsa else [])]
    common = {"known_hosts": str(lab.known_hosts), "client_keys": keys, "username": "operator", "config": None}
    async with asyncio.timeout(60), asyncssh.connect(lab.nodes["gateway1"].address, **common) as gateway:
        async with asyncssh.connect(lab.nodes[name].address, tunnel=gateway, **{**common, **options}) as connection:
            yield connection


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
async def test_sshd_with_the_algorithms_of_5_3(odd: Lab) -> None:
    async with _connect(odd, "compute1-1") as connection:
        assert (await connection.run("hostname", check=True)).stdout == "compute1-1\n"
        assert str(connection.get_extra_info("server_version")).startswith("SSH-2.0-OpenSSH_5.3")
        key = connection.get_server_host_key()
        assert key is not None and key.get_algorithm() == "ssh-rsa"
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_unix_connection("/opt/wakari/wakari-compute/var/run/supervisor.sock")
    assert odd.ssh("compute1-1", "hostname").stdout == "compute1-1\n"


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
async def test_sshd_5_3_takes_no_ed25519_key(odd: Lab) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with _connect(odd, "compute1-1", client_keys=[str(odd.identity)]):
            pass


async def test_requiretty_refuses_without_a_terminal(odd: Lab) -> None:
    async with _connect(odd, "compute1-2") as connection:
        without = await connection.run("sudo -n id -un")
        assert without.exit_status == 1 and "must have a tty" in str(without.stderr)
        with_terminal = await connection.run("sudo -n id -un", term_type="dumb")
        assert str(with_terminal.stdout).strip() == "root"


async def test_sudo_and_ssh_with_a_password(odd: Lab) -> None:
    async with _connect(odd, "compute1-3", client_keys=None, agent_path=None, password=PASSWORD) as connection:
        refused = await connection.run("sudo -n id -un")
        assert refused.exit_status == 1 and "a password is required" in str(refused.stderr)
        granted = await connection.run("sudo -S -p '' id -un", input=f"{PASSWORD}\n")
        assert str(granted.stdout).strip() == "root"
        wrong = await connection.run("sudo -k -S -p '' id -un", input="guess\n")
        assert wrong.exit_status == 1


def test_no_sudo_and_a_noisy_shell(odd: Lab) -> None:
    done = odd.ssh("compute1-4", "sudo -n true; echo exit $?")
    assert done.stdout.endswith("exit 127\n")
    assert "Welcome to compute1-4" in done.stdout and "last line without its end\x1b[31m" in done.stdout
    assert "authorised use only" in done.stderr


def test_sudo_for_the_exact_lines_only(odd: Lab) -> None:
    control = "sudo -n -u wakari /opt/wakari/wakari-compute/bin/supervisorctl"
    assert odd.ssh("compute1-5", f"{control} restart wk-compute").stdout.endswith("wk-compute: started\n")
    assert odd.ssh("compute1-5", "sudo -n /usr/sbin/service wakari-compute restart").returncode == 0
    for command in (f"{control} shutdown", "sudo -n id", "sudo -n /usr/sbin/service ssh stop"):
        assert "a password is required" in odd.ssh("compute1-5", command).stderr, command


def test_not_in_sudoers_and_no_python(odd: Lab) -> None:
    # With a password too, but sudo asks for it before it says so.
    assert odd.ssh("compute1-6", "sudo -n true").returncode == 1
    found = odd.ssh("compute1-6", "command -v python python2 python3; ls /opt/wakari/wakari-compute/bin")
    assert "python" not in found.stdout.split() and "/python" not in found.stdout
    assert odd.nodes["compute1-6"].supervisor_pid("wk-compute") > 0


async def test_no_tree_own_files_and_own_sshd_lines(odd: Lab) -> None:
    done = odd.ssh("compute1-7", "ls /opt; cat /etc/motd; ls /etc/init.d")
    assert done.stdout.startswith("nothing here\n") and "wakari" not in done.stdout
    async with _connect(odd, "compute1-7") as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", 22)


def test_logs_for_root_alone(odd: Lab) -> None:
    log = "/opt/wakari/wakari-gateway/var/log/wakari/gateway.application.log"
    for user in ("operator", "wakari"):
        assert odd.nodes["gateway1"].run(["cat", log], user=user).returncode != 0, user
    assert "wk-gateway started" in odd.ssh("gateway1", "sudo", "-n", "cat", log).stdout
    assert (
        "entered RUNNING"
        in odd.nodes["gateway1"].path("/opt/wakari/wakari-gateway/var/log/supervisord.log").read_text()
    )


def test_a_group_of_workers(odd: Lab) -> None:
    done = odd.ssh("aen-server", "sudo -n -u wakari /opt/wakari/wakari-server/bin/supervisorctl status")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["wk-server", "RUNNING"], ["worker:worker_00", "RUNNING"], ["worker:worker_01", "RUNNING"],
    ]  # fmt: skip
    assert odd.nodes["aen-server"].supervisor_pid("worker:worker_01") > 0


async def test_mongodb_2_6(stored: Lab) -> None:
    node = stored.nodes["aen-server"]
    options = {"known_hosts": str(stored.known_hosts), "client_keys": [str(stored.identity)], "username": "operator"}
    async with asyncio.timeout(60), asyncssh.connect(node.address, config=None, **options) as connection:
        forwarder = await connection.forward_local_port("127.0.0.1", 0, "127.0.0.1", 27017)
        version = await asyncio.to_thread(_mongodb_version, forwarder.get_port())
    assert version == "2.6.10"
    assert node.service("mongod", "status").stdout.startswith("mongod (pid  ")
    assert node.service("mongod", "restart").returncode == 0
    assert node.service("mongod", "status").returncode == 0
    assert "db version v2.6.10" in node.path("/var/log/mongodb/mongod.log").read_text()


def _mongodb_version(port: int) -> str:
    client: MongoClient = MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=10_000)
    with client:
        return str(client.server_info()["version"])


@pytest.mark.parametrize(("name", "version"), OLD_SUPERVISORS.items())
def test_supervisor_3_on_python_2_7(aged: Lab, name: str, version: str) -> None:
    node = aged.nodes[name]
    control = f"sudo -n -u wakari {node.prefix}/bin/supervisorctl"
    assert aged.ssh(name, f"{control} version").stdout.strip() == version
    assert aged.ssh(name, f"{node.prefix}/bin/python -V").stderr.startswith("Python 2.7")
    before = node.supervisor_pid("wk-compute")
    done = aged.ssh(name, f"{control} restart wk-compute")
    assert (done.returncode, done.stdout) == (0, "wk-compute: stopped\nwk-compute: started\n"), done.stderr
    assert node.supervisor_pid("wk-compute") not in {0, before}
    unknown = aged.ssh(name, f"{control} stop nosuch")
    assert unknown.returncode == 0 and "no such process" in unknown.stdout


def test_all_roles_on_one_box() -> None:
    fixtures.need_lab()
    with Lab.start(single_box=True) as lab:
        assert list(lab.nodes) == ["aen"]
        for role, program in (("server", "wk-server"), ("gateway", "wk-gateway"), ("compute", "wk-compute")):
            assert lab.nodes["aen"].supervisor_pid(program, role) > 0

"""ssh servers for tests: in-process asyncssh ones that really run commands, and real OpenSSH ones.

Both bring a generated host key, a client key, and write known_hosts and an ssh_config into the
test's folder, so that the product connects to them as to any node.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.support.ports import free_port
from tests.support.ssh_session import ProcessSession

SSHD = Path("/usr/sbin/sshd")


@dataclass
class SshFiles:
    """The client's side: key, known_hosts and ssh_config in a folder of the test's own."""

    folder: Path
    config: Path = field(init=False)
    known_hosts: Path = field(init=False)
    key: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.config = self.folder / "ssh_config"
        self.known_hosts = self.folder / "known_hosts"
        self.key = self.folder / "id_test"
        if not self.key.exists():
            asyncssh.generate_private_key("ssh-ed25519").write_private_key(self.key)
            asyncssh.read_private_key(self.key).write_public_key(f"{self.key}.pub")
            self.key.chmod(0o600)
        self.known_hosts.touch(mode=0o600)
        if not self.config.exists():
            self.config.write_text("")
            self.config.chmod(0o600)

    def add_host(self, name: str, address: str, port: int, **more: str) -> None:
        """A Host block; it stands before those that are there."""
        values = {
            "HostName": address,
            "Port": str(port),
            "User": "root",
            "IdentityFile": str(self.key),
            "IdentityAgent": "none",
            "UserKnownHostsFile": str(self.known_hosts),
            "GlobalKnownHostsFile": "/dev/null",
            **more,
        }
        block = f"Host {name}\n" + "".join(f"  {key} {value}\n" for key, value in values.items() if value)
        self.config.write_text(block + self.config.read_text())

    def know(self, address: str, port: int, public: str) -> None:
        """A line of known_hosts."""
        name = address if port == 22 else f"[{address}]:{port}"
        with self.known_hosts.open("a") as file:
            file.write(f"{name} {public.strip()}\n")

    def forget(self) -> None:
        """Empty known_hosts."""
        self.known_hosts.write_text("")


class _Server(asyncssh.SSHServer):
    """Counts what happens, and lets in whom the node says."""

    def __init__(self, node: SshNode) -> None:
        self._node = node

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._node.connections.append(conn)
        self._node.connected += 1
        self._conn = conn

    def connection_lost(self, exc: Exception | None) -> None:
        self._node.connections.remove(self._conn)

    def begin_auth(self, username: str) -> bool:
        self._node.logins += 1
        return True

    def public_key_auth_supported(self) -> bool:
        return self._node.accept_key is not None

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        if self._node.validate is not None:
            return await self._node.validate(username, key)
        return self._node.accept_key == key

    def password_auth_supported(self) -> bool:
        return self._node.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        self._node.password_attempts.append(password)
        return password == self._node.password

    def kbdint_auth_supported(self) -> bool:
        return bool(self._node.challenges)

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        self._left = list(self._node.challenges)
        return self._challenge()

    def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> Any:
        _prompt, _echo, expected = self._left.pop(0)
        self._node.kbdint_answers.extend(responses)
        if list(responses) != [expected]:
            return False
        return self._challenge() if self._left else True

    def _challenge(self) -> Any:
        prompt, echo, _expected = self._left[0]
        return "", "", "", [(prompt, echo)]

    def session_requested(self) -> ProcessSession:
        environment = {**os.environ, "AEN_TEST_NODE": self._node.name, "AEN_TEST_ROOT": str(self._node.root)}
        environment.pop("SSH_AUTH_SOCK", None)
        if agent := self._conn.get_agent_path():
            environment["SSH_AUTH_SOCK"] = agent
        session = ProcessSession(self._node.root, environment)
        self._node.sessions.append(session)
        return session

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        self._node.forwarded.append((dest_host, dest_port))
        if not self._node.forwards:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "forwarding is off")
        return True


@dataclass(eq=False)
class SshNode:
    """An in-process ssh server that runs commands with /bin/sh."""

    name: str
    address: str
    files: SshFiles
    root: Path
    port: int = 0
    password: str | None = None
    challenges: list[tuple[str, bool, str]] = field(default_factory=list)
    """Keyboard-interactive rounds: (prompt, echo, right answer)."""
    accept_key: asyncssh.SSHKey | None = None
    validate: Callable[[str, asyncssh.SSHKey], Awaitable[bool]] | None = None
    """Judges a key instead of `accept_key`."""
    forwards: bool = True
    """Whether TCP may be forwarded through it."""
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    connected: int = 0
    logins: int = 0
    password_attempts: list[str] = field(default_factory=list)
    kbdint_answers: list[str] = field(default_factory=list)
    forwarded: list[tuple[str, int]] = field(default_factory=list)
    sessions: list[ProcessSession] = field(default_factory=list)
    """Every session channel there ever was."""
    _acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self, **options: Any) -> None:
        """Listen; options go to asyncssh.listen."""
        options.setdefault("server_host_keys", [self.host_key])
        self._acceptor = await asyncssh.listen(
            self.address,
            self.port,
            config=None,
            server_factory=lambda: _Server(self),
            encoding=None,
            line_editor=False,
            x11_forwarding=False,
            agent_forwarding=True,
            **options,
        )
        self.port = self._acceptor.get_port()

    def drop(self) -> None:
        """Cut every connection, as a killed sshd does."""
        for connection in list(self.connections):
            connection.abort()

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._acceptor is not None:
            self._acceptor.close()
            self.drop()
            await self._acceptor.wait_closed()
            self._acceptor = None
            async with asyncio.timeout(60):
                for session in self.sessions:
                    await session.over.wait()


@asynccontextmanager
async def ssh_node(
    tmp_path: Path,
    name: str,
    address: str = "127.0.0.2",
    *,
    files: SshFiles | None = None,
    known: bool = True,
    config: dict[str, str] | None = None,
    prepare: Callable[[SshNode], None] = lambda _node: None,
    **options: Any,
) -> AsyncIterator[SshNode]:
    """An in-process ssh server, known to the client's files as host `name`.

    Args:
        tmp_path: the test's folder; client files go to `tmp_path/ssh`, the node's root to `tmp_path/NAME`.
        name: the alias in ssh_config.
        address: of 127.0.0.0/8; the port is a free one.
        files: share one set of client files among several nodes.
        known: whether its host key is in known_hosts.
        config: further lines for its Host block.
        prepare: changes the node before it listens (password, challenges…).
        options: for asyncssh.listen.
    """
    files = files or SshFiles(tmp_path / "ssh")
    root = tmp_path / name
    root.mkdir(exist_ok=True)
    node = SshNode(name, address, files, root, accept_key=asyncssh.read_public_key(f"{files.key}.pub"))
    prepare(node)
    await node.start(**options)
    try:
        files.add_host(name, address, node.port, **(config or {}))
        if known:
            files.know(address, node.port, node.host_key.export_public_key().decode())
        yield node
    finally:
        await node.stop()


def need_sshd() -> None:
    """Skip, by name, where there is no OpenSSH server; in CI there must be one."""
    if not SSHD.exists() or os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs /usr/sbin/sshd and root")
        pytest.skip("needs /usr/sbin/sshd (package openssh-server) and root")


@dataclass
class OpenSsh:
    """A real sshd on loopback, with keys and configuration of its own."""

    name: str
    address: str
    port: int
    folder: Path
    files: SshFiles
    host_key: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        """What sshd has written."""
        return (self.folder / "sshd.log").read_text(errors="replace")


@contextmanager
def openssh_node(
    tmp_path: Path,
    name: str,
    address: str = "127.0.0.1",
    *,
    files: SshFiles | None = None,
    settings: str = "",
    config: dict[str, str] | None = None,
    key_type: str = "ed25519",
    known: bool = True,
    port: int | None = None,
) -> Iterator[OpenSsh]:
    """A real sshd, known to the client's files as host `name`.

    Args:
        tmp_path: the test's folder.
        name: the alias in ssh_config.
        address: of 127.0.0.0/8.
        files: share one set of client files among several nodes.
        settings: lines for sshd_config; the first value counts.
        config: further lines for its Host block.
        key_type: of the host key, for ssh-keygen.
        known: whether its host key is in known_hosts.
        port: a port; else a free one.
    """
    need_sshd()
    files = files or SshFiles(tmp_path / "ssh")
    folder = tmp_path / f"sshd-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    host_key = folder / "host_key"
    if not host_key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", key_type, "-N", "", "-f", host_key], check=True)
    (folder / "authorized_keys").write_text(Path(f"{files.key}.pub").read_text())
    (folder / "authorized_keys").chmod(0o600)
    port = port or free_port(address)
    (folder / "sshd_config").write_text(
        f"{settings}\nListenAddress {address}\nPort {port}\nHostKey {host_key}\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nPermitRootLogin yes\nUseDNS no\n"
        "Subsystem sftp internal-sftp\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "sshd.log").open("ab") as log:
        process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", folder / "sshd_config"], stdin=subprocess.DEVNULL, stderr=log
        )
    try:
        _await_port(address, port, process)
        if config is not None or name not in files.config.read_text().split():
            files.add_host(name, address, port, **(config or {}))
        if known:
            files.know(address, port, Path(f"{host_key}.pub").read_text())
        yield OpenSsh(name, address, port, folder, files, host_key, process)
    finally:
        process.terminate()
        process.wait(60)


def _await_port(address: str, port: int, process: subprocess.Popen[bytes]) -> None:
    """sshd listens as soon as it can be connected to; ask again every 5 ms, a minute at most."""
    with selectors.DefaultSelector() as idle:
        for _ in range(12_000):
            if process.poll() is not None:
                raise AssertionError(f"sshd ended with {process.returncode}")
            with socket.socket() as sock:
                if sock.connect_ex((address, port)) == 0:
                    return
            idle.select(0.005)
    raise AssertionError(f"sshd does not listen on {address}:{port}")

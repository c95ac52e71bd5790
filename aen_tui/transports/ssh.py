"""Making an ssh connection: phases with a deadline each, strict host keys, proofs in OpenSSH's order."""

from __future__ import annotations

import asyncio
import random
import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncssh

from aen_tui import __version__
from aen_tui.errors import AuthError, TransportError
from aen_tui.model.text import visible_line
from aen_tui.transports import algorithms
from aen_tui.transports.credentials import Credentials, Login
from aen_tui.transports.failures import FOREIGN, connect_failure, deadline, loss
from aen_tui.transports.handshakes import HandshakeLimits
from aen_tui.transports.host_config import HostConfig
from aen_tui.transports.jump_command import JumpCommand
from aen_tui.transports.known_hosts import KnownHosts
from aen_tui.transports.link import SshLink
from aen_tui.transports.proxy import ProxyCommand
from aen_tui.transports.resolving import Address, connect_tcp, resolve
from aen_tui.transports.trust import HostTrust

OnPhase = Callable[[str], None]
_TYPING_SECONDS = 110.0
"""While a person types: sshd itself hangs up after 120 s (LoginGraceTime)."""
_REKEY_SECONDS = 24 * 3600
_ANSWER_SECONDS = 2.0

# OpenSSH 5.3 has no other key exchange; the warning would be printed across the screen.
warnings.filterwarnings("ignore", message="Diffie-Hellman over finite fields", module="asyncssh")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds for each phase of a connection."""

    tcp: float = 10.0
    """Resolving, and TCP."""
    banner: float = 15.0
    login: float = 60.0
    """Key exchange and login together."""

    def of(self, phase: str) -> float:
        """Seconds for resolve | tcp | banner | host-key | login."""
        return {"resolve": self.tcp, "tcp": self.tcp, "banner": self.banner}.get(phase, self.login)


@dataclass(frozen=True, slots=True)
class Environment:
    """What all connections of a run share."""

    credentials: Credentials
    known_hosts: KnownHosts
    limits: HandshakeLimits
    deadlines: Deadlines = Deadlines()


class _Client(asyncssh.SSHClient):
    """The callbacks of one connection."""

    def __init__(self, attempt: _Attempt) -> None:
        self._attempt = attempt

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._attempt.phase("banner")
        note = conn.set_extra_info

        def set_extra_info(**values: Any) -> None:
            # asyncssh has no callback for the banner; it notes the version here.
            note(**values)
            if "server_version" in values:
                self._attempt.phase("host-key")

        conn.set_extra_info = set_extra_info  # type: ignore[method-assign]

    def connection_lost(self, exc: Exception | None) -> None:
        if self._attempt.link is not None:
            self._attempt.link.lost(loss(exc))

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        return self._attempt.trust.accepts_key(key)

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        return self._attempt.trust.accepts_authority(key)

    def begin_auth(self, username: str) -> None:
        self._attempt.phase("login")

    async def public_key_auth_requested(self) -> Sequence[asyncssh.SSHKeyPair] | None:
        return await self._attempt.login.next_keys()

    async def password_auth_requested(self) -> str | None:
        return await self._attempt.login.password()

    async def kbdint_auth_requested(self) -> str | None:
        return "" if await self._attempt.login.may_type() else None

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        return await self._attempt.login.answers(f"{name} {instructions}".strip(), prompts)


class _Attempt:
    """One try to connect."""

    def __init__(
        self,
        node: str,
        config: HostConfig,
        environment: Environment,
        *,
        via: SshLink | None,
        jump_command: str | None,
        on_phase: OnPhase,
    ) -> None:
        self.node = node
        self.config = config
        self.where = f"{config.hostname}:{config.port}"
        self.via = via
        self._jump_command = jump_command
        self.link: SshLink | None = None
        self.login: Login = environment.credentials.login(node, config, self._hold)
        self.trust: HostTrust
        self._environment = environment
        self._on_phase = on_phase
        self._phase = "resolve"
        self._clock: asyncio.Timeout | None = None

    def phase(self, name: str) -> None:
        """A phase begins: its deadline counts now, and the state names it."""
        self._phase = name
        self._until(self._environment.deadlines.of(name))
        self._on_phase(name)

    def _until(self, seconds: float) -> None:
        if self._clock is not None and not self._clock.expired():
            self._clock.reschedule(asyncio.get_running_loop().time() + seconds)

    def _hold(self, waiting: bool) -> None:
        self._until(_TYPING_SECONDS if waiting else self._environment.deadlines.of(self._phase))

    async def run(self) -> SshLink:
        """Connect.

        Raises:
            TransportError: it did not work; the message says why and the hint what to do.
        """
        accepted = False
        try:
            entries = await asyncio.to_thread(self._environment.known_hosts.entries, self.config.known_hosts)
            self.trust = HostTrust(self.node, self.config, entries, via=self.via.node if self.via else None)
            connection = await self._connected()
            accepted = True
        finally:
            self.login.finished(accepted=accepted)
        self.link = SshLink(
            self.node, self.config.user, connection, via=self.via, notes=[*self.config.notes, *self.login.notes]
        )
        if connection.is_closed():
            self.link.lost("closed right after the login")
        else:
            self.link.expect_life()
        return self.link

    async def _connected(self) -> asyncssh.SSHClientConnection:
        limits = self._environment.limits
        command = self.config.proxy_command if self.config.proxy_command != "none" and not self.via else None
        proxy: ProxyCommand | JumpCommand | None = ProxyCommand(command) if command else None
        if self.via is not None and self._jump_command is not None:
            proxy = JumpCommand(self.via, self._jump_command)
        addresses: list[Address] = []
        if self.via is None and proxy is None:
            async with self._mapped(proxy, "resolve"):
                addresses = await resolve(self.config.hostname, self.config.port, self.config.family)
        sshd = addresses[0][1][:2] if addresses else (self.via.node if self.via else command, self.where)
        async with limits.unauthenticated(sshd):
            connection = await self._on_its_way(addresses, proxy)
            if limits.is_full(sshd):
                await _counted_as_logged_in(connection)
            return connection

    async def _on_its_way(
        self, addresses: list[Address], proxy: ProxyCommand | JumpCommand | None
    ) -> asyncssh.SSHClientConnection:
        limits = self._environment.limits
        if addresses:
            async with self._mapped(proxy, "tcp"):
                sock = await connect_tcp(
                    addresses, bind=self.config.bind_address, seconds=self._environment.deadlines.tcp
                )
            try:
                async with limits.handshake(None), self._mapped(proxy, "banner"):
                    return await self._handshake(sock=sock)
            except BaseException:
                sock.close()
                raise
        gateway = self.via.node if self.via else None
        async with limits.handshake(gateway), self._mapped(proxy, "tcp"):
            try:
                return await self._handshake(tunnel=self.via.connection if self.via and not proxy else proxy)
            except BaseException:
                if isinstance(proxy, ProxyCommand):
                    await proxy.end()
                raise

    @asynccontextmanager
    async def _mapped(self, proxy: ProxyCommand | JumpCommand | None, phase: str) -> AsyncIterator[None]:
        """The deadline of a phase and of those that follow in the block, and the seam for what is raised."""
        try:
            async with asyncio.timeout(None) as self._clock:
                self.phase(phase)
                yield
        except TimeoutError:
            raise deadline(self.node, self.where, self._phase, self._environment.deadlines.of(self._phase)) from None
        except asyncssh.HostKeyNotVerifiable as error:
            raise self._untrusted(error) from error
        except FOREIGN as error:
            via = self.via.node if self.via else None
            failure = connect_failure(error, node=self.node, where=self.where, phase=self._phase, via=via)
            if isinstance(failure, AuthError) and self.login.notes:
                failure.hint = f"{visible_line('; '.join(self.login.notes), 300)}. {failure.hint}"
            raise _with_words_of(proxy, failure) from error
        finally:
            self._clock = None

    def _untrusted(self, error: asyncssh.HostKeyNotVerifiable) -> TransportError:
        if self.trust.refusal is not None:
            return self.trust.refusal
        reason = error.reason
        return self.trust.revoked() if "revoked" in reason else self.trust.other(reason)

    async def _handshake(self, **way: Any) -> asyncssh.SSHClientConnection:
        return await asyncssh.connect(
            self.config.hostname,
            self.config.port,
            config=None,
            client_factory=lambda: _Client(self),
            **_options(self.config, self.trust),
            **way,
        )


async def _counted_as_logged_in(connection: asyncssh.SSHClientConnection) -> None:
    """Wait until sshd has taken the connection off its list of those that have not logged in.

    It says yes to the login a moment before; what it answers after that shows that the moment is over.
    """
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await connection._make_global_request(b"keepalive@openssh.com")  # noqa: SLF001 (no public call asks without effect)
    except (TimeoutError, *FOREIGN):
        return


def _with_words_of(proxy: ProxyCommand | JumpCommand | None, failure: TransportError) -> TransportError:
    if proxy is not None and proxy.errors:
        failure.hint = f"{proxy.words} says: {visible_line(proxy.errors.strip(), 300)}"
    return failure


def _options(config: HostConfig, trust: HostTrust) -> dict[str, Any]:
    """Everything that asyncssh would otherwise take from files of its own choice."""
    return {
        "username": config.user,
        "host_key_alias": config.host_key_alias,
        "known_hosts": trust.lists,
        "server_host_key_algs": algorithms.host_keys(config, trust.algorithms, has_authority=trust.has_authority),
        "x509_trusted_certs": None,
        "x509_trusted_cert_paths": [],
        "kex_algs": algorithms.key_exchanges(config),
        "encryption_algs": algorithms.ciphers(config),
        "mac_algs": algorithms.macs(config),
        "signature_algs": algorithms.signatures(config),
        "compression_algs": ["zlib@openssh.com", "zlib", "none"] if config.compression else ["none"],
        # Every key comes through the callbacks: asyncssh would offer all of the agent, and read files on the loop.
        "client_keys": None,
        "agent_path": None,
        "agent_forwarding": False,
        "x11_forwarding": False,
        "gss_host": () if config.gssapi else None,
        "gss_delegate_creds": False,
        "gss_kex": False,
        "host_based_auth": False,
        "public_key_auth": config.pubkey,
        "password_auth": config.password,
        "kbdint_auth": config.keyboard_interactive,
        "preferred_auth": config.preferred_authentications,
        "client_version": f"aen-tui_{__version__}",
        "tcp_keepalive": config.tcp_keepalive,
        "connect_timeout": None,
        "login_timeout": 0,
        "keepalive_interval": 0,
        # By the clock once a day and not for all at the same moment: fifty key exchanges are felt.
        "rekey_seconds": config.rekey_time or _REKEY_SECONDS * (1 + random.random()),  # noqa: S311
        **({"rekey_bytes": config.rekey_bytes} if config.rekey_bytes else {}),
        "command": None,
        "env": None,
        "send_env": None,
    }


async def connect(
    node: str,
    config: HostConfig,
    environment: Environment,
    *,
    via: SshLink | None = None,
    jump_command: str | None = None,
    on_phase: OnPhase = lambda _phase: None,
) -> SshLink:
    """An ssh connection, logged in.

    Args:
        node: the node's name, for errors and questions.
        config: the host's settings; its ProxyCommand is used where `via` is None.
        environment: what the connections of this run share.
        via: the link that carries it.
        jump_command: run on `via` instead of forwarding TCP.
        on_phase: told resolve | tcp | banner | host-key | login as they begin.

    Raises:
        TransportError: ResolveError, RefusedError, DeadlineError, AuthError, HostKeyError, JumpError.
    """
    return await _Attempt(node, config, environment, via=via, jump_command=jump_command, on_phase=on_phase).run()

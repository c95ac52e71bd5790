"""One connection per node, made once however many ask for it, gateways shared by their computes.

How a node is reached: by ProxyJump or ProxyCommand of the user's ssh configuration where there is
one, else through the inventory's `jump`, else directly. A hop that is itself a node of the inventory
is that node's own connection; other hops have one shared connection each.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from aen_tui.errors import (
    AenError,
    AuthError,
    ConfigError,
    DeadlineError,
    ForwardError,
    HostKeyError,
    JumpError,
    RefusedError,
    ResolveError,
    TransportError,
)
from aen_tui.model.clock import Clock, SystemClock
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName, NodeSpec
from aen_tui.transports.credentials import Credentials, Prompter
from aen_tui.transports.handshakes import HandshakeLimits
from aen_tui.transports.host_config import HostConfig
from aen_tui.transports.known_hosts import KnownHosts
from aen_tui.transports.link import SshLink
from aen_tui.transports.local import LocalLink
from aen_tui.transports.ssh import Deadlines, Environment, OnPhase, connect
from aen_tui.transports.ssh_config import SYSTEM_FILE, SshConfig

_HOPS_LIMIT = 8
_MEMORY_SECONDS = 5.0
"""For so long a gateway that failed is taken as down by those who want to go through it."""
_MEMORY_OF_A_NO_SECONDS = 60.0
"""The same where it said no: asking again and again may lock an account."""
_CLOSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Hop:
    """A jump host, as written: `[user@]host[:port]`."""

    host: str
    user: str | None = None
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Hop:
        """One hop.

        Raises:
            ValueError: the port is no number.
        """
        text = text.removeprefix("ssh://")
        user, _, where = text.rpartition("@")
        host, colon, port = where.rpartition(":")
        if where.startswith("["):
            host, _, rest = where[1:].partition("]")
            return cls(host, user or None, int(rest[1:]) if rest.startswith(":") else None)
        if not colon or ":" in host:
            return cls(where, user or None)
        return cls(host, user or None, int(port))


@dataclass(eq=False)
class _Entry:
    """A host that is, or may be, connected."""

    name: str
    """The node's name, or the hop as written."""
    hop: Hop
    spec: NodeSpec | None = None
    before: _Entry | None = None
    """The hop before this one in a chain."""
    link: SshLink | LocalLink | None = None
    attempt: asyncio.Future[SshLink | LocalLink] | None = None
    phase: str | None = None
    listeners: list[OnPhase] = field(default_factory=list)
    failure: AenError | None = None
    failed_at: float = 0.0
    up: asyncio.Event = field(default_factory=asyncio.Event)
    via: _Entry | None = None
    """What carried it, or should have, at the last attempt."""

    def enter(self, phase: str) -> None:
        """A phase of the attempt begins."""
        self.phase = phase
        for listener in list(self.listeners):
            listener(phase)


class LinkPool:
    """The connections of a run; an async context manager.

    Args:
        inventory: the nodes, and how they are reached.
        prompter: asks a person for passphrases, passwords and codes; None where nobody is there.
        clock: for how long ago a gateway failed.
        deadlines: of a connection's phases; the inventory's `connect_timeout_seconds` is that of TCP.
        system_config: the system's ssh configuration, read after the user's.
    """

    def __init__(
        self,
        inventory: Inventory,
        prompter: Prompter | None = None,
        clock: Clock | None = None,
        *,
        deadlines: Deadlines | None = None,
        system_config: Path | None = SYSTEM_FILE,
    ) -> None:
        self._inventory = inventory
        self._clock = clock or SystemClock()
        self._config = SshConfig(inventory.ssh.config, system=system_config)
        self._credentials = Credentials(prompter)
        self._environment = Environment(
            self._credentials,
            KnownHosts(),
            HandshakeLimits(inventory.ssh.handshakes_at_once),
            deadlines or Deadlines(tcp=inventory.ssh.connect_timeout_seconds),
        )
        self._nodes = {name: _Entry(name, Hop(spec.host), spec) for name, spec in inventory.nodes.items()}
        self._hops: dict[tuple[Hop, _Entry | None], _Entry] = {}
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Begin; connections are made when asked for."""
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close everything; attempts that are under way end."""
        for task in self._tasks:
            task.cancel()
        links = [entry.link for entry in (*self._nodes.values(), *self._hops.values()) if entry.link]
        for link in reversed(links):
            link.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                for link in links:
                    await (link.connection.wait_closed() if isinstance(link, SshLink) else link.wait_ended())
                await self._credentials.identities.close()
        except TimeoutError:
            pass
        await self._group.__aexit__(None, None, None)

    def link(self, node: NodeName) -> SshLink | LocalLink | None:
        """A node's connection, where it is up."""
        return self._nodes[node].link

    def via(self, node: NodeName) -> NodeName | None:
        """The node whose connection carries this one, as of the last attempt; None where it is none of ours."""
        entry = self._nodes[node].via
        return entry.spec.name if entry is not None and entry.spec is not None else None

    async def address(self, node: NodeName) -> tuple[str, int] | None:
        """Host and port where a node's sshd is reached from here; None where another host leads there.

        Raises:
            ConfigError: the ssh configuration is refused.
        """
        entry = self._nodes[node]
        if entry.hop.host == "local":
            return None
        config = await self._resolved(entry.hop)
        if config.proxy_command is not None or self._carriers(entry, config):
            return None
        return config.hostname, config.port

    async def connect(self, node: NodeSpec, on_phase: OnPhase = lambda _phase: None) -> SshLink | LocalLink:
        """A node's connection, made now where it is not up; several callers share one attempt.

        Args:
            node: a node of the inventory.
            on_phase: told jump | resolve | tcp | banner | host-key | login as they begin.

        Raises:
            TransportError: it did not work; JumpError at once where its gateway is known to be down.
            ConfigError: the ssh configuration is refused.
        """
        return await self._shared(self._nodes[node.name], on_phase)

    async def wait_via_up(self, node: NodeName) -> None:
        """Return when what carries the node is up: a reason to try it again at once. Never for a direct one."""
        entry = self._nodes[node].via
        await (entry.up.wait() if entry is not None else asyncio.Event().wait())

    def forget_refusals(self) -> None:
        """Somebody wants another try: passwords are asked again, gateways that said no are tried again."""
        self._credentials.forget_refusals()
        for entry in (*self._nodes.values(), *self._hops.values()):
            entry.failure = None

    async def _shared(self, entry: _Entry, on_phase: OnPhase) -> SshLink | LocalLink:
        if entry.link is not None and not entry.link.is_closed:
            return entry.link
        if entry.attempt is None:
            entry.attempt = asyncio.get_running_loop().create_future()
            entry.phase = None
            task = self._group.create_task(self._attempt(entry, entry.attempt), name=f"connect {entry.name}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif entry.phase:
            on_phase(entry.phase)
        entry.listeners.append(on_phase)
        try:
            return await asyncio.shield(entry.attempt)
        finally:
            entry.listeners.remove(on_phase)

    async def _attempt(self, entry: _Entry, outcome: asyncio.Future[SshLink | LocalLink]) -> None:
        try:
            link = LocalLink() if entry.hop.host == "local" and entry.spec else await self._reach(entry)
        except AenError as error:
            entry.failure, entry.failed_at = error, self._clock.monotonic()
            entry.attempt = None
            outcome.set_exception(error)
            outcome.exception()  # seen, whoever still waits
        except asyncio.CancelledError:
            entry.attempt = None
            outcome.cancel()
            raise
        else:
            entry.link, entry.failure, entry.attempt = link, None, None
            entry.up.set()
            link.on_closed(lambda: self._gone(entry, link))
            outcome.set_result(link)

    @staticmethod
    def _gone(entry: _Entry, link: SshLink | LocalLink) -> None:
        if entry.link is link:
            entry.link = None
            entry.up.clear()

    async def _reach(self, entry: _Entry) -> SshLink:
        config = await self._resolved(entry.hop)
        carriers = self._carriers(entry, config)
        entry.via = None
        if not carriers:
            return await self._login(entry, config, None)
        entry.enter("jump")
        config = replace(config, proxy_command=None)
        failures: list[TransportError] = []
        for carrier in carriers:
            entry.via = carrier
            try:
                return await self._login(entry, config, await self._through(entry, carrier))
            except (JumpError, ForwardError, RefusedError, DeadlineError, ResolveError) as error:
                failures.append(error)  # of the way, not of the host: the next may lead there
        entry.via = carriers[0]
        raise failures[0]

    async def _login(self, entry: _Entry, config: HostConfig, via: SshLink | None) -> SshLink:
        jump_command = entry.spec.jump_command if entry.spec is not None else None
        return await connect(
            entry.name, config, self._environment, via=via, jump_command=jump_command, on_phase=entry.enter
        )

    async def _resolved(self, hop: Hop) -> HostConfig:
        # In a thread: files may lie on a slow disk, and `Match exec` runs a command.
        return await asyncio.to_thread(self._config.resolve, hop.host, user=hop.user, port=hop.port)

    def _carriers(self, entry: _Entry, config: HostConfig) -> list[_Entry]:
        """What may carry a host: the hop before it in a chain, what its configuration says, or the inventory's jumps.

        None for a host that is reached directly, or by its ProxyCommand.
        """
        if entry.before is not None:
            return [entry.before]
        if config.proxy_command is not None:
            return []
        written = entry.spec.jumps if entry.spec else ()
        jumps = [config.proxy_jump] if config.proxy_jump is not None else list(written)
        return [self._carrier(entry, jump) for jump in jumps if jump.lower() != "none"]

    def _carrier(self, entry: _Entry, jump: str) -> _Entry:
        """The last of a chain of hops, separated by commas."""
        try:
            hops = [Hop.parse(text) for text in jump.split(",")]
        except ValueError:
            raise RefusedError(f"the jump host {jump!r} makes no sense", node=entry.name) from None
        carrier: _Entry | None = None
        for hop in hops:
            carrier = self._hop(hop, carrier)
        self._refuse_loop(entry, carrier)
        assert carrier is not None  # there is a hop at least
        return carrier

    def _hop(self, hop: Hop, before: _Entry | None) -> _Entry:
        if hop.user is None and hop.port is None:
            for node in self._nodes.values():
                if hop.host in (node.hop.host, node.name):
                    return node
        return self._hops.setdefault((hop, before), _Entry(hop.host, hop, before=before))

    @staticmethod
    def _refuse_loop(entry: _Entry, carrier: _Entry | None) -> None:
        seen = 0
        while carrier is not None:
            seen += 1
            if carrier is entry or carrier.hop == entry.hop or seen > _HOPS_LIMIT:
                raise JumpError(
                    f"the way to {entry.name} leads through itself",
                    node=entry.name,
                    hint="ProxyJump in the ssh configuration, or jump in the inventory: exclude the gateway from it.",
                )
            carrier = carrier.before or carrier.via

    async def _through(self, entry: _Entry, carrier: _Entry) -> SshLink:
        """The carrier's link; at once an error where it is known to be down."""
        failure = carrier.failure
        if failure is not None and carrier.attempt is None:
            no = isinstance(failure, AuthError | HostKeyError | ConfigError)
            memory = _MEMORY_OF_A_NO_SECONDS if no else _MEMORY_SECONDS
            if self._clock.monotonic() - carrier.failed_at < memory:
                raise _not_up(entry, carrier, failure)
        try:
            link = await self._shared(carrier, lambda _phase: None)
        except TransportError as error:
            raise _not_up(entry, carrier, error) from error
        if not isinstance(link, SshLink):
            raise JumpError(f"{carrier.name} is this machine, not a jump host", node=entry.name)
        return link


def _not_up(entry: _Entry, carrier: _Entry, failure: AenError) -> JumpError:
    return JumpError(f"{carrier.name} is not up: {failure.message}", node=entry.name, hint=failure.hint)

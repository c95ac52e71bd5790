"""The demo's sshds: one a node on the node's own address, one key logs in, forwarding inside the demo only."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

import asyncssh

from aen_tui.demo.node_shell import NodeShell, login_environment
from aen_tui.demo.plan import DemoNode, DemoPlan
from aen_tui.demo.tunnel import open_tunnel

_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


class _NodeServer(asyncssh.SSHServer):
    """Who may do what on a node."""

    def __init__(self, address: str, make_session: Callable[[], NodeShell], reachable: Mapping[str, str]) -> None:
        self._address = address
        self._make_session = make_session
        self._reachable = reachable

    def session_requested(self) -> NodeShell:
        """A shell or a command on this node."""
        return self._make_session()

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Awaitable[asyncssh.SSHTCPSession[bytes]]:
        """The way from a gateway to its computes; nothing of the machine outside the demo is reached."""
        address = self._reachable.get(dest_host)
        if address is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "not a node of this demo")
        return open_tunnel(self._address, address, dest_port)


class SshServers:
    """All of them, in one process.

    Args:
        plan: the nodes.
        tasks: where sessions run.
    """

    def __init__(self, plan: DemoPlan, tasks: asyncio.TaskGroup) -> None:
        self._plan = plan
        self._tasks = tasks
        self._groups: set[int] = set()
        self._acceptors: list[asyncssh.SSHAcceptor] = []

    async def start(
        self, sockets: Sequence[socket.socket], host_keys: Mapping[str, asyncssh.SSHKey], login_key: asyncssh.SSHKey
    ) -> None:
        """Listen on the bound sockets, one a node, in the plan's order."""
        authorized = asyncssh.import_authorized_keys(login_key.export_public_key().decode())
        for node, bound in zip(self._plan.nodes, sockets, strict=True):
            acceptor = await asyncssh.listen(
                sock=bound,
                server_factory=self._factory(node),
                server_host_keys=[host_keys[node.name]],
                authorized_client_keys=authorized,
                password_auth=False,
                kbdint_auth=False,
                host_based_auth=False,
                gss_host=None,
                agent_forwarding=False,
                x11_forwarding=False,
                encoding=None,
                line_editor=False,
                config=[],
                backlog=128,
            )
            self._acceptors.append(acceptor)

    def _factory(self, node: DemoNode) -> Callable[[], _NodeServer]:
        environment = login_environment(node, self._plan.user)
        reachable = {name: one.address for one in self._plan.nodes for name in (one.name, one.address)}
        reachable |= dict.fromkeys(_LOOPBACK_NAMES, node.address)

        def session() -> NodeShell:
            return NodeShell(node, environment, self._tasks.create_task, self._groups)

        return lambda: _NodeServer(node.address, session, reachable)

    def stop(self) -> None:
        """Close every connection and end what still runs in their sessions."""
        for acceptor in self._acceptors:
            acceptor.close()
        for group in self._groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
